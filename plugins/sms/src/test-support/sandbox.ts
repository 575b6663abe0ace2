import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  JsonObject,
  PerformRequest,
  PluginContext,
  ProviderReport,
  RunningSandbox,
  SandboxItem,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import { listen } from '../listen.ts';
import { smscSandbox } from '../sandbox/sandbox.ts';

export const phone = '+886912345678';

/** A sandbox in a folder of its own. */
export interface Outside {
  sandbox: RunningSandbox;
  /** Stops it, and starts it with what it had. */
  restart(): Promise<void>;
  context(settings?: JsonObject, signal?: AbortSignal): PluginContext;
  /** The only text that there is, once it is as it should be. */
  theText(isReady?: (item: SandboxItem) => boolean): Promise<SandboxItem>;
  close(): Promise<void>;
}

/** Starts a sandbox. */
export async function openOutside(): Promise<Outside> {
  const directory = await mkdtemp(join(tmpdir(), 'sms-'));
  let sandbox = await smscSandbox.start({ directory });
  return {
    get sandbox() {
      return sandbox;
    },
    async restart() {
      await sandbox.close();
      sandbox = await smscSandbox.start({ directory });
    },
    context: (settings = {}, signal) =>
      createTestContext({
        ...{ plugin: 'sms', type: 'smpp' },
        settings: { ...sandbox.connection.settings, ...settings },
        ...(signal ? { signal } : {}),
      }),
    async theText(isReady = () => true) {
      const find = async () => (await sandbox.items({ limit: 10 })).find(isReady);
      return await new Promise((resolve, reject) => {
        const look = (): void => {
          find().then((item) => {
            if (!item) return;
            stop();
            resolve(item);
          }, reject);
        };
        const stop = sandbox.watch(look);
        look();
      });
    },
    async close() {
      await sandbox.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A request with defaults. */
export function aRequest(
  config: JsonObject,
  idempotencyKey = 'run/s#1',
  attributes: JsonObject = { phone },
): PerformRequest {
  return {
    config: { text: 'Your medicine is ready', ...config },
    subject: { type: 'patient', key: 'p1', attributes },
    ...{ idempotencyKey, attempt: 1, deadline: Date.now() + 10_000 },
    links: { click: (target) => target, open: () => '', unsubscribe: () => '' },
  };
}

/** Somebody who listens: `next` stores the report before, and waits for one more. */
export interface Listener {
  next(): Promise<ProviderReport>;
  /** Stores what was heard last. */
  store(): void;
  /** Ends as a host that stops does: what was heard last is not stored. */
  stop(): Promise<void>;
}

/** Listens over a line of its own. */
export function aListener(outside: Pick<Outside, 'context'>): Listener {
  const stopping = new AbortController();
  const reports = listen(outside.context({}, stopping.signal));
  return {
    async next() {
      const { value, done } = await reports.next();
      if (done) throw new Error('it listens no longer');
      return value;
    },
    store: () => void reports.next().catch(() => undefined),
    async stop() {
      stopping.abort();
      await reports.return();
    },
  };
}
