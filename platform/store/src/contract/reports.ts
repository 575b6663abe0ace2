import { describe, expect, it } from 'vitest';

import { SubjectErasedError } from '../keys.ts';
import type { ReportRecord, RunRecord, Store } from '../ports.ts';
import { at, unique, type Stores } from './samples.ts';

// The promises about what providers report.

/** Describes what every adapter promises about reports. */
export function describeReports(stores: Stores): void {
  type NewReport = Parameters<Store['reports']['put']>[0];

  const aReport = (change: Partial<NewReport> = {}): NewReport => ({
    ...{ id: unique('report'), plugin: 'sms', connection: unique('connection') },
    ...{ kind: 'settled', reference: 'ref-1', at, isMessage: false, status: 'new' },
    content: { outcome: 'delivered', output: { 'a.b': { $set: 1 } } },
    ...change,
  });
  const aPerson = () => ({ type: 'patient', key: unique('person') });

  async function aRunOf(subject: { type: string; key: string }): Promise<string> {
    const run: RunRecord = {
      ...{ id: unique('report-run'), journey: 'reports', version: 1, planHash: 'a-hash', subject },
      ...{ key: unique('key'), ordinal: 1, status: 'active', startedAt: at },
      ...{ positions: [], incidents: [], revision: 0 },
    };
    const state = { runId: run.id, status: 'active', startedAt: at, revision: 0, vars: {} };
    await stores().store.runs.insert(run, state as never);
    return run.id;
  }
  const dueOf = async (connection: string, before: number): Promise<ReportRecord[]> =>
    (await stores().other.reports.due(before, 10_000)).filter(
      (report) => report.connection === connection,
    );

  describe('reports', () => {
    it('are stored once, and kept as they are (S1, S6)', async () => {
      const { store, other } = stores();
      const report = aReport();

      expect(await store.reports.put(report, at + 1)).toBe(true);
      expect(await other.reports.put({ ...report, reference: 'another' }, at)).toBe(false);

      expect(await other.reports.get(report.id)).toEqual(report);
      expect(await store.reports.get('none')).toBeUndefined();

      const unmatched = aReport({ status: 'unmatched' });
      await store.reports.put(unmatched, at + 1);
      expect(await other.reports.get(unmatched.id)).toEqual(unmatched);
    });

    it('are due until something came of them, at the instant that was said last', async () => {
      const { store } = stores();
      const report = aReport();
      await store.reports.put(report, at + 10);
      expect(await dueOf(report.connection, at + 10)).toEqual([]);
      expect(await dueOf(report.connection, at + 11)).toEqual([report]);

      await store.reports.resolve(report.id, { status: 'unmatched', dueAt: at + 20 });
      expect(await dueOf(report.connection, at + 20)).toEqual([]);
      expect(await dueOf(report.connection, at + 21)).toHaveLength(1);

      const subject = aPerson();
      const effect = `${await aRunOf(subject)}/text#1`;
      await store.reports.resolve(report.id, { status: 'taken', effect, subject });
      expect(await dueOf(report.connection, at + 99)).toEqual([]);
      await store.reports.resolve(report.id, { status: 'late', dueAt: at });
      expect(await store.reports.get(report.id)).toEqual({
        ...{ ...report, status: 'taken', effect, subject },
      });
    });

    it('wait on many at once, unless something came of them', async () => {
      const { store, other } = stores();
      const connection = unique('connection');
      const [again, never, taken] = [
        aReport({ connection }),
        aReport({ connection }),
        aReport({ connection }),
      ];
      for (const report of [again, never, taken]) await store.reports.put(report, at);
      await store.reports.resolve(taken.id, { status: 'taken' });

      await other.reports.postpone([
        { id: again.id, dueAt: at + 20 },
        { id: never.id },
        { id: taken.id, dueAt: at + 20 },
        { id: 'none', dueAt: at + 20 },
      ]);
      await other.reports.postpone([]);

      expect(await dueOf(connection, at + 20)).toEqual([]);
      expect(await dueOf(connection, at + 21)).toEqual([{ ...again, status: 'unmatched' }]);
      expect(await store.reports.get(never.id)).toEqual({ ...never, status: 'unmatched' });
      expect(await store.reports.get(taken.id)).toEqual({ ...taken, status: 'taken' });
    });

    it('are listed latest first, by what is asked for', async () => {
      const { store, other } = stores();
      const connection = unique('connection');
      const subject = aPerson();
      const runId = await aRunOf(subject);
      const one = aReport({ connection, plugin: 'email', at: at + 1 });
      const two = aReport({ connection, effect: `${runId}/text#1`, subject, at: at + 2 });
      const three = aReport({ connection, isMessage: true, subject, kind: 'happened', at: at + 3 });
      for (const report of [two, three, one]) await store.reports.put(report, at);
      await store.reports.resolve(two.id, { status: 'late' });
      const ids = async (filter: Parameters<Store['reports']['list']>[0]): Promise<string[]> =>
        (await other.reports.list({ connection, ...filter }, { limit: 10 })).items.map(
          ({ id }) => id,
        );

      expect(await ids({})).toEqual([three.id, two.id, one.id]);
      expect(await ids({ plugin: 'email' })).toEqual([one.id]);
      expect(await ids({ status: 'late' })).toEqual([two.id]);
      expect(await ids({ isMessage: true })).toEqual([three.id]);
      expect(await ids({ isMessage: false })).toEqual([two.id, one.id]);
      expect(await ids({ subject })).toEqual([three.id, two.id]);
      expect(await ids({ runId })).toEqual([two.id]);

      const first = await store.reports.list({ connection }, { limit: 2 });
      const cursor = first.nextCursor ?? '';
      const rest = await store.reports.list({ connection }, { limit: 2, cursor });
      expect(rest.items.map(({ id }) => id)).toEqual([one.id]);
    });

    it('about somebody who was erased say nothing, and are not looked at again (S8)', async () => {
      const { store, other } = stores();
      const subject = aPerson();
      const report = aReport({ subject, isMessage: true, content: { text: 'I feel unwell' } });
      await store.reports.put(report, at);

      await store.subjectKeys.destroy(subject.type, subject.key, at);
      await store.erasures.wipe(subject.type, subject.key);

      const { content: _content, ...left } = report;
      expect(await other.reports.get(report.id)).toEqual(left);
      expect(await dueOf(report.connection, at + 1)).toEqual([]);
      await expect(store.reports.put(aReport({ effect: 'no-run/text#1' }), at)).resolves.toBe(true);
    });

    it('are refused when their run is of somebody who was erased (S8)', async () => {
      const { store } = stores();
      const subject = aPerson();
      const runId = await aRunOf(subject);
      await store.subjectKeys.destroy(subject.type, subject.key, at);

      await expect(
        store.reports.put(aReport({ effect: `${runId}/text#1`, subject }), at),
      ).rejects.toThrow(SubjectErasedError);
    });
  });

  describe('people', () => {
    it('are found by their address, however it is written, as long as they have it', async () => {
      const { store, other } = stores();
      const { type, key } = aPerson();
      const name = unique('ada');
      const phone = `+8869${Date.now() % 100_000}${Math.floor(Math.random() * 900) + 100}`;
      const spaced = `${phone.slice(0, 4)} ${phone.slice(4, 8)}-${phone.slice(8)}`;
      await store.subjects.merge(type, key, { email: `${name}@Example.org`, phone: spaced }, at);
      const found = async (attribute: string, value: string): Promise<string[]> =>
        (await other.subjects.withAddress(attribute, value)).map((subject) => subject.key);

      expect(await found('email', ` ${name.toUpperCase()}@example.ORG`)).toEqual([key]);
      expect(await found('phone', phone)).toEqual([key]);
      expect(await found('email', phone)).toEqual([]);
      expect(await found('name', name)).toEqual([]);
      expect(await found('phone', '')).toEqual([]);

      await store.subjects.merge(type, key, { email: null, phone: 12 }, at + 1);
      expect(await found('phone', phone)).toEqual([]);
      expect(await found('email', `${name}@example.org`)).toEqual([]);
    });
  });
}
