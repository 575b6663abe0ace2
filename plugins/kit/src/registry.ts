import type { PluginManifest } from '@sojourn/schemas';
import type { ActionDefinition, ConnectionDefinition, PluginDefinition } from './contract.ts';
import { manifestOf } from './define.ts';

/** The plugins of a deployment. */
export interface PluginRegistry {
  manifests(): PluginManifest[];
  plugin(id: string): PluginDefinition | undefined;
  action(plugin: string, action: string): ActionDefinition | undefined;
  connectionType(plugin: string, type: string): ConnectionDefinition | undefined;
}

/** A registry of plugins; throws when two have the same id. */
export function createRegistry(plugins: readonly PluginDefinition[]): PluginRegistry {
  const byId = new Map<string, PluginDefinition>();
  for (const plugin of plugins) {
    if (byId.has(plugin.id)) throw new Error(`two plugins have the id '${plugin.id}'`);
    byId.set(plugin.id, plugin);
  }
  const manifests = plugins.map(manifestOf);
  const own = <Value>(record: Record<string, Value> | undefined, key: string): Value | undefined =>
    record && Object.hasOwn(record, key) ? record[key] : undefined;
  return {
    manifests: () => manifests,
    plugin: (id) => byId.get(id),
    action: (plugin, action) => own(byId.get(plugin)?.actions, action),
    connectionType: (plugin, type) => own(byId.get(plugin)?.connections, type),
  };
}
