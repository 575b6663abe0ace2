import { createHash } from 'node:crypto';
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
import { repVisitPlugin } from '../plugin.ts';
import type { NewTask, TaskList } from '@sojourn/plugin-kit';

/** A list that keeps what it is given, once under its key. */
export interface MemoryList extends TaskList {
  tasks: Map<string, NewTask>;
  withdrawn: string[];
  moved: [id: string, start: number, end: number][];
}

export const taskIdOf = (key: string): string =>
  createHash('sha256').update(key).digest('base64url').slice(0, 22);

/** A task list in memory. */
export function aList(): MemoryList {
  const tasks = new Map<string, NewTask>();
  const withdrawn: string[] = [];
  const moved: MemoryList['moved'] = [];
  return {
    ...{ tasks, withdrawn, moved },
    assign(task) {
      const id = taskIdOf(task.key);
      if (!tasks.has(id)) tasks.set(id, task);
      return Promise.resolve(id);
    },
    withdraw(id) {
      const isOpen = tasks.has(id) && !withdrawn.includes(id);
      if (isOpen) withdrawn.push(id);
      return Promise.resolve(isOpen);
    },
    move(id, { start, end }) {
      moved.push([id, start, end]);
      return Promise.resolve(tasks.has(id));
    },
  };
}

/** A sandbox in a folder of its own, with a list. */
export interface Outside {
  sandbox: RunningSandbox;
  list: MemoryList;
  plugin: ReturnType<typeof repVisitPlugin>;
  /** Stops it, and starts it with what it had. */
  restart(): Promise<void>;
  context(settings?: JsonObject): PluginContext;
  /** Asks for a visit. Answers its reference, and the appointment as it arrived. */
  asked(config?: JsonObject): Promise<{ reference: string; item: SandboxItem }>;
  /** So many reports as the mailbox brings. */
  heard(count: number): Promise<ProviderReport[]>;
  close(): Promise<void>;
}

/** A request with defaults. */
export function aRequest(
  config: JsonObject = {},
  attributes: JsonObject = { territory: 'north' },
  key = 'run/v#1',
): PerformRequest {
  return {
    config: { topic: 'Dosing in daily practice', ...config },
    subject: { type: 'hcp', key: 'h1', attributes },
    ...{ idempotencyKey: key, attempt: 1, deadline: Date.now() + 10_000 },
    links: { click: (target) => target, open: () => '', unsubscribe: () => '' },
  };
}

/** Starts a sandbox. */
export async function openOutside(): Promise<Outside> {
  const directory = await mkdtemp(join(tmpdir(), 'visits-'));
  const list = aList();
  const plugin = repVisitPlugin({ list });
  let sandbox = await plugin.sandbox.start({ directory });
  let count = 0;
  const context: Outside['context'] = (settings = {}) =>
    createTestContext({
      ...{ plugin: 'rep-visit', type: 'calendar' },
      settings: { ...sandbox.connection.settings, ...settings },
    });
  return {
    get sandbox() {
      return sandbox;
    },
    ...{ list, plugin, context },
    async restart() {
      await sandbox.close();
      sandbox = await plugin.sandbox.start({ directory });
    },
    async asked(config = {}) {
      const asking = aRequest(config, { territory: 'north' }, `run/v#${(count += 1)}`);
      const result = await plugin.actions.request.perform(asking, context());
      const [item] = await sandbox.items({ limit: 1 });
      if (!item || result.type !== 'accepted') throw new Error('nothing arrived');
      return { reference: result.reference, item };
    },
    async heard(wanted) {
      const reports: ProviderReport[] = [];
      for await (const report of plugin.connections.calendar.listen(context())) {
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
