import { email } from '@sojourn/plugin-email';
import { createRegistry, type PluginRegistry } from '@sojourn/plugin-kit';

/** The plugins that come with Sojourn. This is the only place that names them all. */
export const shippedPlugins = [email];

/** A registry of the plugins that come with Sojourn. */
export function shippedRegistry(): PluginRegistry {
  return createRegistry(shippedPlugins);
}
