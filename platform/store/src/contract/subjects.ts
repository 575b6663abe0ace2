import { beforeAll, describe, expect, it } from 'vitest';

import type { Store } from '../ports.ts';
import { type Stores, at, awkward, everyPage, times, unique } from './samples.ts';

/** Describes what every adapter promises about subjects. */
export function describeSubjects(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

  describe('subjects', () => {
    it('are made and changed by merge patches', async () => {
      const key = unique('with/slash');

      const made = await store.subjects.merge('patient', key, { ...awkward, gone: 1 }, at);
      const patch = { gone: null, empty: { a: { b: null } }, text: 'new' };
      const changed = await store.subjects.merge('patient', key, patch, at + 1);

      const first = { type: 'patient', key, revision: 1, createdAt: at, updatedAt: at };
      const { empty: _empty, ...rest } = awkward;
      expect(made).toEqual({
        subject: { ...first, attributes: { ...awkward, gone: 1 } },
        changed: [...Object.keys(awkward), 'gone'],
        created: true,
      });
      const attributes = { ...rest, empty: { a: {} }, text: 'new' };
      const second = { ...first, attributes, revision: 2, updatedAt: at + 1 };
      expect({ ...changed, changed: changed.changed.toSorted() }).toEqual({
        ...{ subject: second, changed: ['empty', 'gone', 'text'], created: false },
      });
      expect(await other.subjects.get('patient', key)).toEqual(second);
    });

    it('are not written when nothing changes', async () => {
      const key = unique('key');
      const { subject } = await store.subjects.merge('patient', key, { a: [1] }, at);

      const again = await store.subjects.merge('patient', key, { a: [1], b: null }, at + 1);

      expect(again).toEqual({ subject, changed: [], created: false });
    });

    it('keep every one of many concurrent patches', async () => {
      const key = unique('key');

      const merges = await Promise.all(
        times(20, (index) =>
          (index % 2 ? store : other).subjects.merge('patient', key, { [`a${index}`]: index }, at),
        ),
      );

      expect(merges.filter(({ created }) => created)).toHaveLength(1);
      const subject = await store.subjects.get('patient', key);
      expect(subject?.revision).toBe(20);
      expect(Object.keys(subject?.attributes ?? {})).toHaveLength(20);
    });

    it('are listed by type and key', async () => {
      const type = unique('type');
      for (const key of ['c', 'a', 'b/1']) await store.subjects.merge(type, key, {}, at);
      await store.subjects.merge(`${type}x`, 'z', {}, at);

      const listed = await everyPage((page) => store.subjects.list(type, page));
      const all = await everyPage((page) => store.subjects.list(undefined, page), 50);

      expect(listed.map(({ key }) => key)).toEqual(['a', 'b/1', 'c']);
      expect(all.filter((subject) => subject.type === `${type}x`)).toHaveLength(1);
    });

    it('replace a consent by one that is not older', async () => {
      const key = unique('key');
      const consent = {
        ...{ type: 'patient', key, purpose: '*', channel: 'email', source: 'form' },
      };

      const answers = [
        await store.subjects.putConsent({ ...consent, state: 'given', at, proof: 'signed' }),
        await store.subjects.putConsent({ ...consent, state: 'withdrawn', at: at + 2 }),
        await store.subjects.putConsent({ ...consent, state: 'given', at: at + 1 }),
        await store.subjects.putConsent({ ...consent, channel: 'sms', state: 'given', at }),
      ];
      await store.subjects.putConsent({ ...consent, key: `${key}x`, state: 'given', at });

      expect(answers).toEqual([true, true, false, true]);
      const standing = await store.subjects.consents('patient', key);
      expect(standing).toHaveLength(2);
      expect(standing).toContainEqual({ ...consent, state: 'withdrawn', at: at + 2 });
    });

    it('keep the latest of consents that are written in the same moment', async () => {
      const key = unique('key');
      const consent = {
        ...{ type: 'patient', key, purpose: '*', source: 'form' },
        state: 'given',
      } as const;
      const channels = times(20, (index) => `channel-${index}`);

      await Promise.all(
        channels.flatMap((channel) =>
          times(6, (index) =>
            (index % 2 ? store : other).subjects.putConsent({
              ...consent,
              channel,
              at: at + ((index + 4) % 6),
            }),
          ),
        ),
      );

      const standing = await store.subjects.consents('patient', key);
      expect(standing).toHaveLength(channels.length);
      for (const { at: since } of standing) expect(since).toBe(at + 5);
    });

    it('are removed with their consents', async () => {
      const key = unique('key');
      await store.subjects.merge('patient', key, {}, at);
      await store.subjects.putConsent({
        ...{ type: 'patient', key, purpose: '*', channel: 'sms', state: 'given' },
        ...{ at, source: 'form' },
      });

      expect(await store.subjects.remove('patient', key)).toBe(true);
      expect(await store.subjects.remove('patient', key)).toBe(false);

      expect(await store.subjects.get('patient', key)).toBeUndefined();
      expect(await store.subjects.consents('patient', key)).toEqual([]);
    });
  });
}
