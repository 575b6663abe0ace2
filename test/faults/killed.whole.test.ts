import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceJourney } from '../support/reference-journey.ts';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const people = 200;
const document = { ...referenceJourney, entry: [{ on: 'event', event: 'person.joined' }] };

interface Mail {
  id: string;
  to: string;
  messageId: string;
}

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
});
afterAll(() => stack.remove());

async function ended(): Promise<number> {
  const { items } = await stack.call<{ items: { key: string; people: { ended: number } }[] }>(
    'GET',
    '/journeys',
  );
  return items.find(({ key }) => key === 'reference')?.people.ended ?? 0;
}

/** What the sandbox's SMTP server has taken, from its own file: one line a mail. */
async function mails(): Promise<Mail[]> {
  const text = await readFile(join(stack.home, 'sandbox', 'mail', 'mail.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Mail);
}

describe('200 runs, while Node, Temporal and MongoDB are killed with -9', () => {
  it('all end, and each mail is sent once', async () => {
    await stack.call('POST', '/journeys', { key: 'reference', document });
    await stack.call(
      'POST',
      '/journeys/reference/versions',
      {},
      { headers: { 'if-match': '"1"' } },
    );
    for (let index = 0; index < people; index += 1) {
      await stack.call('PUT', `/subjects/patient/p${index}`, {
        email: `p${index}@patients.example`,
      });
    }
    const events = Array.from({ length: people }, (_, index) => ({
      specversion: '1.0',
      id: `joined-${index}`,
      source: 'test',
      type: 'person.joined',
      subject: `patient/p${index}`,
      data: {},
    }));
    await stack.call('POST', '/events', events, {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });

    await eventually(mails, (sent) => sent.length > 50);
    await stack.kill();
    await stack.start();
    await eventually(mails, (sent) => sent.length > 150);
    process.kill(await stack.pidOf('temporal'), 'SIGKILL');
    await eventually(mails, (sent) => sent.length > 250);
    process.kill(await stack.pidOf('mongod'), 'SIGKILL');

    await eventually(ended, (count) => count === people, 240_000);
    const sent = await mails();
    const perPerson = new Map<string, number>();
    for (const { to } of sent) perPerson.set(to, (perPerson.get(to) ?? 0) + 1);
    console.log(
      `killed Node, Temporal and MongoDB; ended ${await ended()} of ${people}, ${sent.length} mails, ${new Set(sent.map(({ messageId }) => messageId)).size} different`,
    );
    expect(sent).toHaveLength(2 * people);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(2 * people);
    expect([...perPerson.values()].every((count) => count === 2)).toBe(true);

    const { items } = await stack.call<{ items: { id: string }[] }>(
      'GET',
      '/runs?journey=reference&limit=200',
    );
    expect(items).toHaveLength(people);
    for (const { id } of items.slice(0, 50)) {
      const trail = await stack.call<{ items: { seq: number }[] }>(
        'GET',
        `/runs/${id}/trail?limit=200`,
      );
      expect(trail.items.map(({ seq }) => seq)).toEqual(trail.items.map((_, index) => index));
    }
  }, 420_000);
});
