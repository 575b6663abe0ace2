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
import type { Home } from './servers/index.ts';

// The outside world of the embedded stack: one stand-in for each channel that ships one, and a connection that leads into it.
//
//   B1. What a stand-in answered for is in the home, and there again after a restart.
//   B2. A connection that was made for a stand-in follows it, whatever its port and credentials are now. One that leads
//       elsewhere, or that somebody deleted, is left alone.
//   B3. Plugins of one's own have theirs too, as long as the plugin is there.

/** The stand-ins that run here, as they come and go. */
export interface OutsideWorld {
  sandboxes: ReadonlyMap<string, RunningSandbox>;
  /** Where each of them answers, by its plugin: `host:port`. */
  addresses(): Map<string, string[]>;
  /** Starts the stand-in of a plugin, instead of one that may stand, and connects it. */
  add(
    plugin: PluginDefinition,
    start: (where: { directory: string; port: number }) => Promise<RunningSandbox>,
  ): Promise<void>;
  remove(id: string): Promise<void>;
  /** From now on each is told its one address for callbacks, and what arrives is told. */
  goLive(live: { callbackUrl: (plugin: string) => string; onArrival: () => void }): void;
  close(): Promise<void>;
}

/** The setting that says where the stand-ins of an embedded stack are: for workers beside this process. */
export const sandboxAddresses = 'sandbox-addresses';

/** Names of connections, in the words of whoever uses them. */
const names: Record<string, string> = {
  email: 'Mail sandbox',
  sms: 'SMS sandbox',
  'pharmacy-delivery': 'Pharmacy sandbox',
  'insurance-enrollment': 'Insurer sandbox',
  'rep-visit': 'Representatives sandbox',
};

/** An outside world without anybody in it. */
export function createOutsideWorld(given: {
  home: Home;
  store: Pick<Store, 'connections' | 'settings'>;
  sealer: Sealer;
  clock: () => number;
}): OutsideWorld {
  const { home, store, sealer, clock } = given;
  const sandboxes = new Map<string, RunningSandbox>();
  let live: Parameters<OutsideWorld['goLive']>[0] | undefined;

  const addresses = (): Map<string, string[]> =>
    new Map(
      [...sandboxes].map(([plugin, { connection }]) => [
        plugin,
        localAddresses(connection.settings),
      ]),
    );
  const note = (): Promise<void> =>
    store.settings.put(sandboxAddresses, [...addresses().values()].flat());
  const bringToLife = (plugin: string, sandbox: RunningSandbox): void => {
    if (!live) return;
    sandbox.callBack?.(live.callbackUrl(plugin));
    sandbox.watch(live.onArrival);
  };

  return {
    sandboxes,
    addresses,
    async add(plugin, start) {
      const { id } = plugin;
      const before = sandboxes.get(id);
      sandboxes.delete(id);
      await before?.close(); // its port is wanted
      const place = id === 'email' ? 'mail' : id;
      const sandbox = await start({
        directory: join(home.path, 'sandbox', place),
        port: await home.portFor(place),
      });
      sandboxes.set(id, sandbox);
      await note();
      await connect(store, sealer, plugin, sandbox, clock());
      bringToLife(id, sandbox);
    },
    async remove(id) {
      const sandbox = sandboxes.get(id);
      if (!sandbox) return;
      sandboxes.delete(id);
      await sandbox.close();
      await note();
    },
    goLive(next) {
      live = next;
      for (const [plugin, sandbox] of sandboxes) bringToLife(plugin, sandbox);
    },
    async close() {
      await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()));
    },
  };
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
    ...{
      id,
      plugin: plugin.id,
      type,
      name: names[plugin.id] ?? `${englishOf(plugin.name)} sandbox`,
    },
    ...{ settings: sealed, limits: {}, createdAt: now, updatedAt: now },
    default: (await store.connections.defaultOf(plugin.id)) === undefined,
  };
  await store.connections.insert(record);
}

/** A text in English, which every connection's name begins as: whoever uses it renames it. */
function englishOf(name: PluginDefinition['name']): string {
  return typeof name === 'string' ? name : (name['en'] ?? '');
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
