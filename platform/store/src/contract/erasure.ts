import type { RunState, TrailEntry } from '@sojourn/engine';
import { describe, expect, it } from 'vitest';

import { SubjectErasedError } from '../keys.ts';
import type { Checkpoint, RunRecord } from '../ports.ts';
import type { Stores } from './samples.ts';

/** What every adapter promises about keys of subjects and their end (S8). */
export function describeErasure(stores: Stores): void {
  let counter = 0;
  const at = Date.UTC(2100, 0, 1);
  const aPerson = () => ({ type: 'patient', key: `erasure-${(counter += 1)}` });

  function aRunOf(subject: { type: string; key: string }): { run: RunRecord; state: RunState } {
    const id = `erasure-run-${subject.key}-${(counter += 1)}`;
    const run: RunRecord = {
      ...{ id, journey: 'erasure', version: 1, planHash: 'a-hash', subject, key: id, ordinal: 1 },
      ...{ status: 'active', startedAt: at, positions: [], incidents: [], revision: 0 },
    };
    const state = { runId: id, status: 'active', startedAt: at, revision: 0, vars: {} };
    return { run, state: state as unknown as RunState };
  }
  const aCheckpoint = (run: RunRecord, revision: number, trail: TrailEntry[]): Checkpoint => ({
    runId: run.id,
    ...{ journey: run.journey, version: run.version, trail, incidents: [] },
    positions: [{ step: 'hello', visit: 1, since: at }],
    state: { runId: run.id, status: 'active', revision, vars: {} } as unknown as RunState,
  });
  const said = (seq: number, because: TrailEntry['because']): TrailEntry => ({
    ...{ seq, at: at + seq, what: 'sent', step: 'hello', visit: 1, because },
  });

  /** A person with everything that is kept about one. */
  async function aKnownPerson() {
    const { store } = stores();
    const subject = aPerson();
    const { run, state } = aRunOf(subject);
    await store.subjects.merge(subject.type, subject.key, { email: 'a@b.example' }, at);
    await store.runs.insert(run, state);
    const left = { ...said(1, { port: 'sent' }), what: 'left' as const };
    await store.runs.checkpoint(aCheckpoint(run, 1, [said(0, { to: 'a@b.example' }), left]));
    const effect = `${run.id}/hello#1`;
    await store.effects.settle(effect, {
      ...{ type: 'effect.settled', at, effect: 'hello#1', outcome: 'sent' },
      output: { to: 'a@b.example' },
    });
    const message = { type: 'run.started' as const, at, id: 'start' };
    await store.intake.put({ id: `${run.id}/start`, runId: run.id, at, message });
    const event = { id: `event-${run.id}`, source: 's', eventId: 'e', type: 't', subject };
    await store.intake.acceptEvent({ ...event, data: { phone: '12345' }, acceptedAt: at });
    const entry = {
      ...{ id: `entry-${run.id}`, journey: 'erasure', subject, at, result: 'refused' as const },
      ...{ cause: { type: 'event' as const }, reason: 'inputs-invalid', detail: 'no 12345' },
    };
    await store.intake.addEntry(entry);
    return { subject, run, effect, event: { ...event, data: {}, acceptedAt: at }, entry };
  }

  describe('keys of subjects', () => {
    it('are made once, whoever asks first, and found by name and by run', async () => {
      const { store, other } = stores();
      const { type, key } = aPerson();

      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store : other).subjectKeys.of(type, key),
        ),
      );

      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
      const [first] = all;
      expect(first?.key).toHaveLength(32);
      expect(await other.subjectKeys.byId(first?.id ?? '')).toEqual(first);
      const { run, state } = aRunOf({ type, key });
      await store.runs.insert(run, state);
      expect(await other.subjectKeys.ofRun(run.id)).toEqual(first);
      expect((await store.subjectKeys.of(type, `${key}-other`)).id).not.toBe(first?.id);
    });

    it('that were never given out are an error, and no erasure (Y3)', async () => {
      await expect(stores().store.subjectKeys.byId('AAAAAAAAAAAB')).rejects.toThrow('is missing');
    });

    it('once destroyed are not made again but when somebody says so (Y2)', async () => {
      const { store } = stores();
      const { type, key } = aPerson();
      const before = await store.subjectKeys.of(type, key);
      expect(await store.subjectKeys.renew(type, key)).toBe(false);

      await store.subjectKeys.destroy(type, key, at);
      await store.subjectKeys.destroy(type, key, at + 1);

      expect(await store.subjectKeys.isErased(type, key)).toBe(true);
      await expect(store.subjectKeys.of(type, key)).rejects.toThrow(SubjectErasedError);
      expect(await store.subjectKeys.byId(before.id)).toBeUndefined();

      expect(await store.subjectKeys.renew(type, key)).toBe(true);
      const after = await store.subjectKeys.of(type, key);
      expect(after.id).not.toBe(before.id);
      expect(await store.subjectKeys.isErased(type, key)).toBe(false);
      expect(await store.subjectKeys.byId(before.id)).toBeUndefined();
    });

    it('are forbidden to somebody who was erased before they had one', async () => {
      const { store } = stores();
      const { type, key } = aPerson();

      await store.subjectKeys.destroy(type, key, at);

      await expect(store.subjectKeys.of(type, key)).rejects.toThrow(SubjectErasedError);
    });
  });

  describe('an erased person', () => {
    it('is written about no more, wherever it is tried (S8)', async () => {
      const { store } = stores();
      const { subject, run, effect, event } = await aKnownPerson();
      await store.runs.close(run.id, { outcome: 'erased', at: at + 5 });
      await store.subjectKeys.destroy(subject.type, subject.key, at);
      await store.erasures.wipe(subject.type, subject.key);
      await store.subjects.remove(subject.type, subject.key);

      const next = aRunOf(subject);
      const tries = [
        () => store.subjects.merge(subject.type, subject.key, { a: 1 }, at),
        () => store.runs.insert(next.run, next.state),
        () => store.runs.checkpoint(aCheckpoint(run, 9, [said(7, { a: 1 })])),
        () => store.effects.begin({ ...anAttempt(effect, run.id), id: `${run.id}/next#1` }),
        () =>
          store.effects.settle(`${run.id}/next#1`, {
            ...{ type: 'effect.suppressed', at, effect: 'next#1', because: { code: 'x' } },
          }),
        () =>
          store.intake.put({
            ...{ id: `${run.id}/late`, runId: run.id, at },
            message: { type: 'run.started', at, id: 'late' },
          }),
        () => store.intake.acceptEvent({ ...event, id: `${event.id}-late` }),
      ];
      for (const attempt of tries) await expect(attempt()).rejects.toThrow(SubjectErasedError);

      expect(await store.subjects.get(subject.type, subject.key)).toBeUndefined();
      expect(await store.runs.get(next.run.id)).toBeUndefined();
      expect(await store.effects.get(`${run.id}/next#1`)).toBeUndefined();
      expect(await store.intake.messagesOf(run.id)).toEqual([]);
    });

    it('leaves steps and instants, also once they are known again', async () => {
      const { store } = stores();
      const { subject, run, effect, entry } = await aKnownPerson();

      await store.runs.close(run.id, { outcome: 'erased', at: at + 5 });
      await store.subjectKeys.destroy(subject.type, subject.key, at);
      await store.erasures.wipe(subject.type, subject.key);
      await store.erasures.wipe(subject.type, subject.key);
      await store.subjectKeys.renew(subject.type, subject.key);

      expect(await store.runs.get(run.id)).toMatchObject({ status: 'ended', outcome: 'erased' });
      expect(await store.runs.state(run.id)).toBeUndefined();
      const { items } = await store.runs.trail(run.id, { limit: 10 });
      expect(items).toEqual([
        said(0, { erased: true }),
        { ...said(1, { port: 'sent' }), what: 'left' },
        { seq: 2, at: at + 5, what: 'ended', because: { outcome: 'erased' } },
      ]);
      expect((await store.effects.get(effect))?.outcome).toMatchObject({
        because: { code: 'erased' },
      });
      const events = await store.intake.eventsOf(subject, { limit: 10 });
      expect(events.items.map(({ data, routed }) => [data, routed])).toEqual([
        [{ erased: true }, true],
      ]);
      expect(await store.intake.entry(entry.id)).toEqual({ ...entry, detail: undefined });
      await expect(store.runs.checkpoint(aCheckpoint(run, 9, []))).rejects.toThrow(
        SubjectErasedError,
      );
    });

    it('leaves what was sealed unreadable even where nothing was wiped', async () => {
      const { store } = stores();
      const { subject, run, effect } = await aKnownPerson();

      await store.subjectKeys.destroy(subject.type, subject.key, at);

      const { items } = await store.runs.trail(run.id, { limit: 10 });
      expect(items).toHaveLength(2);
      expect(await store.effects.get(effect)).toBeDefined();
      await store.runs.get(run.id);
      await store.intake.eventsOf(subject, { limit: 10 });
    });
  });

  describe('a run closed from outside', () => {
    it('ends once, and is not written over by its own host', async () => {
      const { store } = stores();
      const { run } = await aKnownPerson();

      expect(await store.runs.close(run.id, { outcome: 'erased', at: at + 5 })).toBe(true);
      expect(await store.runs.close(run.id, { outcome: 'other', at: at + 6 })).toBe(false);
      expect(await store.runs.close('nobody', { outcome: 'other', at })).toBe(false);
      await store.runs.checkpoint(aCheckpoint(run, 9, []));

      expect(await store.runs.get(run.id)).toMatchObject({
        ...{ status: 'ended', outcome: 'erased', endedAt: at + 5, positions: [] },
      });
      expect(await store.runs.openOfSubject(run.subject.type, run.subject.key)).toEqual([]);
    });
  });

  describe('erasures', () => {
    it('are under way until they are finished', async () => {
      const { store, other } = stores();
      const { type, key } = aPerson();
      const erasure = { type, key, at, by: 'owner' };

      await store.erasures.begin(erasure);
      await store.erasures.begin({ ...erasure, by: 'another' });
      const found = async () =>
        (await other.erasures.underWay(1_000)).filter((item) => item.key === key);
      expect(await found()).toEqual([erasure]);
      expect(await other.erasures.isUnderWay(type, key)).toBe(true);

      await store.erasures.markDestroyed(type, key, at + 1);
      await store.erasures.markDestroyed(type, key, at + 2);
      expect(await found()).toEqual([{ ...erasure, destroyedAt: at + 1 }]);
      expect(await other.erasures.isUnderWay(type, key)).toBe(false);

      await store.erasures.finish(type, key);
      expect(await found()).toEqual([]);
      expect(await store.erasures.isUnderWay(type, key)).toBe(false);
    });

    it('begun anew take the place of what was done, and are not finished with it', async () => {
      const { store, other } = stores();
      const { type, key } = aPerson();
      await store.erasures.begin({ type, key, at, by: 'owner' });
      await store.erasures.markDestroyed(type, key, at + 1);

      await store.erasures.begin({ type, key, at: at + 5, by: 'another' });
      expect(await other.erasures.isUnderWay(type, key)).toBe(true);
      await store.erasures.finish(type, key); // the last look at the earlier one

      const found = (await other.erasures.underWay(1_000)).filter((item) => item.key === key);
      expect(found).toEqual([{ type, key, at: at + 5, by: 'another' }]);
    });
  });

  const anAttempt = (id: string, runId: string) => ({
    ...{ id, runId, plugin: 'email', action: 'send', at, leaseUntil: at + 1_000 },
  });
}
