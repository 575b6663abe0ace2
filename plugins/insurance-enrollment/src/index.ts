export { insuranceEnrollment } from './plugin.ts';
