import { checkValue, faultsOf, manifestValidator, type PluginManifest } from '@sojourn/schemas';

import type { PluginDefinition } from './contract.ts';
import { profileFaults, type ProfileUse } from './profile.ts';

/**
 * Checks a plugin and answers it unchanged. Throws on the first fault, with its place: a broken plugin must not start.
 *
 * @example
 * export const greet = definePlugin({
 *   id: 'greet', version: '1.0.0', apiVersion: 1, name: 'Greeting',
 *   actions: { say: { title: 'Say hello', schemaVersion: 1, config: {}, output: {}, outcomes: ['said'], settles: 'now',
 *     perform: async () => done('said') } },
 * });
 */
export function definePlugin<Plugin extends PluginDefinition>(plugin: Plugin): Plugin {
  const manifest = manifestOf(plugin);
  const [fault] = faultsOf(manifestValidator, manifest);
  if (fault) throw new PluginDefinitionError(plugin.id, fault.pointer, fault.detail);
  if (Object.keys(plugin.actions).length === 0 && Object.keys(plugin.events ?? {}).length === 0)
    throw new PluginDefinitionError(
      plugin.id,
      '/actions',
      'it neither does nor tells anything: give it an action or an event',
    );
  for (const [pointer, schema, use] of schemasOf(plugin)) {
    const [outside] = profileFaults(schema, use);
    if (outside)
      throw new PluginDefinitionError(plugin.id, `${pointer}${outside.pointer}`, outside.detail);
  }
  for (const [name, action] of Object.entries(plugin.actions)) {
    if (action.connection !== undefined && !plugin.connections?.[action.connection]) {
      throw new PluginDefinitionError(
        plugin.id,
        `/actions/${name}/connection`,
        `there is no connection type '${action.connection}'`,
      );
    }
    if (
      action.whenSuppressed !== undefined &&
      Array.isArray(action.outcomes) &&
      !action.outcomes.includes(action.whenSuppressed)
    ) {
      throw new PluginDefinitionError(
        plugin.id,
        `/actions/${name}/whenSuppressed`,
        `'${action.whenSuppressed}' is none of its outcomes`,
      );
    }
    if (action.sample !== undefined) {
      const [wrong] = checkValue(action.output, action.sample);
      if (wrong)
        throw new PluginDefinitionError(
          plugin.id,
          `/actions/${name}/sample${wrong.pointer}`,
          wrong.detail,
        );
    }
  }
  return plugin;
}

/** Every schema of a plugin, with its place and what it is for. */
function* schemasOf(
  plugin: PluginDefinition,
): Generator<[pointer: string, schema: unknown, use: ProfileUse]> {
  for (const [type, { schema }] of Object.entries(plugin.connections ?? {}))
    yield [`/connections/${type}/schema`, schema, { of: 'connection' }];
  for (const [name, current] of Object.entries(plugin.actions))
    for (const [at, action] of [
      [`/actions/${name}`, current] as const,
      ...Object.entries(current.earlier ?? {}).map(
        ([version, earlier]) => [`/actions/${name}/earlier/${version}`, earlier] as const,
      ),
    ]) {
      const options = Object.keys(action.options ?? current.options ?? {});
      yield [`${at}/config`, action.config, { of: 'config', options }];
      yield [`${at}/output`, action.output, { of: 'output' }];
    }
  for (const [type, { schema, config }] of Object.entries(plugin.events ?? {})) {
    yield [`/events/${type}/schema`, schema, { of: 'event' }];
    if (config) yield [`/events/${type}/config`, config, { of: 'config' }];
  }
}

/** A plugin's definition does not keep the contract. */
export class PluginDefinitionError extends Error {
  readonly pointer: string;

  constructor(plugin: string, pointer: string, detail: string) {
    super(`plugin '${plugin}'${pointer === '' ? '' : `, ${pointer}`}: ${detail}`);
    this.name = 'PluginDefinitionError';
    this.pointer = pointer;
  }
}

/** A plugin's manifest: what it is, without its functions. Safe to send to a browser. */
export function manifestOf(plugin: PluginDefinition): PluginManifest {
  const { callbacks: _callbacks, sandbox: _sandbox, actions, connections, ...rest } = plugin;
  return withoutFunctions({
    ...rest,
    ...(connections
      ? {
          connections: Object.fromEntries(
            Object.entries(connections).map(([type, connection]) => [
              type,
              { ...connection, checks: connection.check !== undefined },
            ]),
          ),
        }
      : {}),
    actions: Object.fromEntries(
      Object.entries(actions).map(
        ([name, { migrations: _migrations, earlier: _earlier, options: _options, ...action }]) => [
          name,
          action,
        ],
      ),
    ),
  }) as PluginManifest;
}

function withoutFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFunctions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => typeof item !== 'function' && item !== undefined)
      .map(([key, item]) => [key, withoutFunctions(item)]),
  );
}
