import { afterEach, describe, expect, it, vi } from 'vitest';
import type {
  PluginDefinition,
  ProviderReport,
  RawRequest,
  ReportingHabit,
  SettledReport,
} from '../contract.ts';
import {
  distinct,
  expectForgeriesSeen,
  expectGarbledRefused,
  expectRight,
  reportsOf,
} from './callback-trials.ts';
import type { ActionExample, Outside } from './outside.ts';
import type { Task } from './host.ts';

/** What a story of one effect comes to: what the action answered, and what came of it. */
interface Story {
  reference: string;
  outcome: string;
  /** The callbacks, in the order in which they came. */
  requests: RawRequest[];
  reports: ProviderReport[];
}

/** Describes the tests of an action whose end its provider reports, by callbacks that are really sent. */
export function describeCallbacks(
  plugin: PluginDefinition,
  name: string,
  { example, outside }: { example: ActionExample; outside: () => Outside },
): void {
  const { callbacks } = plugin;
  const action = plugin.actions[name];
  if (!callbacks || !action) return;
  if (!example.ends) {
    it(`is told how '${name}' ends`, () => {
      expect.fail(`give the example of '${name}' a function 'ends': its provider reports the end`);
    });
    return;
  }

  let count = 0;
  const aTask = (): Task => ({
    config: example.config,
    subject: example.subject ?? { type: 'patient', key: 'p1', attributes: {} },
    key: `run-callbacks/${name}#${(count += 1)}`,
    callbackUrl: outside().webhook.url,
  });
  const asked = { action: name, written: example.config };
  const reportsIn = (requests: RawRequest[]): Promise<ProviderReport[]> =>
    reportsOf(plugin, outside(), requests, asked);
  const begins = async (task: Task): Promise<string> => {
    const result = await outside().host.once(name, task);
    if (result.type !== 'accepted') expect.fail(`the example of '${name}' does not settle later`);
    return result.reference;
  };
  /** What the provider reports of an effect that has begun, until it has told the end so many times. */
  const told = async (key: string, times = 1) => {
    const { webhook, sandbox } = outside();
    const since = webhook.heard().length;
    const outcome = (await example.ends?.(sandbox, key)) ?? '';
    const requests = await webhook.hears(
      since,
      async (came) => (await reportsIn(came)).filter(isEnd).length >= times,
    );
    return { outcome, requests, reports: await reportsIn(requests) };
  };
  const story = async (habit: ReportingHabit = 'well'): Promise<Story> => {
    const task = aTask();
    const reference = await begins(task);
    outside().sandbox.report?.(habit);
    const heard = await told(task.key, habit === 'twice' ? 2 : 1);
    outside().sandbox.report?.('well');
    return { reference, ...heard };
  };

  describe(`the callbacks of '${name}'`, () => {
    afterEach(() => {
      vi.useRealTimers();
      outside().sandbox.report?.('well');
    });

    it('tell the end of what was accepted, by its reference, with an output that is right', async () => {
      const { reference, outcome, reports, requests } = await story();
      const end = reports.find(isEnd);

      expect(end).toMatchObject({ outcome });
      expect(end?.reference ?? reference).toBe(reference);
      if (Array.isArray(action.outcomes)) expect(action.outcomes).toContain(outcome);
      for (const report of reports) expectRight(plugin, action, report);
      for (const request of requests)
        expect(await callbacks.verify(request, outside().host.context().connection)).toBe(true);
    });

    it('are forged when a byte, a header or a secret is another, or their time is over', async () => {
      const { requests } = await story();
      await expectForgeriesSeen(plugin, outside(), requests[0]);
    });

    it('are refused when they are garbled, and never throw', async () => {
      const { requests, reference } = await story();
      await expectGarbledRefused(plugin, outside(), requests.at(-1), {
        ...{ action, unsaid: reference, asked },
      });
    });

    it('are the same reports when they are played again', async () => {
      const { reports, requests } = await story('twice');
      const ids = reports.map(({ eventId }) => eventId);

      expect(ids.length).toBeGreaterThan(new Set(ids).size);
      expect(distinct(reports).filter(isEnd)).toHaveLength(1);
      expect(await reportsIn(requests)).toEqual(reports);
    });

    it('may overtake the answer: what is accepted again is what they name', async () => {
      const task = aTask();
      await begins(task); // whose answer nobody heard
      const { reports } = await told(task.key);
      const { sandbox, host } = outside();
      const known = await action.reconcile?.(task.key, host.context(), task.config);
      const found = known?.type === 'not-found' ? await host.once(name, task) : known; // as the host sends again
      const reference = found?.type === 'accepted' ? found.reference : undefined;

      const end = reports.find(isEnd);
      if (found?.type === 'done') expect(end?.outcome).toBe(found.outcome);
      else expect(end?.reference ?? reference).toBe(reference);
      expect(found).toBeDefined();
      expect(await example.effects?.(sandbox, task.key)).toBe(1);
    });

    it.each<ReportingHabit>(['late', 'out-of-order'])(
      'come to the same when they come %s',
      async (habit) => {
        if (!outside().sandbox.report) return;
        const before = Date.now();
        const { reference, outcome, reports } = await story(habit);

        const [end, ...more] = distinct(reports).filter(isEnd);
        expect(end).toMatchObject({ outcome });
        expect(end?.reference ?? reference).toBe(reference);
        expect(more).toEqual([]);
        if (habit === 'late') expect(Date.now() - before).toBeGreaterThan(500);
      },
    );

    if (action.cancel) {
      it('end what cannot be stopped afterwards; what is stopped stays so, asked twice', async () => {
        const context = outside().host.context();
        const { reference } = await story();
        const stopped = await begins(aTask());

        expect(await action.cancel?.(reference, context)).toBe(false);
        expect(await action.cancel?.(stopped, context)).toBe(true);
        expect(await action.cancel?.(stopped, context)).toBe(true);
      });
    }
  });
}

const isEnd = (report: ProviderReport): report is SettledReport => report.type === 'settled';
