import { localText } from '@sojourn/schemas';
import type { Connection, Plugin } from '../../api/shapes.ts';

// How a plugin is, by what its connections said at their last check. Pure.

/** `free`: it needs no connection. `lacking`: it needs one and has none. */
export type PluginHealth = 'free' | 'lacking' | 'unknown' | 'ok' | 'degraded' | 'down';

/** The worst of a plugin's connections. */
export function healthOf(plugin: Plugin, connections: readonly Connection[]): PluginHealth {
  const own = connections.filter((one) => one.plugin === plugin.id);
  if (own.length === 0)
    return Object.keys(plugin.connections ?? {}).length === 0 ? 'free' : 'lacking';
  const found = own.map(({ health }) => health?.status ?? 'unknown');
  return (['down', 'degraded', 'unknown'] as const).find((one) => found.includes(one)) ?? 'ok';
}

/** Whether a plugin is meant by what was searched for: by its name, id, actions or events. */
export function isMeant(plugin: Plugin, searched: string, language: string): boolean {
  const words = [
    plugin.id,
    localText(plugin.name, language),
    localText(plugin.description, language),
    ...Object.entries(plugin.actions).flatMap(([name, { title }]) => [
      name,
      localText(title, language),
    ]),
    ...Object.entries(plugin.events ?? {}).flatMap(([type, { title }]) => [
      type,
      localText(title, language),
    ]),
  ];
  const all = words.join('\n').toLowerCase();
  return searched
    .toLowerCase()
    .split(/\s+/)
    .every((part) => all.includes(part));
}
