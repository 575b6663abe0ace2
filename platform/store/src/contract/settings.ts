/* eslint @typescript-eslint/no-non-null-assertion: "off" -- As in every test. */
import { beforeAll, describe, expect, it } from 'vitest';

import type { ConnectionRecord, Store } from '../ports.ts';
import { type Stores, at, awkward, everyPage, times, unique } from './samples.ts';

/** Describes what every adapter promises about connections, people and settings. */
export function describeSettings(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

  describe('connections, people and settings', () => {
    it('keep connections', async () => {
      const plugin = unique('plugin');
      const connection: ConnectionRecord = {
        ...{ id: unique('connection'), plugin, type: 'smtp', name: 'Mail', settings: awkward },
        ...{ limits: { perSecond: 5 }, default: false, createdAt: at, updatedAt: at },
      };
      expect(await store.connections.replace(connection)).toBe(false);

      expect(await store.connections.insert(connection)).toBe(true);
      expect(await other.connections.insert(connection)).toBe(false);
      expect(await store.connections.defaultOf(plugin)).toBeUndefined();
      const changed = { ...connection, default: true, name: 'Post' };
      expect(await store.connections.replace(changed)).toBe(true);

      expect(await store.connections.get(connection.id)).toEqual(changed);
      expect(await store.connections.defaultOf(plugin)).toEqual(changed);
      expect(await store.connections.list()).toContainEqual(changed);
      expect(await store.connections.remove(connection.id)).toBe(true);
      expect(await store.connections.remove(connection.id)).toBe(false);
      expect(await store.connections.get(connection.id)).toBeUndefined();
    });

    it('keep how a connection is, as long as it is the one that was asked', async () => {
      const connection: ConnectionRecord = {
        ...{ id: unique('connection'), plugin: 'sms', type: 'smpp', name: 'A', settings: {} },
        ...{ limits: {}, default: false, createdAt: at, updatedAt: at },
      };
      const health = { status: 'ok', latencyMs: 3, at: at + 1 } as const;
      await store.connections.insert(connection);

      expect(await other.connections.noteHealth(connection.id, health, at)).toBe(true);
      expect(await store.connections.get(connection.id)).toEqual({ ...connection, health });
      expect(await store.connections.list()).toContainEqual({ ...connection, health });

      const changed = { ...connection, name: 'B', updatedAt: at + 2 };
      await store.connections.replace(changed);
      expect(await other.connections.noteHealth(connection.id, health, at)).toBe(false);
      expect(await store.connections.get(connection.id)).toEqual(changed);
      expect(await store.connections.noteHealth('none', health, at)).toBe(false);
    });

    it('keep people, the owner among them', async () => {
      const user = { id: unique('user'), name: 'Ada', role: 'owner', createdAt: at } as const;

      await store.access.putUser(user);
      await store.access.putUser({ ...user, name: 'Ada L.', email: 'ada@example.org' });

      expect(await store.access.user(user.id)).toEqual({
        ...{ ...user, name: 'Ada L.', email: 'ada@example.org' },
      });
      expect((await store.access.owner())?.id).toBe(user.id);
      expect(await store.access.user('nobody')).toBeUndefined();
    });

    it('keep credentials until they expire, and give a sign-in link out once', async () => {
      const link = {
        ...{ hash: unique('hash'), userId: 'u', createdAt: at, expiresAt: at + 10 },
        kind: 'sign-in',
      } as const;
      const token = { hash: unique('hash'), kind: 'token', userId: 'u', createdAt: at } as const;
      await store.access.putCredential(link);
      await store.access.putCredential(token);

      expect(await store.access.credential(token.hash, at + 10 ** 12)).toEqual(token);
      expect(await store.access.credential(link.hash, at + 9)).toEqual(link);
      expect(await store.access.credential(link.hash, at + 10)).toBeUndefined();
      expect(await store.access.takeCredential(link.hash, at + 10)).toBeUndefined();
      const taken = await Promise.all(
        times(10, (index) => (index % 2 ? store : other).access.takeCredential(link.hash, at)),
      );
      expect(taken.filter((credential) => credential !== undefined)).toEqual([link]);
    });

    it('keep an audit log, latest first', async () => {
      const target = unique('journey');
      const records = times(5, (index) => ({
        ...{ id: unique('audit'), at: at + (index % 3), by: 'owner', what: 'published', target },
        ...{ before: null, after: awkward },
      }));
      for (const record of records) await store.audit.append(record);
      await store.audit.append(records[0]!);

      const sorted = records.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      expect(await everyPage((page) => store.audit.list({ target }, page))).toEqual(sorted);
      expect((await store.audit.list({}, { limit: 1 })).items).toHaveLength(1);
    });

    it('keep values under names, the first one when asked to', async () => {
      const name = unique('setting.$');
      expect(await store.settings.get(name)).toBeUndefined();

      const first = await Promise.all(
        times(10, (index) => (index % 2 ? store : other).settings.putOnce(name, { index })),
      );
      const stored = first.filter((answer) => answer.stored);
      expect(stored).toHaveLength(1);
      for (const { value } of first) expect(value).toEqual(stored[0]?.value);

      await store.settings.put(name, awkward);
      expect(await other.settings.get(name)).toEqual(awkward);
      await store.settings.put(name, null);
      expect(await store.settings.get(name)).toBeNull();
    });

    it('give a lease to one at a time, until it ends or is given back', async () => {
      const name = unique('lease');
      expect(await store.leases.take(name, 'a', at, at + 10)).toBe(true);
      expect(await other.leases.take(name, 'b', at + 9, at + 19)).toBe(false);
      expect(await store.leases.take(name, 'a', at + 9, at + 20)).toBe(true);
      expect(await other.leases.take(name, 'b', at + 19, at + 30)).toBe(false);
      expect(await other.leases.take(name, 'b', at + 20, at + 30)).toBe(true);
      await store.leases.drop(name, 'a');
      expect(await store.leases.take(name, 'a', at + 21, at + 30)).toBe(false);
      await other.leases.drop(name, 'b');
      expect(await store.leases.take(name, 'a', at + 21, at + 30)).toBe(true);
    });

    it('give a lease to one of many who ask at once', async () => {
      const name = unique('lease');
      const taken = await Promise.all(
        times(20, (index) =>
          (index % 2 ? store : other).leases.take(name, `holder-${index}`, at, at + 10),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });
}
