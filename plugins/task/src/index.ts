export { taskPlugin } from './plugin.ts';
export { overdue } from './schemas.ts';
