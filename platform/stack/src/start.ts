import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createApi,
  createIds,
  createLinkSigner,
  issueSignIn,
  issueToken,
  isToken,
  ensureOwner,
  linksFor,
  type PartStatus,
  type Platform,
} from '@sojourn/api';
import { email } from '@sojourn/plugin-email';
import { createRegistry, type RunningSandbox } from '@sojourn/plugin-kit';
import { createMongoStore, createSealer, openSettings, type Store } from '@sojourn/store';
import {
  connectClient,
  contextOf,
  createEgress,
  createPlanCache,
  createRunHost,
  derivedKeys,
} from '@sojourn/temporal';
import { deploymentKeyOf, identitySecretOf } from './deployment.ts';
import { loadDemo } from './demo/load.ts';
import { keepWorker } from './keep-worker.ts';
import { createLog } from './log.ts';
import {
  cacheDirectoryOf,
  openHome,
  provision,
  requireFreePort,
  startMongod,
  startTemporal,
  type Home,
  type Supervised,
} from './servers/index.ts';
import type { StackSettings } from './settings.ts';
import { version } from './version.ts';

/** Says what is being done, for whoever watches the start. */
export type Report = (step: { part: string; detail: string }) => void;

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

/** Starts everything on this machine. Rejects with a `StackError` that says what was wrong and what to do. */
export async function startStack(settings: StackSettings, report: Report): Promise<RunningStack> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await start(settings, report, stops, stopAll);
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function start(
  settings: StackSettings,
  report: Report,
  stops: (() => Promise<void>)[],
  stopAll: () => Promise<void>,
): Promise<RunningStack> {
  await requireFreePort(settings.port, 'SOJOURN_PORT');
  const home = await openHome(settings.home);
  stops.push(() => home.release());
  const log = createLog(join(home.logs, 'sojourn.log'));
  const clock = Date.now;

  const [mongo, temporal] = await startServers(settings, home, report, stops);
  const store = await createMongoStore({ uri: mongo.uri });
  stops.push(() => store.close());
  const deploymentKey = await deploymentKeyOf(settings.deploymentKey, home);
  const sealer = createSealer(deploymentKey);
  const keys = derivedKeys(deploymentKey);
  const signer = createLinkSigner(deploymentKey);
  const registry = createRegistry([email]);
  const plans = createPlanCache(store.journeys);

  const sandboxes = new Map<string, RunningSandbox>();
  const open = new Set(settings.egressAllow);
  if (settings.mongoUri === undefined) {
    report({ part: 'sandbox', detail: 'starting the mail sandbox' });
    const port = await home.portFor('mail');
    const sandbox = await email.sandbox.start({
      directory: join(home.path, 'sandbox', 'mail'),
      port,
    });
    stops.push(() => sandbox.close());
    sandboxes.set('email', sandbox);
    open.add(`127.0.0.1:${port}`);
    await connectSandbox(store, sandbox, clock());
  }
  const egress = createEgress({ allows: (host, port) => open.has(`${host}:${port}`) });
  const secrets = {
    open: (record: Parameters<typeof contextOf>[1] & object) =>
      openSettings(sealer, record.id, record.settings),
  };

  report({ part: 'worker', detail: 'starting the worker' });
  const { temporalNamespace: namespace } = settings;
  const client = await connectClient({ address: temporal.address, namespace, keys });
  stops.push(() => client.connection.close());
  const worker = await keepWorker(
    {
      address: temporal.address,
      namespace,
      keys,
      plans,
      activities: {
        store,
        registry,
        secrets,
        egress,
        log,
        clock,
        links: { for: (message) => linksFor(signer, settings.url, message) },
      },
    },
    log,
  );
  stops.push(() => worker.stop());

  const status = (): PartStatus[] => [
    ...mongo.parts(),
    ...temporal.parts(),
    { name: 'worker', ...partOf(worker.state()) },
    ...(sandboxes.size > 0 ? [{ name: 'sandbox', state: 'up' as const, since: startedAt }] : []),
  ];
  const startedAt = clock();
  const demo = await store.settings.get('demo');
  const { handler, platform, close } = createApi({
    store,
    host: createRunHost(client, store),
    registry,
    sealer,
    ids: createIds(await identitySecretOf(store.settings)),
    signer,
    plans,
    sandboxes,
    pluginContext: (record, plugin, timeoutMs) =>
      contextOf({ secrets, egress, log, clock }, record, plugin, timeoutMs),
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
  stops.push(close);
  await platform.intake.sweep(0); // what a crash left behind comes before what is new
  const sweeping = setInterval(() => {
    platform.intake
      .sweep(5_000)
      .catch((error: unknown) =>
        log.warn({ error: String(error) }, 'the sweep failed; it is tried again'),
      );
  }, 2_000);
  stops.push(() => Promise.resolve(clearInterval(sweeping)));

  const server = createServer(handler);
  await listen(server, settings.port);
  stops.push(() => closeServer(server));

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
  return {
    url: settings.url,
    signInLink: `${settings.url}/sign-in/${await issueSignIn(store.access, owner.id, clock)}`,
    tokenFile,
    addresses: [
      { part: 'web and API', address: settings.url },
      ...mongo.shown,
      ...temporal.shown,
      ...[...sandboxes.values()].map(({ connection }) => ({
        part: 'mail sandbox (SMTP)',
        address: `127.0.0.1:${String(connection.settings['port'] as number)}`,
      })),
      { part: 'data', address: home.path },
    ],
    platform,
    store,
    status,
    stop: stopAll,
  };
}

interface Part {
  shown: { part: string; address: string }[];
  parts(): PartStatus[];
}

async function startServers(
  settings: StackSettings,
  home: Home,
  report: Report,
  stops: (() => Promise<void>)[],
): Promise<[Part & { uri: string }, Part & { address: string }]> {
  const binaries = (part: 'mongod' | 'temporal') =>
    provision(part, {
      cacheDirectory: cacheDirectoryOf(process.env),
      report: ({ step, detail }) => report({ part, detail: `${step}: ${detail}` }),
    });
  const embedded = async <Running extends { process: Supervised }>(
    part: 'mongod' | 'temporal',
    name: string,
    begin: (binary: Awaited<ReturnType<typeof provision>>) => Promise<Running>,
  ) => {
    const binary = await binaries(part);
    report({ part, detail: `starting ${binary.version}` });
    const running = await begin(binary);
    stops.push(() => running.process.stop());
    return { running, parts: (): PartStatus[] => [{ name, ...partOf(running.process.state()) }] };
  };
  const external = (part: string): Part => ({
    shown: [{ part, address: 'given from outside' }],
    parts: () => [],
  });

  const startMongo = async (): Promise<Part & { uri: string }> => {
    if (settings.mongoUri !== undefined) return { uri: settings.mongoUri, ...external('MongoDB') };
    const { running, parts } = await embedded('mongod', 'mongo', (binary) =>
      startMongod({ home, binary }),
    );
    return {
      uri: running.uri,
      parts,
      shown: [
        { part: 'MongoDB', address: running.uri.replace(/\/\/.*@/, '//').split('/?')[0] ?? '' },
      ],
    };
  };
  const startTemporalServer = async (): Promise<Part & { address: string }> => {
    if (settings.temporalAddress !== undefined)
      return { address: settings.temporalAddress, ...external('Temporal') };
    const { running, parts } = await embedded('temporal', 'temporal', (binary) =>
      startTemporal({ home, binary }),
    );
    return {
      address: running.address,
      parts,
      shown: [{ part: 'Temporal', address: running.address }],
    };
  };
  const [mongo, temporal] = await Promise.allSettled([startMongo(), startTemporalServer()]); // both, so that both can be stopped
  if (mongo.status === 'rejected') throw mongo.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  return [mongo.value, temporal.value];
}

function partOf(state: {
  status: 'starting' | 'up' | 'down';
  since: number;
  detail?: string;
}): Omit<PartStatus, 'name'> {
  return {
    state: state.status,
    since: state.since,
    ...(state.detail === undefined ? {} : { detail: state.detail }),
  };
}

/** The connection that leads into the sandbox: made once, and following its port. */
async function connectSandbox(store: Store, sandbox: RunningSandbox, now: number): Promise<void> {
  const id = 'default-email';
  const known = await store.connections.get(id);
  const record = {
    id,
    plugin: 'email',
    type: sandbox.connection.type,
    name: 'Mail sandbox',
    settings: sandbox.connection.settings,
    limits: {},
    default: true,
    createdAt: now,
    updatedAt: now,
  };
  if (!known) await store.connections.insert(record);
  else if (
    known.settings['host'] === '127.0.0.1' &&
    known.settings['port'] !== sandbox.connection.settings['port']
  ) {
    await store.connections.replace({
      ...known,
      settings: { ...known.settings, port: sandbox.connection.settings['port'] ?? 0 },
      updatedAt: now,
    });
  }
}

/** The owner's token: the one in the file while it is valid, else a new one. */
async function ownerToken(
  store: Store,
  userId: string,
  path: string,
  clock: () => number,
): Promise<string> {
  const kept = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (kept !== undefined && (await isToken(store.access, kept, clock))) return kept;
  const token = await issueToken(store.access, userId, clock);
  await writeFile(path, `${token}\n`, { mode: 0o600 });
  return token;
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
