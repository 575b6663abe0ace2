import { randomBytes } from 'node:crypto';
import {
  createMongoStore,
  createSealer,
  DeploymentKeyError,
  fixedRoots,
  openSettings,
  sealSettings,
  type Store,
} from '@sojourn/store';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServers, type Servers } from '../support/servers.ts';

// The keys of a deployment in a real MongoDB: what an earlier release left, exchanges, and starts at once.

const aKey = () => new Uint8Array(randomBytes(32));

let servers: Servers;
let client: MongoClient;
let db: Db;
let count = 0;
const open: Store[] = [];
beforeAll(async () => {
  servers = await startServers();
  client = await MongoClient.connect(servers.mongoUri);
});
afterAll(async () => {
  await client.close();
  await servers.stop();
});
beforeEach(() => {
  db = client.db(`keys-${(count += 1)}`);
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
});

async function started(
  deploymentKey: Uint8Array,
  formerKeys: Uint8Array[] = [],
  onOutdated: (error: Error) => void = () => undefined,
): Promise<Store> {
  const store = await createMongoStore({
    ...{ uri: servers.mongoUri, database: db.databaseName, deploymentKey, formerKeys, onOutdated },
  });
  open.push(store);
  return store;
}
const roots = () => db.collection('roots').find().toArray();

/** Makes the database one of an earlier release, whose key is the deployment's itself. */
async function anEarlierRelease(key: Uint8Array, content: 'keys' | 'secrets' | 'neither') {
  await db.collection('settings').insertOne({ _id: 'demo' as never, value: '"none"' });
  const store = await started(key);
  if (content === 'keys') await store.subjectKeys.of('patient', 'mei');
  const sealer = createSealer(fixedRoots(key));
  if (content !== 'neither')
    await store.connections.insert({
      ...{ id: 'mail', plugin: 'email', type: 'smtp', name: 'Mail', default: true },
      settings: sealSettings(sealer, 'mail', { password: 'open sesame' }, ['password']),
      ...{ limits: {}, createdAt: 0, updatedAt: 0 },
    });
  await db.collection('roots').deleteMany({});
}
const secretIn = async (store: Store) => {
  const connection = await store.connections.get('mail');
  return openSettings(createSealer(store.roots), 'mail', connection?.settings ?? {})['password'];
};

describe('a database from before there were roots', () => {
  it.each(['keys', 'secrets'] as const)(
    'with %s goes on with the key it had (X3)',
    async (kind) => {
      const [key, wrong] = [aKey(), aKey()];
      await anEarlierRelease(key, kind);

      await expect(started(wrong)).rejects.toThrow(DeploymentKeyError);
      expect(await roots()).toEqual([]);
      const store = await started(key);

      expect(store.roots.all()).toEqual([{ generation: 1, secret: key }]);
      expect(await secretIn(store)).toBe('open sesame');
      await store.subjectKeys.of('patient', 'mei');
      const rows = await db.collection('subjectKeys').find().toArray();
      expect(rows.map(({ g }) => g as unknown)).toEqual([undefined]); // as an earlier release reads it
    },
  );

  it('has its key exchanged at once, when that is asked for (X3)', async () => {
    const [former, key] = [aKey(), aKey()];
    await anEarlierRelease(former, 'keys');

    const store = await started(key, [former]);

    expect(store.roots.all()).toEqual([{ generation: 1, secret: former }]);
    expect(await secretIn(store)).toBe('open sesame');
    await expect(started(former)).rejects.toThrow(DeploymentKeyError);
  });

  it('that has sealed nothing keeps its key for the links that were sent (X3)', async () => {
    const key = aKey();
    await anEarlierRelease(key, 'neither');

    expect((await started(key)).roots.newest().secret).toEqual(key);
  });

  it('and a new one are told apart: there the root is random (X1)', async () => {
    const key = aKey();

    expect((await started(key)).roots.newest().secret).not.toEqual(key);
  });
});

describe('a deployment whose key is exchanged', () => {
  it('by many processes that start at once goes on, and so does who runs (X4, X5)', async () => {
    const [former, key] = [aKey(), aKey()];
    const running = await started(former);
    const mei = await running.subjectKeys.of('patient', 'mei');

    const all = await Promise.all(Array.from({ length: 5 }, () => started(key, [former])));

    for (const store of all) expect(await store.subjectKeys.of('patient', 'mei')).toEqual(mei);
    const lin = await running.subjectKeys.of('patient', 'lin');
    expect(await all[0]?.subjectKeys.byId(lin.id)).toEqual(lin);
    const before = await roots();
    await expect(started(former)).rejects.toThrow(DeploymentKeyError);
    expect(await roots()).toEqual(before);
    await expect(running.roots.renew({ pause: () => Promise.resolve() })).rejects.toThrow(
      'start it again',
    );
    expect(await roots()).toEqual(before);
  });

  it('tells who still runs with the one before, once (X4)', async () => {
    const [former, key] = [aKey(), aKey()];
    const told: string[] = [];
    await started(former, [], ({ message }) => told.push(message));
    await started(key, [former]);

    await expect.poll(() => told.length, { timeout: 8_000 }).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 6_000)); // it looks again

    expect(told).toEqual([expect.stringContaining('start it again with the new one')]);
  });

  it('while a generation is begun keeps both, or refuses who was late (X5)', async () => {
    let key = aKey();
    let running = await started(key);
    for (let round = 0; round < 12; round += 1) {
      const next = aKey();
      const [exchanged, renewed] = await Promise.allSettled([
        started(next, [key]),
        running.roots.renew({ pause: () => Promise.resolve() }),
      ]);

      expect(exchanged.status).toBe('fulfilled');
      if (renewed.status === 'rejected') expect(renewed.reason).toBeInstanceOf(DeploymentKeyError);
      const now = await started(next);
      for (const root of running.roots.all()) expect(now.roots.all()).toContainEqual(root);
      [key, running] = [next, now];
    }
  });

  it('is begun once by those who start at once with nothing there (X5)', async () => {
    const key = aKey();
    const all = await Promise.all(Array.from({ length: 5 }, () => started(key)));

    for (const { roots: found } of all) expect(found.all()).toEqual(all[0]?.roots.all());
  });
});

describe('the record of the roots', () => {
  it('is replaced only as it was read: no change of anybody is lost (X5)', async () => {
    const store = await started(aKey());
    const renewals = 10;
    let others = 0;
    const over = new AbortController();
    const changing = (async () => {
      while (!over.signal.aborted) {
        await db.collection('roots').updateOne({}, { $inc: { revision: 1 } });
        others += 1;
      }
    })();

    for (let index = 0; index < renewals; index += 1)
      await store.roots.renew({ pause: () => Promise.resolve() });
    over.abort();
    await changing;

    const [record] = await roots();
    expect(record?.['revision']).toBe(1 + 2 * renewals + others);
    expect(store.roots.all()).toHaveLength(1 + renewals);
  });
});

describe('a renewal', () => {
  it('that many begin at once is one (X5)', async () => {
    const key = aKey();
    const all = await Promise.all(Array.from({ length: 5 }, () => started(key)));

    const mei = await all[0]?.subjectKeys.of('patient', 'mei');
    await Promise.all(all.map((store) => store.roots.renew({ pause: () => Promise.resolve() })));

    const [first] = all;
    expect(first?.roots.all()).toHaveLength(2);
    expect(await (await started(key)).subjectKeys.of('patient', 'mei')).toEqual(mei);
    for (const { roots: found } of all) expect(found.all()).toEqual(first?.roots.all());
  });

  it('names what does not open, wraps the rest, and is not finished before that is mended (N1)', async () => {
    const store = await started(aKey());
    const pause = () => Promise.resolve();
    const bad = await store.subjectKeys.of('patient', 'bad');
    const good = await store.subjectKeys.of('patient', 'good');
    const rows = db.collection('subjectKeys');
    const row = await rows.findOne({ _id: bad.id as never });
    await rows.updateOne({ _id: bad.id as never }, { $set: { key: Buffer.alloc(60) } });

    expect(await store.roots.renew({ pause })).toMatchObject({ failed: [`key ${bad.id}`] });
    expect(await rows.findOne({ _id: good.id as never })).toMatchObject({ g: 2 });
    expect(await store.roots.standing()).toMatchObject({ newest: 2, isRenewing: true });

    await rows.updateOne({ _id: bad.id as never }, { $set: { key: row?.['key'] as unknown } });
    expect(await store.roots.renew({ pause })).toMatchObject({ generation: 2, failed: [] });
    expect(await store.roots.standing()).toMatchObject({
      ...{ newest: 2, isRenewing: false },
      generations: [
        { generation: 1, subjectKeys: 0 },
        { generation: 2, subjectKeys: 2 },
      ],
    });
  });

  it('revives nobody who is erased meanwhile (N3)', async () => {
    const store = await started(aKey());
    const people = Array.from({ length: 700 }, (_, index) => `p-${index}`);
    await Promise.all(people.map((key) => store.subjectKeys.of('patient', key)));

    const renewal = store.roots.renew({ pause: () => Promise.resolve() });
    for (const key of people) await store.subjectKeys.destroy('patient', key, 1);
    await renewal;

    const kept = await db.collection('subjectKeys').countDocuments({ key: { $exists: true } });
    expect(kept).toBe(0);
  });
});
