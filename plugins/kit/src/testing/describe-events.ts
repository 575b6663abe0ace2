import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PluginDefinition, RawRequest } from '../contract.ts';
import {
  distinct,
  expectForgeriesSeen,
  expectGarbledRefused,
  expectRight,
  reportsOf,
} from './callback-trials.ts';
import type { EventExample, Outside } from './outside.ts';

/** Describes the tests of an event that a provider tells by itself, by callbacks that are really sent. */
export function describeEvent(
  plugin: PluginDefinition,
  type: string,
  { example, outside }: { example: EventExample; outside: () => Outside },
): void {
  /** Lets it happen: what the provider sends of it, so many times. */
  const told = async (times = 1): Promise<RawRequest[]> => {
    const { webhook, sandbox } = outside();
    const since = webhook.heard().length;
    await example.happens(sandbox);
    return await webhook.hears(
      since,
      async (came) =>
        (await reportsOf(plugin, outside(), came)).filter(
          (report) => report.type === 'happened' && report.eventType === type,
        ).length >= times,
    );
  };

  describe(`the event '${type}'`, () => {
    afterEach(() => {
      vi.useRealTimers();
      outside().sandbox.report?.('well');
    });

    it('is told by a callback that is genuine, with data that are right', async () => {
      const requests = await told();
      const { connection } = outside().host.context();

      for (const request of requests)
        expect(await plugin.callbacks?.verify(request, connection)).toBe(true);
      for (const report of await reportsOf(plugin, outside(), requests))
        expectRight(plugin, undefined, report);
    });

    it('is forged when a byte, a header or a secret is another, or its time is over', async () => {
      const [request] = await told();
      await expectForgeriesSeen(plugin, outside(), request);
    });

    it('is refused when it is garbled, and nothing is thrown', async () => {
      const requests = await told();
      await expectGarbledRefused(plugin, outside(), requests.at(-1), {});
    });

    it('is the same event when it is told again', async () => {
      outside().sandbox.report?.('twice');
      const reports = await reportsOf(plugin, outside(), await told(2));
      expect(reports.length).toBeGreaterThan(1);
      expect(distinct(reports)).toHaveLength(1);
    });
  });
}
