import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheDirectoryOf,
  openHome,
  provision,
  startMongod,
  type Home,
} from '@sojourn/stack/servers';
import { createMongoStore, type RunRecord } from '@sojourn/store';
import { describeStore } from '@sojourn/store/contract';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const deploymentKey = randomBytes(32);
let path: string;
let home: Home;
let server: Awaited<ReturnType<typeof startMongod>>;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'sojourn-store-'));
  home = await openHome(path);
  const options = { cacheDirectory: cacheDirectoryOf(process.env), report: () => undefined };
  server = await startMongod({ home, binary: await provision('mongod', options) });
});
afterAll(async () => {
  await server.process.stop();
  await home.release();
  await rm(path, { recursive: true, force: true });
});

describe('what an earlier release wrote in clear', () => {
  it('is read, and wiped when the person is erased', async () => {
    const uri = server.uri;
    const store = await createMongoStore({ uri, deploymentKey, database: 'earlier' });
    const client = await MongoClient.connect(uri, { directConnection: true });
    try {
      const subject = { type: 'patient', key: 'mei' };
      const run: RunRecord = {
        ...{
          id: 'r-mei',
          journey: 'j',
          version: 1,
          planHash: 'p',
          subject,
          key: 'mei',
          ordinal: 1,
        },
        ...{ status: 'active', startedAt: 1, positions: [], incidents: [], revision: 0 },
      };
      const state = { runId: run.id, status: 'active', startedAt: 1, revision: 0, vars: {} };
      await store.subjects.merge('patient', 'mei', { givenName: 'Mei' }, 1);
      await store.runs.insert(run, state as never);
      const said = { seq: 0, at: 1, what: 'sent' as const, step: 's', visit: 1 };
      await store.runs.checkpoint({
        ...{ runId: run.id, journey: 'j', version: 1, positions: [], incidents: [] },
        ...{
          state: { ...state, revision: 1 } as never,
          trail: [{ ...said, because: { to: 'x' } }],
        },
      });
      const event = { id: 'e-1', source: 's', eventId: '1', type: 't', subject, acceptedAt: 1 };
      await store.intake.acceptEvent({ ...event, data: { x: 1 } });
      await store.intake.put({
        ...{ id: 'r-mei/m', runId: 'r-mei', at: 1 },
        message: { type: 'run.started', at: 1, id: 'm' },
      });
      await store.effects.settle('r-mei/s#1', {
        ...{ type: 'effect.settled', at: 1, effect: 's#1', outcome: 'sent', output: { to: 'x' } },
      });
      const secret = 'zmark';
      const db = client.db('earlier');
      const clear = (name: string, field: string, value: object) =>
        db.collection(name).updateMany({}, { $set: { [field]: JSON.stringify(value) } });
      await clear('trail', 'b', { to: secret });
      await clear('events', 'data', { note: secret });
      await clear('inbox', 'message', {
        type: 'run.started',
        at: 1,
        id: 'm',
        cause: { id: secret },
      });
      await clear('effects', 'outcome', {
        ...{
          type: 'effect.settled',
          at: 1,
          effect: 's#1',
          outcome: 'sent',
          output: { to: secret },
        },
      });
      await clear('runs', 'st', { ...state, vars: { note: secret } });
      const everywhere = async () => {
        const found: string[] = [];
        for (const { name } of await db.listCollections().toArray())
          for await (const row of db.collection(name).find())
            if (Buffer.from(BSON.serialize(row)).includes(secret)) found.push(name);
        return found.sort();
      };
      expect(await everywhere()).toEqual(['effects', 'events', 'inbox', 'runs', 'trail']);
      const { items } = await store.runs.trail(run.id, { limit: 9 });
      expect(items.map(({ because }) => because)).toEqual([{ to: secret }]);
      expect((await store.runs.state(run.id))?.vars).toEqual({ note: secret });
      expect((await store.intake.messagesOf(run.id))[0]?.message).toMatchObject({
        cause: { id: secret },
      });

      await store.runs.close(run.id, { outcome: 'erased', at: 2 });
      await store.subjectKeys.destroy('patient', 'mei', 2);
      await store.erasures.wipe('patient', 'mei');
      await store.subjects.remove('patient', 'mei');

      expect(await everywhere()).toEqual([]);
    } finally {
      await client.close();
      await store.close();
    }
  });
});

describeStore('in MongoDB', () => createMongoStore({ uri: server.uri, deploymentKey }));
