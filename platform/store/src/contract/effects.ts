/* eslint @typescript-eslint/no-non-null-assertion: "off" -- As in every test. */
import { beforeAll, describe, expect, it } from 'vitest';

import type { Store } from '../ports.ts';
import { type Stores, anAttempt, at, deferred, settled, times, unique } from './samples.ts';

/** Describes what every adapter promises about effects. */
export function describeEffects(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

  describe('effects', () => {
    const anEffect = () => `${unique('run')}/hello#1`;

    it('begin, and are leased to one attempt at a time', async () => {
      const id = anEffect();
      const first = anAttempt(id);
      const record = {
        ...{ id, runId: first.runId, plugin: 'email', action: 'send', connection: 'smtp' },
        ...{ attempts: 1, leaseUntil: first.leaseUntil, intentAt: at },
      };

      expect(await store.effects.begin(first)).toEqual({ began: true, before: undefined });
      expect(await other.effects.begin(anAttempt(id, { at: at + 1 }))).toEqual({
        ...{ began: false, record },
      });
      const next = { at: first.leaseUntil, leaseUntil: first.leaseUntil + 1 };
      expect(await store.effects.begin(anAttempt(id, next))).toEqual({
        ...{ began: true, before: record },
      });

      expect((await store.effects.get(id))?.attempts).toBe(2);
    });

    it('let one of fifty concurrent attempts begin', async () => {
      const id = anEffect();

      const begun = await Promise.all(
        times(50, (index) => (index % 2 ? store : other).effects.begin(anAttempt(id))),
      );

      expect(begun.filter(({ began }) => began)).toHaveLength(1);
      expect((await store.effects.get(id))?.attempts).toBe(1);
    });

    it('give the lease back, and the attempt when it does not count', async () => {
      const id = anEffect();
      await store.effects.begin(anAttempt(id));
      await store.effects.release(id, { countAttempt: false });
      await store.effects.release(id, { countAttempt: false });

      const { attempts, leaseUntil, intentAt } = (await store.effects.get(id))!;
      expect({ attempts, leaseUntil, intentAt }).toEqual({ attempts: 0 });

      await store.effects.begin(anAttempt(id));
      await store.effects.release(id, { countAttempt: true });
      expect((await store.effects.get(id))?.attempts).toBe(1);
      await store.effects.release('nobody/x#1', { countAttempt: false });
      expect(await store.effects.get('nobody/x#1')).toBeUndefined();
    });

    it('keep the intent of an attempt of which nobody knows', async () => {
      const id = anEffect();
      await store.effects.begin(anAttempt(id));
      await store.effects.release(id, { countAttempt: true, keepIntent: true });

      const { leaseUntil, intentAt } = (await store.effects.get(id))!;
      expect({ leaseUntil, intentAt }).toEqual({ intentAt: at });
    });

    it('are settled once (S3)', async () => {
      const id = anEffect();
      await store.effects.begin(anAttempt(id));

      const answers = await Promise.all(
        times(50, (index) =>
          (index % 2 ? store : other).effects.settle(id, settled(id, `${index}`)),
        ),
      );

      const winner = answers.indexOf(true);
      expect(answers.filter(Boolean)).toHaveLength(1);
      const record = (await store.effects.get(id))!;
      expect(record.outcome).toEqual(settled(id, `${winner}`));
      expect(record).not.toHaveProperty('leaseUntil');
      expect(record).not.toHaveProperty('intentAt');
      expect(await store.effects.begin(anAttempt(id, { at: at + 10 ** 9 }))).toEqual({
        ...{ began: false, record },
      });
      await store.effects.release(id, { countAttempt: false });
      expect(await store.effects.get(id)).toEqual(record);
    });

    it('may be settled before any attempt', async () => {
      const id = anEffect();
      const because = { rule: 'no-consent' };

      await store.effects.settle(id, {
        ...{ type: 'effect.suppressed', at, effect: id, because },
      });

      expect(await store.effects.get(id)).toEqual({
        ...{ id, runId: id.split('/')[0], attempts: 0 },
        outcome: { type: 'effect.suppressed', at, effect: id, because },
      });
    });

    it('stand deferred until the instant, then may begin or be settled anew', async () => {
      const [id, again] = [anEffect(), anEffect()];
      const until = at + 100;
      for (const effect of [id, again]) {
        expect(await store.effects.settle(effect, deferred(effect, until))).toBe(true);
        expect(await store.effects.settle(effect, settled(effect))).toBe(false);
      }
      expect((await store.effects.begin(anAttempt(id, { at: until - 1 }))).began).toBe(false);

      const begun = await store.effects.begin(anAttempt(id, { at: until }));
      const later = { ...deferred(again, until + 100), at: until };

      expect(begun).toMatchObject({ began: true, before: { outcome: { until } } });
      expect(await store.effects.get(id)).not.toHaveProperty('outcome');
      expect(await store.effects.settle(again, later)).toBe(true);
      expect((await store.effects.get(again))?.outcome).toEqual(later);
    });

    it('are opened again for the same key, and found by their reference', async () => {
      const id = anEffect();
      const reference = unique('reference');
      await store.effects.begin(anAttempt(id));
      await store.effects.settle(id, { type: 'effect.accepted', at, effect: id, reference });
      expect((await store.effects.byReference('smtp', reference))?.id).toBe(id);
      expect(await store.effects.byReference('another', reference)).toBeUndefined();
      const known = (connection: string) =>
        store.effects.knownReferences(connection, ['unheard of', reference]);
      expect(await known('smtp')).toEqual(new Set([reference]));
      expect(await known('another')).toEqual(new Set());

      await store.effects.reopen(id);

      expect(await store.effects.get(id)).toEqual({
        ...{ id, runId: id.split('/')[0], plugin: 'email', action: 'send', connection: 'smtp' },
        ...{ attempts: 0, reference },
      });
      expect((await store.effects.begin(anAttempt(id))).began).toBe(true);
    });
  });
}
