import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { lookIntoHome } from '@sojourn/stack/servers';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesKept, rowsKept } from '../support/kept.ts';
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

/** A mail server that takes connections and says nothing. */
const mute = createServer(() => undefined);

let stack: StackUnderTest;
beforeAll(async () => {
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  stack = await stackUnderTest({ SOJOURN_EGRESS_ALLOW: `127.0.0.1:${portOf(mute)}` });
  await stack.start();
});
afterAll(async () => {
  await stack.remove();
  mute.close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const publish = async (document: { key: string }): Promise<void> => {
  await stack.call('POST', '/journeys', { key: document.key, document });
  await stack.call(
    'POST',
    `/journeys/${document.key}/versions`,
    {},
    { headers: { 'if-match': '"1"' } },
  );
};

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
  const rows = await rowsKept(stack.home);
  const found = rows.filter(({ bytes }) => bytes.includes(word));
  return [...new Set(found.map(({ collection }) => collection))].sort();
}

/** Every file of a stopped stack in which a word stands. */
async function filesWith(word: string): Promise<string[]> {
  const files = await filesKept(stack.home);
  return [...files].flatMap(([place, bytes]) => (bytes.includes(word) ? [place] : []));
}

describe('what is about a person', () => {
  it('stands in their own record alone, and nowhere once they were erased', async () => {
    for (const document of documents) await publish(document);
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

  it('is erased in the middle of an effect that does not end', async () => {
    await stack.call('POST', '/connections', {
      ...{ id: 'mute', plugin: 'email', type: 'smtp', name: 'Mute', limits: {}, default: false },
      settings: {
        host: '127.0.0.1',
        port: portOf(mute),
        security: 'none',
        from: 'a@clinic.example',
      },
    });
    const [greeting] = documents;
    const m = { ...greeting?.steps.m, connection: 'mute' };
    await publish({
      ...greeting,
      key: 'muted',
      entry: [{ on: 'manual' }],
      steps: { ...greeting?.steps, m },
    } as never);
    await stack.call('PUT', '/subjects/patient/p4', person('p4'));
    const { id } = await stack.call<{ id: string }>('POST', '/journeys/muted/runs', {
      subject: 'patient/p4',
    });
    await once(mute, 'connection');

    await stack.call('DELETE', '/subjects/patient/p4');

    expect(await runsOf('p4')).toMatchObject([{ id, status: 'ended', outcome: 'erased' }]);
    expect(await statesInTemporal([id])).toEqual(['TERMINATED']);
    await new Promise((resolve) => setTimeout(resolve, 12_000)); // until the attempt has given up
    expect(await collectionsWith('zmark-phone-p4')).toEqual([]);
    expect(await runsOf('p4')).toMatchObject([{ status: 'ended', outcome: 'erased' }]);
  });

  it('is erased to the end when everything was killed in the middle', async () => {
    const people = ['k1', 'k2', 'k3'];
    for (const [index, key] of people.entries()) {
      await stack.call('PUT', `/subjects/patient/${key}`, person(key));
      await event(key, 'joined');
      await eventually(
        () => runsOf(key),
        (runs) => runs.length === 2 && runs.every(({ positions }) => positions[0]?.step === 'w'),
      );
      const asked = stack.call('DELETE', `/subjects/patient/${key}`).catch(() => undefined); // it is cut off
      await new Promise((resolve) => setTimeout(resolve, 8 + 25 * index));
      await stack.kill();
      await asked;
      await stack.start();
    }

    for (const key of people) {
      const asked = await stack.call('DELETE', `/subjects/patient/${key}`).then(
        () => 'erased now',
        (error: unknown) => String(error),
      );
      expect(asked).toMatch(/erased now|404/); // killed before it was written down, or gone on with by the sweep
      const runs = await runsOf(key);
      expect(runs.map(({ outcome }) => outcome)).toEqual(['erased', 'erased']);
      expect(await statesInTemporal(runs.map(({ id }) => id))).toEqual([
        'TERMINATED',
        'TERMINATED',
      ]);
      expect(await collectionsWith(`zmark-phone-${key}`)).toEqual([]);
    }
  });
});
