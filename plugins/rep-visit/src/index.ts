export { repVisitPlugin } from './plugin.ts';
export type { NewTask, TaskList } from './task-list.ts';
