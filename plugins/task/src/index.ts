export { taskPlugin } from './plugin.ts';
export { overdue } from './schemas.ts';
export type { NewTask, TaskList } from './task-list.ts';
