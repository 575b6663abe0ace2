import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { lookIntoHome, mongodUri } from '@sojourn/stack/servers';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

// What is kept about people, and where. Every value that is about somebody carries a word that stands nowhere else.

const person = (key: string) => ({
  email: `zmark.mail.${key}@patients.example`,
  phone: `zmark-phone-${key}`,
  givenName: `zmark-name-${key}`,
});
const mark = 'zmark';
const documents = [
  {
    ...{ format: 1, key: 'greeting', name: 'Greeting', subject: 'patient', start: 'm' },
    entry: [{ on: 'event', event: 'joined' }],
    steps: {
      m: {
        ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
        with: { subject: 'Hi {{ subject.givenName }}', body: 'Hello {{ subject.givenName }}' },
      },
      w: {
        kind: 'wait',
        for: [
          { port: 'heard', event: 'said' },
          { port: 'over', after: 'P1Y' },
        ],
      },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [
      { from: 'm', port: 'sent', to: 'w' },
      { from: 'w', port: 'heard', to: 'done' },
      { from: 'w', port: 'over', to: 'done' },
    ],
  },
  {
    ...{ format: 1, key: 'short', name: 'Short', subject: 'patient', start: 'w' },
    entry: [{ on: 'event', event: 'joined' }],
    steps: {
      w: { kind: 'wait', for: [{ port: 'over', after: 'PT2H' }] },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [{ from: 'w', port: 'over', to: 'done' }],
  },
];

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
});
afterAll(() => stack.remove());

const event = (key: string, type: string) =>
  stack.call('POST', '/events', {
    ...{ specversion: '1.0', id: `${type}-${key}`, source: 'test', type },
    ...{ subject: `patient/${key}`, data: { note: `zmark-event-${type}-${key}` } },
  });
interface RunRow {
  id: string;
  status: string;
  outcome: string | null;
  positions: { step: string }[];
}
const runsOf = async (key: string) =>
  (await stack.call<{ items: RunRow[] }>('GET', `/runs?subject=patient/${key}&limit=50`)).items;

async function statesInTemporal(runIds: string[]): Promise<string[]> {
  const { ports } = await lookIntoHome(stack.home);
  const connection = await Connection.connect({ address: `127.0.0.1:${ports['temporal'] ?? 0}` });
  const client = new Client({ connection });
  try {
    const states = runIds.map((id) => client.workflow.getHandle(id).describe());
    return (await Promise.all(states)).map(({ status }) => status.name);
  } finally {
    await connection.close();
  }
}

/** Every collection in which a word stands. */
async function collectionsWith(word: string): Promise<string[]> {
  const home = await lookIntoHome(stack.home);
  const uri = mongodUri(home.ports['mongo'] ?? 0, (await home.secret('mongo.password')) ?? '');
  const client = await MongoClient.connect(uri);
  try {
    const found: string[] = [];
    for (const { name } of await client.db().listCollections().toArray())
      for await (const row of client.db().collection(name).find())
        if (Buffer.from(BSON.serialize(row)).includes(word)) found.push(name);
    return [...new Set(found)].sort();
  } finally {
    await client.close();
  }
}

/** Every file of a stopped stack in which a word stands, but MongoDB's own and what the sandbox took for the world. */
async function filesWith(word: string): Promise<string[]> {
  const entries = await readdir(stack.home, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((item) => item.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const place = path.slice(stack.home.length + 1);
    if (/^(mongo|sandbox)/.test(place)) continue;
    if ((await readFile(path)).includes(word)) found.push(place);
  }
  return found;
}

describe('what is about a person', () => {
  it('stands in their own record alone, and nowhere once they were erased', async () => {
    for (const document of documents) {
      await stack.call('POST', '/journeys', { key: document.key, document });
      await stack.call(...(['POST', `/journeys/${document.key}/versions`, {}] as const), {
        headers: { 'if-match': '"1"' },
      });
    }
    const people = ['p1', 'p2', 'p3'];
    for (const key of people) {
      await stack.call('PUT', `/subjects/patient/${key}`, person(key));
      await event(key, 'joined');
    }
    for (const key of people)
      await eventually(
        () => runsOf(key),
        (runs) => runs.length === 2 && runs.every(({ positions }) => positions[0]?.step === 'w'),
      );
    await event('p3', 'said');
    await eventually(
      () => runsOf('p3'),
      (runs) => runs.some(({ status }) => status === 'ended'),
    );

    expect(await collectionsWith(mark)).toEqual(['subjects']);
    await stack.stop();
    expect(await filesWith(mark)).toEqual([]);
    expect((await filesWith('journeyRun')).some((place) => /temporal/.test(place))).toBe(true); // we looked into the right files

    await stack.start();
    await stack.call('DELETE', '/subjects/patient/p1');
    const runs = await runsOf('p1');

    expect(runs.map(({ status, outcome }) => [status, outcome])).toEqual([
      ['ended', 'erased'],
      ['ended', 'erased'],
    ]);
    expect(await statesInTemporal(runs.map(({ id }) => id))).toEqual(['TERMINATED', 'TERMINATED']);
    for (const { id } of runs) {
      await stack.call('GET', `/runs/${id}`);
      const { items } = await stack.call<{ items: { what: string }[] }>('GET', `/runs/${id}/trail`);
      expect(items.at(-1)).toMatchObject({ what: 'ended' });
      expect(JSON.stringify(items)).toContain('erased');
    }
    expect(await collectionsWith('zmark-phone-p1')).toEqual([]);
    expect(await collectionsWith('zmark-phone-p2')).toEqual(['subjects']);
    const late = await stack.call('POST', '/events', {
      ...{ specversion: '1.0', id: 'late', source: 'test', type: 'said', subject: 'patient/p1' },
    });
    expect(late).toMatchObject({ accepted: 0, refused: [{ code: 'subject-erased' }] });

    await event('p2', 'said'); // everybody else goes on
    await eventually(
      () => runsOf('p2'),
      (others) => others.some(({ status }) => status === 'ended'),
    );
    expect(stack.output()).not.toContain('NondeterminismError');
  });
});
