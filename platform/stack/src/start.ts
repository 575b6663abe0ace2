import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  createApi,
  createIds,
  createLinkSigner,
  droppedVersions,
  droppedWords,
  issueSignIn,
  ensureOwner,
  installPolicies,
  webhookUrlOf,
  type PartStatus,
  type Platform,
} from '@sojourn/api';
import { createRegistry } from '@sojourn/plugin-kit';
import { createSealer, openSettings, type Store } from '@sojourn/store';
import {
  connectClient,
  contextOf,
  createPlanCache,
  createRunHost,
  subjectKeys,
} from '@sojourn/temporal';
import { createEgress } from '@sojourn/plugin-kit/host';
import { identitySecretOf, keyTextsOf, openStore } from './deployment.ts';
import { loadDemo } from './demo/load.ts';
import { keepWorker } from './keep-worker.ts';
import { shippedPlugins } from './plugins.ts';
import { requireNothingDropped } from './dropped.ts';
import { createLog } from './log.ts';
import { mindTemporal } from './rebuild.ts';
import { watchTemporal } from './outside-temporal.ts';
import { ownerToken } from './owner-token.ts';
import { partOf, startServers, type Report } from './parts.ts';
import { startOwnPlugins } from './own-plugins.ts';
import { createOutsideWorld } from './sandboxes.ts';
import { openHome, requireFreePort } from './servers/index.ts';
import type { StackSettings } from './settings.ts';
import { taskListOf } from './task-list.ts';
import { version } from './version.ts';
import { workerOptionsOf } from './worker-options.ts';

/** A stack that runs. */
export interface RunningStack {
  url: string;
  signInLink: string;
  tokenFile: string;
  addresses: { part: string; address: string }[];
  platform: Platform;
  store: Store;
  status(): PartStatus[];
  /** Stops every part, the last started first; nothing is lost. */
  stop(): Promise<void>;
}

/** Where the built web app lies. */
const webDirectory = new URL('../../../builder-ui/dist/web/', import.meta.url);

/**
 * Starts everything on this machine. Rejects with a `StackError` that says what was wrong and what to do, and with the signal's
 * reason when it is aborted before everything stands; what was started by then is stopped.
 */
export async function startStack(
  settings: StackSettings,
  say: Report,
  signal: AbortSignal = new AbortController().signal,
): Promise<RunningStack> {
  const stops: (() => Promise<void>)[] = [];
  const report: Report = (step) => {
    signal.throwIfAborted(); // before each thing that is begun
    say(step);
  };
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const stack = await start(settings, { report, say }, stops, stopAll);
    signal.throwIfAborted();
    return stack;
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function start(
  settings: StackSettings,
  { report, say }: { report: Report; say: Report },
  stops: (() => Promise<void>)[],
  stopAll: () => Promise<void>,
): Promise<RunningStack> {
  await requireFreePort(settings.port, 'SOJOURN_PORT');
  const home = await openHome(settings.home);
  stops.push(() => home.release());
  const log = createLog(join(home.logs, 'sojourn.log'));
  const clock = Date.now;

  const [mongo, temporal] = await startServers(settings, home, report, stops);
  if (!(await keyTextsOf(settings))) await home.secret('deployment.key'); // made once
  const store = await openStore(mongo.uri, settings, report, { settles: true, log });
  stops.push(() => store.close());
  await installPolicies(store.policies, clock); // before anybody is contacted
  const sealer = createSealer(store.roots);
  const keys = subjectKeys(store.subjectKeys, store.roots);
  const signer = createLinkSigner(store.roots);
  const shipped = shippedPlugins({ tasks: taskListOf(store) });
  await requireNothingDropped(store, shipped);
  const registry = createRegistry(shipped);
  const plans = createPlanCache(store.journeys);

  const isEmbedded = settings.mongoUri === undefined;
  const world = createOutsideWorld({ home, store, sealer, clock });
  stops.push(() => world.close());
  for (const plugin of shipped) {
    const { id, sandbox } = plugin;
    if (!isEmbedded || !sandbox) continue;
    report({ part: 'sandbox', detail: `starting the stand-in of '${id}'` });
    await world.add(plugin, (where) => sandbox.start(where));
  }
  const { sandboxes } = world;
  const open = (): string[] => [...settings.egressAllow, ...[...world.addresses().values()].flat()];
  const egress = createEgress({ allows: (host, port) => open().includes(`${host}:${port}`) });
  const secrets = {
    open: (record: Parameters<typeof contextOf>[1] & object) =>
      openSettings(sealer, record.id, record.settings),
  };

  let tellOfPlugins = (): void => undefined; // until there is somebody to tell
  const plugins = await startOwnPlugins({
    ...{ folders: settings.pluginFolders, registry, open },
    ...(isEmbedded ? { world } : {}),
    log: {
      info: (message, values) => log.info({ ...values }, message),
      warn: (message, values) => log.warn({ ...values }, message),
    },
    refusal: async (plugin) => (await droppedVersions(store, [plugin])).map(droppedWords)[0],
    onChange: (list) => {
      tellOfPlugins();
      for (const { folder, status, detail } of list)
        if (status === 'broken') say({ part: 'plugin', detail: `${folder}: ${detail ?? ''}` });
    },
  });
  stops.push(() => plugins.close());

  report({ part: 'worker', detail: 'starting the worker' });
  const { temporalNamespace: namespace } = settings;
  const client = await connectClient({ address: temporal.address, namespace, keys });
  stops.push(() => client.connection.close());
  const host = createRunHost(client, store);
  const ids = createIds(await identitySecretOf(store.settings));
  const worker = await keepWorker(
    await workerOptionsOf({
      ...{ settings, address: temporal.address, store, sealer, signer, keys, plans, registry },
      ...{ egress, host, log, clock },
    }),
    log,
  );
  stops.push(() => worker.stop());

  const outside = settings.temporalAddress === undefined ? undefined : watchTemporal(client);
  if (outside) stops.push(() => outside.stop());
  const status = (): PartStatus[] => [
    ...mongo.parts(),
    ...(outside ? [outside.part()] : temporal.parts()),
    { name: 'worker', ...partOf(worker.state()) },
    ...(sandboxes.size > 0 ? [{ name: 'sandbox', state: 'up' as const, since: startedAt }] : []),
  ];
  const startedAt = clock();
  const demo = await store.settings.get('demo');
  const api = createApi({
    store,
    host,
    registry,
    sealer,
    ids,
    signer,
    plans,
    sandboxes,
    ownPlugins: () => plugins.list(),
    pluginContext: (record, plugin, limit) =>
      contextOf({ secrets, egress, log, clock }, record, plugin, limit),
    status,
    settings: {
      baseUrl: settings.url,
      timeZone: settings.timeZone,
      version,
      webDirectory: webDirectory.pathname,
      demo: settings.demo,
    },
    log,
    clock,
  });
  const { platform } = api;
  tellOfPlugins = () => platform.live.tell('plugins');
  stops.push(() => api.close());
  await mindTemporal({
    ...{ client, host, store, plans, clock, log, report },
    isOurs: settings.temporalAddress === undefined && settings.mongoUri === undefined,
  });
  await platform.erasure.sweep();
  await platform.tasks.sweep(0);
  await platform.reportInbox.sweep();
  await platform.listening.follow();
  await platform.intake.sweep(0); // what a crash left behind comes before what is new
  const sweeping = setInterval(() => {
    const { intake, tasks, erasure, reportInbox, listening, connections } = platform;
    Promise.all([
      intake.sweep(5_000),
      tasks.sweep(5_000),
      erasure.sweep(),
      reportInbox.sweep(),
      listening.follow(),
      connections.checkDue(),
    ]).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'the sweep failed; it is tried again'),
    );
  }, 2_000);
  stops.push(() => {
    clearInterval(sweeping);
    return Promise.resolve();
  });

  const server = createServer(api.handler);
  await listen(server, settings.port);
  stops.push(() => closeServer(server));
  world.goLive({
    callbackUrl: (plugin) =>
      webhookUrlOf(signer, settings.url, { id: `default-${plugin}`, plugin }),
    onArrival: () => platform.live.tell('sandbox'),
  });

  const owner = await ensureOwner(store.access, clock);
  const tokenFile = join(home.path, 'token');
  const token = await ownerToken(store, owner.id, tokenFile, clock);
  if (demo === undefined) {
    if (settings.demo) {
      report({ part: 'demo', detail: 'loading two journeys and 26 patients' });
      await loadDemo({ url: `http://127.0.0.1:${settings.port}`, token, now: clock() });
    }
    await store.settings.put('demo', settings.demo ? 'loaded' : 'none'); // into a new home only
  }
  globalThis.gc?.(); // what the start left behind: by itself it stays until there is much more of it, which may be never
  return {
    url: settings.url,
    signInLink: `${settings.url}/sign-in/${await issueSignIn(store.access, owner.id, clock)}`,
    tokenFile,
    addresses: [
      { part: 'web and API', address: settings.url },
      ...mongo.shown,
      ...temporal.shown,
      ...[...world.addresses()].map(([plugin, [address = '']]) => ({
        ...{ part: `sandbox of ${plugin}`, address },
      })),
      { part: 'data', address: home.path },
    ],
    platform,
    store,
    status,
    stop: stopAll,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections(); // live streams never end by themselves
  await closed;
}
