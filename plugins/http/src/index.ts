export { http } from './plugin.ts';
