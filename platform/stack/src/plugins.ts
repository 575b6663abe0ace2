import { email } from '@sojourn/plugin-email';
import { http } from '@sojourn/plugin-http';
import { createRegistry, type PluginRegistry } from '@sojourn/plugin-kit';
import { taskPlugin, type TaskList } from '@sojourn/plugin-task';

/**
 * A registry of the plugins that come with Sojourn: this is the only place that names them all. Without a task list it
 * serves where nothing is performed.
 */
export function shippedRegistry(parts: { tasks?: TaskList } = {}): PluginRegistry {
  const { tasks } = parts;
  return createRegistry([email, http, taskPlugin(tasks ? { list: tasks } : {})]);
}
