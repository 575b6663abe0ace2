import { pathToFileURL } from 'node:url';
import type { PluginDefinition } from '../contract.ts';

/** The plugin that a module exports: the first value that looks like one. Rejects when there is none, or it cannot be loaded. */
export async function importPlugin(path: string): Promise<PluginDefinition> {
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const found = Object.values(module).find(
    (value) =>
      typeof value === 'object' && value !== null && 'apiVersion' in value && 'actions' in value,
  );
  if (!found) throw new Error('the module exports no plugin: export what definePlugin answers');
  return found as PluginDefinition;
}
