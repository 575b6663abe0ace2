/* eslint @typescript-eslint/no-non-null-assertion: "off" -- As in every test. */
import { beforeAll, describe, expect, it } from 'vitest';

import type { EntryRecord, EventRecord, Store } from '../ports.ts';
import { type Stores, anEvent, at, awkward, everyPage, times, unique } from './samples.ts';

/** Describes what every adapter promises about events, entries and messages. */
export function describeIntake(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

  describe('what arrives', () => {
    it('is accepted once, whoever brings it (S1)', async () => {
      const event = anEvent({ data: awkward, time: '2100-01-01T00:00:00Z' });

      const answers = await Promise.all(
        times(20, (index) => (index % 2 ? store : other).intake.acceptEvent(event)),
      );

      expect(answers.filter(({ stored }) => stored)).toHaveLength(1);
      const [first] = answers;
      for (const answer of answers) expect(answer.event).toEqual(first!.event);
      expect(first!.event).toEqual({ ...event, order: first!.event.order, routed: false });
    });

    it('is numbered in the order of acceptance, within one instant too', async () => {
      const subject = { type: 'patient', key: unique('key') };
      const accepted: EventRecord[] = [];
      for (const index of times(6, (number) => number)) {
        const event = anEvent({ subject, acceptedAt: at + Math.floor(index / 3) });
        accepted.push((await store.intake.acceptEvent(event)).event);
      }

      const orders = accepted.map(({ order }) => order);
      expect(orders).toEqual([...new Set(orders)].toSorted((a, b) => a - b));
      expect(await everyPage((page) => store.intake.eventsOf(subject, page))).toEqual(
        accepted.toReversed(),
      );
    });

    it('waits to be routed, oldest first', async () => {
      const early = Date.UTC(2090, 0, unique('day').length);
      const events = times(4, (index) => anEvent({ acceptedAt: early + index }));
      for (const event of events) await store.intake.acceptEvent(event);
      await store.intake.markRouted(events[1]!.id);
      await store.intake.markRouted('nobody');
      const ours = (found: EventRecord[]) =>
        found.map(({ id }) => id).filter((id) => events.some((event) => event.id === id));

      expect(ours(await store.intake.unrouted(early + 3, 100))).toEqual([
        ...[events[0]!.id, events[2]!.id],
      ]);
      expect((await store.intake.unrouted(at + 9, 1)).length).toBe(1);
      expect((await store.intake.eventsOf(events[1]!.subject, { limit: 1 })).items[0]).toEqual(
        expect.objectContaining({ routed: true }),
      );
    });

    it('is put into the inbox of a run once (S1)', async () => {
      const runId = unique('run');
      const message = { type: 'timer.fired', at } as const;
      const first = { id: `${runId}/b`, runId, at, message };
      const second = { id: `${runId}/a`, runId, at: at + 1, message };

      expect(await store.intake.put(second)).toBe(true);
      expect(await store.intake.put(first)).toBe(true);
      expect(await other.intake.put({ ...first, at: at + 7 })).toBe(false);
      await store.intake.put({ ...first, id: `${runId}0/a`, runId: `${runId}0` });
      await store.intake.markDelivered(first.id);

      expect(await store.intake.messagesOf(runId)).toEqual([
        { ...first, delivered: true },
        { ...second, delivered: false },
      ]);
      const waiting = async (before: number) =>
        (await store.intake.undelivered(before, 1_000)).map(({ id }) => id);
      expect(await waiting(at + 2)).toContain(second.id);
      expect(await waiting(at + 2)).not.toContain(first.id);
      expect(await waiting(at + 1)).not.toContain(second.id);
    });

    it('leaves one entry for each cause, latest first (S1)', async () => {
      const journey = unique('journey');
      const subject = { type: 'patient', key: unique('key') };
      const entries = times(5, (index): EntryRecord => {
        const refused = { result: 'refused', reason: 'still-inside', detail: 'a.b$' } as const;
        const entered = { result: 'entered', version: 1, runId: 'r' } as const;
        return {
          ...{ id: unique('entry'), journey, at: at + (index % 2) },
          subject: index < 3 ? subject : { type: 'patient', key: 'x' },
          cause: { type: 'event', id: 'e', event: 'order.placed' },
          ...(index % 2 ? refused : entered),
        };
      });
      for (const entry of entries) expect(await store.intake.addEntry(entry)).toBe(true);
      expect(await other.intake.addEntry({ ...entries[0]!, result: 'refused' })).toBe(false);

      expect(await store.intake.entry(entries[0]!.id)).toEqual(entries[0]);
      expect(await store.intake.entry('nobody')).toBeUndefined();
      const sorted = entries.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const list = (filter: Parameters<Store['intake']['entries']>[0]) =>
        everyPage((page) => store.intake.entries(filter, page));
      expect(await list({ journey })).toEqual(sorted);
      expect(await list({ subject })).toHaveLength(3);
      expect(await list({ journey, result: 'refused' })).toHaveLength(2);
    });
  });
}
