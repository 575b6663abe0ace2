import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compile,
  initialState,
  type CalledJourney,
  type JsonObject,
  type Plan,
  type RunCommand,
  type RunEvent,
} from '@sojourn/engine';
import { email } from '@sojourn/plugin-email';
import { createRegistry, type PluginDefinition, type RunningSandbox } from '@sojourn/plugin-kit';
import { calendars, type JourneyDocument } from '@sojourn/schemas';
import { createMongoStore, createSealer, openSettings, type Store } from '@sojourn/store';
import {
  connectClient,
  createPlanCache,
  createRunHost,
  startWorker,
  subjectKeys,
  type Pace,
  type RunHost,
  type RunningWorker,
  type WorkerOptions,
} from '@sojourn/temporal';
import { createEgress } from '@sojourn/plugin-kit/host';
import type { Client } from '@temporalio/client';
import type { Servers } from './servers.ts';

/** Store, worker, sandbox and client over real servers, without the API: what the host's own tests need. */
export interface Rig {
  store: Store;
  client: Client;
  host: RunHost;
  sandbox: RunningSandbox;
  /** In hex: for workers in processes of their own. */
  deploymentKey: string;
  /** Publishes a document as version 1. */
  publish(document: JourneyDocument, journeys?: CalledJourney[]): Promise<Plan>;
  /** Starts a run and tells it so. Answers its id. */
  start(
    plan: Plan,
    given: { key: string; attributes?: JsonObject; entry?: JsonObject },
  ): Promise<string>;
  /** Gives a run an operator's command. */
  command(runId: string, command: Partial<RunCommand> & Pick<RunCommand, 'type'>): Promise<void>;
  /** Puts a message into a run's inbox and tells the run. */
  send(runId: string, type: string, data?: JsonObject): Promise<void>;
  /** Waits until the run's stored record satisfies the condition. */
  until(
    runId: string,
    condition: (run: NonNullable<Awaited<ReturnType<Store['runs']['get']>>>) => boolean,
  ): Promise<void>;
  /** Starts one more worker: of another bundle, say. It ends with the rig. */
  beginWorker(more?: Partial<WorkerOptions>): Promise<RunningWorker>;
  stop(): Promise<void>;
}

const silent = { info: () => undefined, warn: () => undefined };

/** Builds the rig. `worker: false` leaves the worker out, for tests that start and kill their own. */
export async function createRig(
  servers: Pick<Servers, 'mongoUri' | 'temporalAddress'>,
  options: {
    worker?: boolean;
    cachedRuns?: number;
    clock?: () => number;
    pace?: Pace;
    plugins?: PluginDefinition[];
  } = {},
): Promise<Rig> {
  const { clock = Date.now } = options;
  const directory = await mkdtemp(join(tmpdir(), 'sojourn-rig-'));
  const sandbox = await email.sandbox.start({ directory });
  const deploymentKey = createHash('sha256').update('the key of the tests').digest(); // always the same: for commands beside it
  const store = await createMongoStore({ uri: servers.mongoUri, deploymentKey });
  const sealer = createSealer(store.roots);
  const keys = subjectKeys(store.subjectKeys, store.roots);
  await store.connections.insert({
    id: 'default-email',
    plugin: 'email',
    type: 'smtp',
    name: 'Sandbox',
    settings: sandbox.connection.settings,
    limits: { perSecond: 1_000 }, // the plugin's own 20 a second would be what a bench measures
    default: true,
    createdAt: 0,
    updatedAt: 0,
  });
  const registry = createRegistry([email, ...(options.plugins ?? [])]);
  const plans = createPlanCache(store.journeys);
  const namespace = 'default';
  const client = await connectClient({ address: servers.temporalAddress, namespace, keys });
  const host = createRunHost(client, store, options);
  const workers: RunningWorker[] = [];
  const beginWorker: Rig['beginWorker'] = async (more = {}) => {
    const worker = await startWorker({
      address: servers.temporalAddress,
      namespace,
      keys,
      plans,
      ...(options.cachedRuns === undefined ? {} : { cachedRuns: options.cachedRuns }),
      activities: {
        store,
        runs: {
          idOf: (journey, key, ordinal) =>
            `run-${journey}-${key.replaceAll(/[/#]/g, '-')}-${ordinal}`,
          tell: (runId, message) => host.tell(runId, message),
        },
        registry,
        secrets: { open: (record) => openSettings(sealer, record.id, record.settings) },
        links: {
          for: () => ({
            click: (target) => target,
            open: () => 'http://localhost/t/open',
            unsubscribe: () => 'http://localhost/u/unsubscribe',
          }),
          callback: ({ runId, effect }) => `http://localhost/callbacks/${runId}/${effect}`,
        },
        egress: createEgress({ allows: (host) => host === '127.0.0.1' }),
        log: silent,
        clock,
      },
      ...more,
    });
    workers.push(worker);
    return worker;
  };
  if (options.worker !== false) await beginWorker();
  let count = 0;
  const tell = async (runId: string, message: RunEvent & { id?: string }): Promise<void> => {
    await store.intake.put({ id: `${runId}/${message.id ?? ''}`, runId, at: message.at, message });
    await host.tell(runId, message);
  };

  return {
    store,
    client,
    host,
    sandbox,
    deploymentKey: deploymentKey.toString('hex'),
    beginWorker,
    async publish(document, journeys = []) {
      const { plan, diagnostics } = compile(document, {
        manifests: registry.manifests(),
        calendars,
        journeys,
        timeZone: 'UTC',
        now: clock(),
      });
      if (!plan) throw new Error(JSON.stringify(diagnostics));
      const now = Date.now();
      const journey = {
        key: document.key,
        name: document.name,
        subjectType: document.subject,
        state: 'live' as const,
        waits: 'run' as const,
        latestVersion: 1,
        createdAt: now,
        updatedAt: now,
      };
      await store.journeys.create(journey, document as never, 'test');
      await store.journeys.addVersion({
        journey: document.key,
        number: 1,
        document,
        plan,
        contentHash: plan.hash,
        publishedBy: 'test',
        publishedAt: now,
      });
      return plan;
    },
    async start(plan, { key, attributes = { email: `${key}@patients.example` }, entry = {} }) {
      const at = clock();
      const runId = `run-${plan.journey}-${key}`;
      const subject = { type: plan.subjectType, key };
      await store.subjects.merge(subject.type, subject.key, attributes, at);
      const state = initialState(plan, {
        runId,
        key,
        subject: { ...subject, attributes },
        entry,
        at,
      });
      await store.runs.insert(
        {
          id: runId,
          journey: plan.journey,
          version: 1,
          planHash: plan.hash,
          subject,
          key,
          ordinal: 1,
          status: 'active',
          startedAt: at,
          positions: [],
          incidents: [],
          revision: 0,
        },
        state,
      );
      const message = { type: 'run.started', at, id: 'start' } as const;
      await store.intake.put({ id: `${runId}/start`, runId, at, message });
      await host.tell(runId, message);
      return runId;
    },
    async command(runId, command) {
      const id = `c${(count += 1)}`;
      await tell(runId, {
        type: 'command.given',
        at: clock(),
        id,
        command: { by: 'test', reason: 'test', ...command },
      });
    },
    async send(runId, type, data = {}) {
      const id = `e${(count += 1)}`;
      const at = clock();
      await tell(runId, {
        type: 'event.received',
        at,
        id,
        event: { id, type, source: 'test', acceptedAt: at, data },
      });
    },
    async until(runId, condition) {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const run = await store.runs.get(runId);
        if (run && condition(run)) return;
        if (Date.now() > deadline) throw new Error(`run ${runId} is still ${JSON.stringify(run)}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async stop() {
      for (const worker of workers) await worker.stop();
      await client.connection.close();
      await sandbox.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
