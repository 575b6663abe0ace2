export { taskPlugin } from './plugin.ts';
export type { NewTask, TaskList } from './task-list.ts';
