import { email } from '@sojourn/plugin-email';
import { http } from '@sojourn/plugin-http';
import { insuranceEnrollment } from '@sojourn/plugin-insurance-enrollment';
import {
  createRegistry,
  type LiveRegistry,
  type PluginDefinition,
  type TaskList,
} from '@sojourn/plugin-kit';
import { pharmacyDelivery } from '@sojourn/plugin-pharmacy-delivery';
import { repVisitPlugin } from '@sojourn/plugin-rep-visit';
import { sms } from '@sojourn/plugin-sms';
import { taskPlugin } from '@sojourn/plugin-task';

/** The plugins that come with Sojourn: this is the only place that names them all. */
export function shippedPlugins(parts: { tasks?: TaskList } = {}): PluginDefinition[] {
  const list = parts.tasks ? { list: parts.tasks } : {};
  return [
    ...[email, sms, repVisitPlugin(list), pharmacyDelivery, insuranceEnrollment],
    ...[http, taskPlugin(list)],
  ];
}

/** A registry of them. Without a task list it serves where nothing is performed. */
export function shippedRegistry(parts: { tasks?: TaskList } = {}): LiveRegistry {
  return createRegistry(shippedPlugins(parts));
}
