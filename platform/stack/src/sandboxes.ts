import { join } from 'node:path';
import type { JsonObject, PluginDefinition, RunningSandbox } from '@sojourn/plugin-kit';
import {
  openSettings,
  sealSettings,
  secretFields,
  type ConnectionRecord,
  type Sealer,
  type Store,
} from '@sojourn/store';
import type { Report } from './parts.ts';
import type { Home } from './servers/index.ts';

// The outside world of the embedded stack: one stand-in for each channel that ships one, and a connection that leads into it.
//
//   B1. What a stand-in answered for is in the home, and there again after a restart.
//   B2. A connection that was made for a stand-in follows it, whatever its port and credentials are now. One that leads
//       elsewhere, or that somebody deleted, is left alone.

/** A stand-in that runs. */
export interface StartedSandbox {
  plugin: string;
  sandbox: RunningSandbox;
  /** What it answers on, for whoever watches the start. */
  address: string;
}

/** The setting that says where the stand-ins of an embedded stack are. */
export const sandboxAddresses = 'sandbox-addresses';

/** Names of connections, in the words of whoever uses them. */
const names: Record<string, string> = {
  email: 'Mail sandbox',
  sms: 'SMS sandbox',
  'pharmacy-delivery': 'Pharmacy sandbox',
  'insurance-enrollment': 'Insurer sandbox',
  'rep-visit': 'Representatives sandbox',
};

/** Starts the stand-ins of these plugins, and connects them. What was started stands in `stops`. */
export async function startSandboxes(given: {
  plugins: readonly PluginDefinition[];
  home: Home;
  store: Pick<Store, 'connections' | 'settings'>;
  sealer: Sealer;
  now: number;
  report: Report;
  stops: (() => Promise<void>)[];
}): Promise<StartedSandbox[]> {
  const { plugins, home, store, sealer, now, report, stops } = given;
  const started: StartedSandbox[] = [];
  for (const plugin of plugins) {
    if (!plugin.sandbox) continue;
    const { id } = plugin;
    report({ part: 'sandbox', detail: `starting the stand-in of '${id}'` });
    const place = id === 'email' ? 'mail' : id;
    const sandbox = await plugin.sandbox.start({
      directory: join(home.path, 'sandbox', place),
      port: await home.portFor(place),
    });
    stops.push(() => sandbox.close());
    await connect(store, sealer, plugin, sandbox, now);
    const [first = ''] = localAddresses(sandbox.connection.settings);
    started.push({ plugin: id, sandbox, address: first });
  }
  return started;
}

/** Makes the connection into a stand-in once, and lets it follow (B2). */
async function connect(
  store: Pick<Store, 'connections' | 'settings'>,
  sealer: Sealer,
  plugin: PluginDefinition,
  sandbox: RunningSandbox,
  now: number,
): Promise<void> {
  const id = `default-${plugin.id}`;
  const { type, settings } = sandbox.connection;
  const schema = plugin.connections?.[type]?.schema ?? {};
  const sealed = sealSettings(sealer, id, settings, secretFields(schema));
  const known = await store.connections.get(id);
  if (known) {
    const opened = openSettings(sealer, id, known.settings);
    const isOurs = localAddresses(opened).length > 0;
    if (isOurs && JSON.stringify(opened) !== JSON.stringify(settings))
      await store.connections.replace({ ...known, settings: sealed, updatedAt: now });
    return;
  }
  const { stored } = await store.settings.putOnce(`sandbox-connected/${plugin.id}`, true);
  if (!stored) return; // somebody deleted it
  const record: ConnectionRecord = {
    ...{ id, plugin: plugin.id, type, name: names[plugin.id] ?? `${plugin.id} sandbox` },
    ...{ settings: sealed, limits: {}, createdAt: now, updatedAt: now },
    default: (await store.connections.defaultOf(plugin.id)) === undefined,
  };
  await store.connections.insert(record);
}

/** The addresses on this machine that settings lead to, as `host:port`, wherever they stand. */
export function localAddresses(settings: JsonObject): string[] {
  const { host, port, baseUrl } = settings;
  const own: string[] = [];
  if (isLocal(host) && typeof port === 'number') own.push(`${host}:${port}`);
  if (typeof baseUrl === 'string' && URL.canParse(baseUrl)) {
    const url = new URL(baseUrl);
    if (isLocal(url.hostname)) own.push(url.host);
  }
  const within = Object.values(settings).flatMap((value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? localAddresses(value)
      : [],
  );
  return [...own, ...within];
}

const isLocal = (host: unknown): host is string => host === '127.0.0.1' || host === 'localhost';
