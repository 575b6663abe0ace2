import type { Plugin } from '../../api/shapes.ts';
import { actionLooks, type Looks } from '../../document/kinds.ts';

/** How a plugin looks: as its first action does. */
export function looksOfPlugin(plugin: Plugin): Looks {
  const [action] = Object.values(plugin.actions);
  return action ? actionLooks(plugin, action) : { category: 'flow', icon: plugin.icon ?? 'plug' };
}
