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
import { email } from '../plugin.ts';

/** A sandbox in a folder of its own. */
export interface Outside {
  sandbox: RunningSandbox;
  /** Stops it, and starts it with what it had. */
  restart(): Promise<void>;
  context(settings?: JsonObject, signal?: AbortSignal): PluginContext;
  /** Sends to Ada. Answers the mail as it arrived. */
  sent(config?: JsonObject, settings?: JsonObject): Promise<SandboxItem>;
  /** So many reports as the mailbox brings. */
  heard(count: number): Promise<ProviderReport[]>;
  close(): Promise<void>;
}

const links = {
  click: (target: string) => `https://sojourn.example/t/${encodeURIComponent(target)}`,
  open: () => 'https://sojourn.example/t/pixel',
  unsubscribe: () => 'https://sojourn.example/u/secret',
};

/** A request with defaults. */
export function aRequest(
  config: JsonObject = {},
  key = 'run/m#1',
  attributes: JsonObject = { email: 'ada@example.org' },
): PerformRequest {
  return {
    config: {
      subject: 'Hello',
      body: 'Hi **Ada**, [look](https://example.org/a?b=1&c=2)',
      ...config,
    },
    subject: { type: 'patient', key: 'p1', attributes },
    idempotencyKey: key,
    attempt: 1,
    deadline: Date.now() + 10_000,
    links,
  };
}

/** Starts a sandbox. */
export async function openOutside(): Promise<Outside> {
  const directory = await mkdtemp(join(tmpdir(), 'mail-'));
  let sandbox = await email.sandbox.start({ directory });
  let count = 0;
  const context: Outside['context'] = (settings = {}, signal) =>
    createTestContext({
      ...{ plugin: 'email', type: 'smtp' },
      settings: { ...sandbox.connection.settings, ...settings },
      ...(signal ? { signal } : {}),
    });
  return {
    get sandbox() {
      return sandbox;
    },
    async restart() {
      await sandbox.close();
      sandbox = await email.sandbox.start({ directory });
    },
    context,
    async sent(config = {}, settings = {}) {
      await email.actions.send.perform(
        aRequest(config, `run/m#${(count += 1)}`),
        context(settings),
      );
      const [mail] = await sandbox.items({ limit: 1 });
      if (!mail) throw new Error('nothing arrived');
      return mail;
    },
    async heard(wanted) {
      const reports: ProviderReport[] = [];
      for await (const report of email.connections.smtp.listen(context())) {
        reports.push(report);
        if (reports.length === wanted) break;
      }
      return reports;
    },
    async close() {
      await sandbox.close();
      await rm(directory, { recursive: true });
    },
  };
}
