import { beforeAll, describe, expect, it } from 'vitest';

import type { ConnectionRecord, KeysStanding, Store } from '../ports.ts';
import { createSealer, generationsIn, openSettings, sealSettings } from '../sealing.ts';
import { at, times, unique, type Stores } from './samples.ts';

/** What every adapter promises about the roots of a deployment, and what is wrapped under them (X2, X6, N1 to N3). */
export function describeRoots(stores: Stores): void {
  let store: Store;
  let other: Store;
  beforeAll(() => ({ store, other } = stores()));

  const atOnce = { pause: () => Promise.resolve() };
  const people = (count: number) => {
    const name = unique('renewed');
    return times(count, (index) => ({ type: 'patient', key: `${name}-${index}` }));
  };
  const earlierIn = ({ newest, generations }: KeysStanding) =>
    generations
      .filter(({ generation }) => generation < newest)
      .reduce((sum, { subjectKeys, secrets }) => sum + subjectKeys + secrets, 0);

  async function aConnection(password = 'open sesame'): Promise<ConnectionRecord> {
    const id = unique('connection');
    const settings = { host: 'h', password, inbound: { password: 'within' } };
    const connection: ConnectionRecord = {
      ...{ id, plugin: unique('plugin'), type: 'smtp', name: 'Mail' },
      settings: sealed(id, settings),
      ...{ limits: {}, default: true, createdAt: at, updatedAt: at },
    };
    await store.connections.insert(connection);
    return connection;
  }
  const sealed = (id: string, settings: ConnectionRecord['settings'], by = store) =>
    sealSettings(createSealer(by.roots), id, settings, ['password', 'inbound/password']);
  const secretOf = async (id: string, by = store) => {
    const connection = await by.connections.get(id);
    return connection && openSettings(createSealer(by.roots), id, connection.settings)['password'];
  };

  describe('roots', () => {
    it('are the same to everybody', async () => {
      await other.roots.refresh();

      expect(store.roots.newest().secret).toHaveLength(32);
      expect(other.roots.newest()).toEqual(store.roots.newest());
    });

    it('are renewed: everything is wrapped under the new one, and stays what it was (X2, N1)', async () => {
      const before = store.roots.newest().generation;
      const [mei, lin] = people(2);
      if (!mei || !lin) throw new Error('nobody');
      const key = await store.subjectKeys.of(mei.type, mei.key);
      await store.subjectKeys.of(lin.type, lin.key);
      await store.subjectKeys.destroy(lin.type, lin.key, at);
      const connection = await aConnection();

      const { generation, failed } = await store.roots.renew(atOnce);

      expect(failed).toEqual([]);
      expect(generation).toBe(before + 1);
      expect(store.roots.newest().generation).toBe(generation);
      const standing = await other.roots.standing();
      expect(standing).toMatchObject({ newest: generation, isRenewing: false });
      expect(earlierIn(standing)).toBe(0);
      expect(await other.subjectKeys.byId(key.id)).toEqual(key);
      expect(await other.subjectKeys.isErased(lin.type, lin.key)).toBe(true);
      const kept = await other.connections.get(connection.id);
      expect(kept).toEqual({ ...connection, settings: kept?.settings });
      expect(generationsIn(kept?.settings ?? {})).toEqual([generation, generation]);
      expect(await secretOf(connection.id, other)).toBe('open sesame');
    });

    it('that are not known here yet are looked for when something is under them (X6)', async () => {
      await store.roots.renew(atOnce);
      const [mei] = people(1);
      if (!mei) throw new Error('nobody');
      const key = await store.subjectKeys.of(mei.type, mei.key);
      expect(await other.subjectKeys.byId(key.id)).toEqual(key);

      for (const find of [
        (id: string) => other.connections.get(id),
        async (id: string) => (await other.connections.list()).find((item) => item.id === id),
        (_id: string, plugin: string) => other.connections.defaultOf(plugin),
      ]) {
        await store.roots.renew(atOnce);
        const { id, plugin } = await aConnection();
        const { settings = {} } = (await find(id, plugin)) ?? {};
        const opened = openSettings(createSealer(other.roots), id, settings);
        expect(opened['password']).toBe('open sesame');
      }
      await expect(other.roots.of(9_999)).rejects.toThrow('generation 9999');
    });

    it('are told to everybody before anything is wrapped anew (N2)', async () => {
      const [mei] = people(1);
      if (!mei) throw new Error('nobody');
      await store.subjectKeys.of(mei.type, mei.key);
      let meanwhile: KeysStanding | undefined;

      await store.roots.renew({
        pause: async (ms) => {
          expect(ms).toBeGreaterThan(5_000);
          meanwhile = await other.roots.standing();
        },
      });

      expect(meanwhile).toMatchObject({
        isRenewing: true,
        newest: other.roots.newest().generation,
      });
      expect(meanwhile?.generations.at(-1)).toMatchObject({ subjectKeys: 0, secrets: 0 });
      expect(meanwhile && earlierIn(meanwhile)).toBeGreaterThan(0);
    });

    it('whose renewal was cut off are gone on with, not begun anew (N1)', async () => {
      for (const { type, key } of people(300)) await store.subjectKeys.of(type, key);
      const cutOff = new Error('killed');
      const before = store.roots.newest().generation;
      const killed = store.roots.renew({
        ...atOnce,
        report({ done, total }) {
          if (done < total) throw cutOff;
        },
      });
      await expect(killed).rejects.toBe(cutOff);
      const halfway = await other.roots.standing();
      expect(halfway).toMatchObject({ newest: before + 1, isRenewing: true });
      expect(earlierIn(halfway)).toBeGreaterThan(0);
      expect(halfway.generations.at(-1)?.subjectKeys).toBeGreaterThan(0);

      const { generation } = await other.roots.renew(atOnce);

      expect(generation).toBe(before + 1);
      const standing = await store.roots.standing();
      expect(standing).toMatchObject({ newest: before + 1, isRenewing: false });
      expect(earlierIn(standing)).toBe(0);
    });

    it('are renewed while people are erased and connections are saved: neither is undone (N3)', async () => {
      const all = people(600);
      for (const { type, key } of all) await store.subjectKeys.of(type, key);
      const connections = await Promise.all(times(20, () => aConnection('before')));
      const gone = all.filter((_, index) => index % 2 === 0);

      await Promise.all([
        store.roots.renew(atOnce),
        (async () => {
          for (const { type, key } of gone.toReversed())
            await other.subjectKeys.destroy(type, key, at);
        })(),
        (async () => {
          for (const connection of connections) {
            const settings = sealed(connection.id, { host: 'i', password: 'after' }, other);
            await other.connections.replace({ ...connection, settings, updatedAt: at + 1 });
          }
        })(),
      ]);

      for (const { type, key } of gone)
        expect(await store.subjectKeys.isErased(type, key)).toBe(true);
      for (const { id } of connections) expect(await secretOf(id)).toBe('after');
    });
  });

  describe('the settings of a connection', () => {
    it('are amended as they stand, or not at all (N3)', async () => {
      const connection = await aConnection();

      const isDone = await store.connections.amend(connection.id, (settings) => ({
        ...settings,
        host: 'amended',
      }));

      expect(isDone).toBe(true);
      const settings = { ...connection.settings, host: 'amended' };
      expect(await other.connections.get(connection.id)).toEqual({ ...connection, settings });
      expect(await store.connections.amend('none', (given) => given)).toBe(false);

      const health = { status: 'ok', latencyMs: 3, at } as const;
      const saved = { ...connection, settings: { host: 'saved' }, updatedAt: connection.updatedAt };
      const late = await store.connections.amend(connection.id, async (given) => {
        await other.connections.replace(saved); // in the same millisecond
        return given;
      });
      expect(late).toBe(false);
      expect(await store.connections.get(connection.id)).toEqual(saved);
      const asked = await store.connections.amend(connection.id, async (given) => {
        await other.connections.noteHealth(connection.id, health, connection.updatedAt);
        return { ...given, port: 1 };
      });
      expect(asked).toBe(true);
      expect(await store.connections.get(connection.id)).toEqual({
        ...{ ...saved, settings: { host: 'saved', port: 1 }, health },
      });
      const gone = await store.connections.amend(connection.id, async (given) => {
        await other.connections.remove(connection.id);
        return given;
      });
      expect(gone).toBe(false);
      expect(await store.connections.get(connection.id)).toBeUndefined();
    });
  });
}
