import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  JsonObject,
  PluginDefinition,
  PluginSubject,
  RunningSandbox,
  SandboxDefinition,
} from '../contract.ts';
import { createTestHost, type TestHost } from './host.ts';
import { openLine, type Line } from './line.ts';
import { openWebhook, type Webhook } from './webhook.ts';

/** One way to use an action that must work. */
export interface ActionExample {
  /** Whether the platform itself tells how it ended, as of a task on its own list: no provider is asked. */
  endsByPlatform?: boolean;
  /** As it is rendered. */
  config: JsonObject;
  subject?: PluginSubject;
  purpose?: string;
  /** How often the outside world has the effect of this key. Absent: the plugin has no connection, and changes nothing there. */
  effects?(sandbox: RunningSandbox, key: string): Promise<number>;
  /**
   * Plays the other side until it reports the end of the effect with this key: asked of an action that settles later, of a plugin
   * that takes callbacks. Answers the outcome that follows.
   */
  ends?(sandbox: RunningSandbox, key: string): Promise<string>;
}

/** One way in which an event comes about that the provider tells by itself. */
export interface EventExample {
  /** Plays the other side until its provider tells of it. */
  happens(sandbox: RunningSandbox): Promise<void>;
}

/** What the contract tests need to know of a plugin. */
export interface ContractTestOptions {
  /** One for each action. */
  actions?: Record<string, ActionExample>;
  /** Some of the events: of a plugin without actions each. */
  events?: Record<string, EventExample>;
  /** The outside world to test against; by default the plugin's own. */
  sandbox?: SandboxDefinition;
  /** Settings beside those of the sandbox: secrets, so that it can be seen that nobody tells them. */
  settings?: JsonObject;
  /** For each action and schema version a config of the version before, and what it becomes. */
  migrations?: Record<string, Record<number, { from: JsonObject; to: JsonObject }>>;
}

/** The sandbox, the line to it, the address for its callbacks and the host over all of them. */
export interface Outside {
  sandbox: RunningSandbox;
  line: Line;
  host: TestHost;
  webhook: Webhook;
  settings: JsonObject;
  close(): Promise<void>;
}

/** Starts the sandbox and everything around it. */
export async function openOutside(
  plugin: PluginDefinition,
  options: ContractTestOptions,
): Promise<Outside> {
  const definition = options.sandbox ?? plugin.sandbox;
  if (!definition) throw new Error(`plugin '${plugin.id}' has no sandbox, and none is given`);
  const directory = await mkdtemp(join(tmpdir(), 'sojourn-contract-'));
  const sandbox = await definition.start({ directory });
  const { type } = sandbox.connection;
  const settings = { ...sandbox.connection.settings, ...options.settings };
  const provider = addressIn(settings);
  const line = await openLine(provider);
  const webhook = await openWebhook();
  sandbox.callBack?.(webhook.url);
  const host = createTestHost(plugin, { type, settings }, (name, port) =>
    name === provider.host && port === provider.port
      ? { host: '127.0.0.1', port: line.port }
      : undefined,
  );
  return {
    sandbox,
    line,
    host,
    webhook,
    settings,
    async close() {
      await line.close();
      await sandbox.close();
      await webhook.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Where a connection's settings lead: by `host` and `port`, in themselves or in `smtp`, or by `baseUrl`. */
function addressIn(settings: JsonObject): { host: string; port: number } {
  const { host, port, baseUrl, smtp } = settings;
  if (typeof host === 'string' && typeof port === 'number') return { host, port };
  if (typeof smtp === 'object' && smtp !== null && !Array.isArray(smtp)) return addressIn(smtp);
  if (typeof baseUrl !== 'string')
    throw new Error("a sandbox's settings name `host` and `port`, also in `smtp`, or a `baseUrl`");
  const url = new URL(baseUrl);
  return { host: url.hostname, port: Number(url.port) };
}

/** The values of the fields that a connection's schema marks as secret, wherever they stand. */
export function secretsOf(plugin: PluginDefinition, settings: JsonObject): string[] {
  const found: string[] = [];
  const look = (schema: unknown, value: unknown): void => {
    if (typeof schema !== 'object' || schema === null || value === undefined) return;
    const node = schema as JsonObject;
    if (node['x-secret'] === true) found.push(...textsIn(value));
    const properties = (node['properties'] ?? {}) as JsonObject;
    for (const [name, part] of Object.entries(properties))
      look(part, (value as JsonObject | null)?.[name]);
    for (const part of [node['anyOf'], node['oneOf'], node['allOf']].flat()) look(part, value);
    if (typeof value === 'object' && value !== null)
      for (const part of Object.values(value)) look(node['additionalProperties'], part);
  };
  for (const { schema } of Object.values(plugin.connections ?? {})) look(schema, settings);
  return found.filter((text) => text.length >= 4);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
