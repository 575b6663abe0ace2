export { repVisitPlugin } from './plugin.ts';
