import type { PluginManifest } from '@sojourn/schemas';
import type { ActionDefinition, ConnectionDefinition, PluginDefinition } from './contract.ts';
import { manifestOf } from './define.ts';

/** The plugins of a deployment, as they stand: an own plugin may come, change and go while it runs. */
export interface PluginRegistry {
  manifests(): PluginManifest[];
  plugin(id: string): PluginDefinition | undefined;
  /** An action; with `schemaVersion` the one that keeps that version, as a published plan pinned it. */
  action(plugin: string, action: string, schemaVersion?: number): ActionDefinition | undefined;
  connectionType(plugin: string, type: string): ConnectionDefinition | undefined;
  /** Calls back whenever a plugin came, changed or went, until the answered function is called. */
  watch(onChange: () => void): () => void;
}

/** A registry whose plugins can be exchanged. */
export interface LiveRegistry extends PluginRegistry {
  put(plugin: PluginDefinition): void;
  remove(id: string): void;
}

/** A registry of plugins; throws when two have the same id. */
export function createRegistry(plugins: readonly PluginDefinition[]): LiveRegistry {
  const byId = new Map<string, { plugin: PluginDefinition; manifest: PluginManifest }>();
  const watchers = new Set<() => void>();
  const tell = (): void => {
    for (const watcher of watchers) watcher();
  };
  for (const plugin of plugins) {
    if (byId.has(plugin.id)) throw new Error(`two plugins have the id '${plugin.id}'`);
    byId.set(plugin.id, { plugin, manifest: manifestOf(plugin) });
  }
  let manifests: PluginManifest[] | undefined;
  const own = <Value>(record: Record<string, Value> | undefined, key: string): Value | undefined =>
    record && Object.hasOwn(record, key) ? record[key] : undefined;

  return {
    manifests: () => (manifests ??= [...byId.values()].map(({ manifest }) => manifest)),
    plugin: (id) => byId.get(id)?.plugin,
    action(plugin, name, schemaVersion) {
      const action = own(byId.get(plugin)?.plugin.actions, name);
      if (schemaVersion === undefined || action?.schemaVersion === schemaVersion) return action;
      return action?.earlier?.[schemaVersion];
    },
    connectionType: (plugin, type) => own(byId.get(plugin)?.plugin.connections, type),
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
    put(plugin) {
      byId.set(plugin.id, { plugin, manifest: manifestOf(plugin) });
      manifests = undefined;
      tell();
    },
    remove(id) {
      if (!byId.delete(id)) return;
      manifests = undefined;
      tell();
    },
  };
}
