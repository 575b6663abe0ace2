export { pharmacyDelivery } from './plugin.ts';
