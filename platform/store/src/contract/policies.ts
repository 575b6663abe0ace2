import type { CapPolicy } from '@sojourn/schemas';
import { describe, expect, it } from 'vitest';

import type { ContactRecord } from '../ports.ts';
import { at, unique, type Stores } from './samples.ts';

// The promises about policies and contacts.

const day = 86_400_000;

const aCap = (key: string, limit: number): CapPolicy => ({
  ...{ kind: 'cap', key, name: 'Cap', enabled: true, limit, per: 'P7D', over: 'all' },
});

/** Describes what every adapter promises about policies and contacts. */
export function describePolicies(stores: Stores): void {
  describe('policies', () => {
    it('are appended revision by revision, each on top of the one that stands', async () => {
      const { store, other } = stores();
      const key = unique('policy');
      const first = { key, revision: 1, document: aCap(key, 1), updatedAt: at, updatedBy: 'owner' };
      const second = { ...first, revision: 2, document: aCap(key, 2), updatedAt: at + 1 };

      expect(await store.policies.get(key)).toBeUndefined();
      expect(await store.policies.put(aCap(key, 1), 1, 'owner', at)).toEqual({
        ...{ saved: false, policy: undefined },
      });
      expect(await store.policies.put(aCap(key, 1), 0, 'owner', at)).toEqual({
        ...{ saved: true, policy: first },
      });
      expect(await other.policies.put(aCap(key, 9), 0, 'owner', at)).toEqual({
        ...{ saved: false, policy: first },
      });
      expect(await other.policies.put(aCap(key, 2), 1, 'owner', at + 1)).toEqual({
        ...{ saved: true, policy: second },
      });

      expect(await store.policies.get(key)).toEqual(second);
      expect(await store.policies.history(key)).toEqual([second, first]);
    });

    it('let one of twenty concurrent changes win', async () => {
      const { store, other } = stores();
      const key = unique('policy');
      await store.policies.put(aCap(key, 1), 0, 'owner', at);

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).policies.put(aCap(key, index + 2), 1, 'owner', at),
        ),
      );

      expect(answers.filter(({ saved }) => saved)).toHaveLength(1);
      for (const { policy } of answers) expect(policy).toEqual(await store.policies.get(key));
      expect(await store.policies.history(key)).toHaveLength(2);
    });

    it('are listed by key, each as it stands', async () => {
      const { store } = stores();
      const prefix = unique('listed');
      const [a, ab, b] = [`${prefix}a`, `${prefix}a-b`, `${prefix}b`];
      for (const key of [b, ab, a]) await store.policies.put(aCap(key, 1), 0, 'owner', at);
      for (let revision = 1; revision < 11; revision += 1)
        await store.policies.put(aCap(a, revision), revision, 'owner', at);

      const listed = (await store.policies.list()).filter(({ key }) => key.startsWith(prefix));
      expect(listed.map(({ key, revision }) => [key, revision])).toEqual([
        ...[
          [a, 11],
          [ab, 1],
          [b, 1],
        ],
      ]);
    });
  });

  describe('contacts', () => {
    const place = (effect: string, change: Partial<ContactRecord> = {}) => ({
      ...{ effect, at, journey: 'j', channel: 'email', purpose: 'marketing' },
      ...{ countsUntil: at + 7 * day },
      ...change,
    });
    const upTo = (limit: number) => (others: ContactRecord[]) => others.length < limit;
    const effect = () => `${unique('run')}/hello#1`;

    it('hold places until they are given back, and for good when they were sent', async () => {
      const { store, other } = stores();
      const key = unique('key');
      const [one, two] = [effect(), effect()];
      const reserve = (name: string, limit = 2) =>
        store.contacts.reserve('patient', key, place(name), upTo(limit));

      expect(await reserve(one)).toBe(true);
      expect(await reserve(two)).toBe(true);
      expect(await reserve(effect())).toBe(false);
      await other.contacts.confirm('patient', key, one, at + 5);
      await other.contacts.release('patient', key, one);
      await other.contacts.release('patient', key, two);
      await other.contacts.release('patient', key, effect());

      expect(await store.contacts.of('patient', key)).toEqual([
        { ...place(one), at: at + 5, sent: true },
      ]);
      expect(await reserve(two)).toBe(true);
      expect(await store.contacts.of('patient', unique('key'))).toEqual([]);
    });

    it('hold one place an effect, however often it asks', async () => {
      const { store, other } = stores();
      const key = unique('key');
      const name = effect();

      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? store : other).contacts.reserve('patient', key, place(name), upTo(1)),
        ),
      );

      expect(new Set(answers)).toEqual(new Set([true]));
      expect(await store.contacts.of('patient', key)).toEqual([{ ...place(name), sent: false }]);
    });

    it('give three places to twenty who ask at once, when three there are', async () => {
      const { store, other } = stores();
      const key = unique('key');

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 ? store : other).contacts.reserve('patient', key, place(effect()), upTo(3)),
        ),
      );

      expect(answers.filter((held) => held)).toHaveLength(3);
      expect(await store.contacts.of('patient', key)).toHaveLength(3);
    });

    it('lose nobody’s word while others ask', async () => {
      const { store, other } = stores();
      const key = unique('key');
      const names = Array.from({ length: 6 }, effect);
      for (const name of names)
        await store.contacts.reserve('patient', key, place(name), upTo(100));

      await Promise.all([
        ...names.slice(0, 3).map((name) => store.contacts.confirm('patient', key, name, at + 1)),
        ...names.slice(3).map((name) => other.contacts.release('patient', key, name)),
        ...Array.from({ length: 6 }, () =>
          other.contacts.reserve('patient', key, place(effect()), upTo(100)),
        ),
      ]);

      const places = await store.contacts.of('patient', key);
      expect(places.filter(({ sent }) => sent).map(({ effect: name }) => name)).toEqual(
        names.slice(0, 3).sort(),
      );
      expect(places.filter(({ sent }) => !sent)).toHaveLength(6);
    });

    it('are forgotten when no cap counts them any longer', async () => {
      const { store } = stores();
      const key = unique('key');
      const [old, fresh, next] = [effect(), effect(), effect()];
      const { contacts } = store;
      await contacts.reserve('patient', key, place(old, { countsUntil: at + 1 }), upTo(1));
      await contacts.reserve('patient', key, place(fresh), upTo(2));

      expect(await contacts.reserve('patient', key, place(next, { at: at + 1 }), upTo(2))).toBe(
        true,
      );
      const left = await contacts.of('patient', key);
      expect(left.map((one) => one.effect)).toEqual([fresh, next]);
    });

    it('are removed with everything about a subject', async () => {
      const { store, other } = stores();
      const key = unique('key');
      await store.contacts.reserve('patient', key, place(effect()), upTo(1));
      await store.contacts.reserve('patient', `${key}x`, place(effect()), upTo(1));

      await other.contacts.forget('patient', key);
      await other.contacts.forget('patient', key);

      expect(await store.contacts.of('patient', key)).toEqual([]);
      expect(await store.contacts.of('patient', `${key}x`)).toHaveLength(1);
    });
  });
}
