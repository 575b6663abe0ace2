import { setTimeout as delay } from 'node:timers/promises';
import { stackUnderTest, type StackUnderTest } from '../support/stack.ts';
import { quantile } from './figures.ts';

/** Milliseconds from the request that brought an event. */
export interface Latencies {
  count: number;
  p50: number;
  p99: number;
  most: number;
}

/** What the embedded stack does while events come. */
export interface UnderEventsFigures {
  wakingPerSecond: number;
  idlePerSecond: number;
  quiet: { toAction: Latencies; toExit: Latencies };
  duringBulk: { toAction: Latencies; toExit: Latencies };
  bulk: { people: number; entered: number; seconds: number };
}

// Terminology
//   waking event   one for which a run stands still: it sends an e-mail, or ends the run by an exit
//   idle event     one about somebody inside that no plan names
//   action         the mail has arrived at the sandbox's SMTP server
//   exit           the API shows the run as ended
//
// Everything goes over HTTP to a stack in a process of its own, as programs of users do.

const wakingPerSecond = 5;
const idlePerSecond = 50;
/** The API lets a token ask 6,000 times a minute: people are made known slowly, and events begin in a minute of their own. */
const knownPerSecond = 60;
const apiMinuteMs = 61_000;

const listening = {
  ...{ format: 1, key: 'listening', name: 'Listening', subject: 'patient', start: 'sleeps' },
  entry: [{ on: 'manual' }],
  exits: [{ id: 'left', event: 'bench.leaves', outcome: 'left' }],
  steps: {
    sleeps: {
      kind: 'wait',
      for: [
        { port: 'woken', event: 'bench.wakes' },
        { port: 'over', after: 'P1Y' },
      ],
    },
    writes: {
      ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Hello', body: 'Hello {{ subject.key }}.' },
    },
    rests: { kind: 'wait', for: [{ port: 'over', after: 'P1Y' }] },
    done: { kind: 'end', outcome: 'completed' },
  },
  edges: [
    { from: 'sleeps', port: 'woken', to: 'writes' },
    { from: 'sleeps', port: 'over', to: 'done' },
    { from: 'writes', port: 'sent', to: 'rests' },
    { from: 'rests', port: 'over', to: 'done' },
  ],
};
/** Where the many enter: an e-mail first, so that entering is not the cheapest thing there is. */
const welcoming = {
  ...{ ...listening, key: 'welcoming', name: 'Welcoming', start: 'writes' },
  exits: [],
  steps: {
    writes: listening.steps.writes,
    rests: listening.steps.rests,
    done: listening.steps.done,
  },
  edges: listening.edges.slice(2),
};

/** Drives a stack with events for so many seconds, then again while so many people enter in bulk. */
export async function benchUnderEvents(
  given: { quietSeconds: number; bulkPeople: number },
  say: (line: string) => void,
): Promise<UnderEventsFigures> {
  const stack = await stackUnderTest();
  await stack.start();
  try {
    await publish(stack, listening);
    await publish(stack, welcoming);
    const quiet = await driven(stack, 'q', given.quietSeconds * wakingPerSecond, say);
    const { figures, bulk } = await withBulk(stack, given.bulkPeople, say);
    return { wakingPerSecond, idlePerSecond, quiet, duringBulk: figures, bulk };
  } finally {
    await stack.remove();
  }
}

async function withBulk(stack: StackUnderTest, people: number, say: (line: string) => void) {
  const sleepers = Math.ceil(people / 15) * wakingPerSecond;
  await enter(stack, 'listening', names('b', sleepers));
  await know(stack, names('w', people));
  await delay(apiMinuteMs);
  let running = true;
  const began = Date.now();
  const entering = begin(stack, 'welcoming', names('w', people)).then(async (id) => {
    const end = await ended(stack, id, people);
    running = false;
    return { people, entered: end.entered, seconds: (Date.now() - began) / 1_000 };
  });
  const job = awaited(entering);
  const figures = await drive(stack, 'b', sleepers, say, () => running);
  return { figures, bulk: await job };
}

async function driven(
  stack: StackUnderTest,
  name: string,
  sleepers: number,
  say: (line: string) => void,
) {
  await enter(stack, 'listening', names(name, sleepers));
  await delay(apiMinuteMs);
  return await drive(stack, name, sleepers, say, () => true);
}

/** Sends waking and idle events at their rates until everybody was woken, or it is told to stop. */
async function drive(
  stack: StackUnderTest,
  name: string,
  sleepers: number,
  say: (line: string) => void,
  goesOn: () => boolean,
): Promise<{ toAction: Latencies; toExit: Latencies }> {
  const runs = await runsOf(stack);
  const actions: Promise<number>[] = [];
  const exits: Promise<number>[] = [];
  const idle: Promise<unknown>[] = [];
  const began = Date.now();
  for (let person = 0; person < sleepers && goesOn(); person += 1) {
    const due = began + (person * 1_000) / wakingPerSecond;
    if (due > Date.now()) await delay(due - Date.now());
    idle.push(awaited(nobodyHears(stack, name, person, sleepers)));
    const key = `${name}${person}`;
    const at = Date.now();
    if (person % 2 === 0) {
      const sent = happens(stack, `wake-${key}`, 'bench.wakes', key);
      actions.push(awaited(sent.then(() => mailAt(stack, key)).then((arrived) => arrived - at)));
    } else {
      const run = runs.get(key);
      if (run === undefined) throw new Error(`nobody is inside under ${key}`);
      const sent = happens(stack, `leave-${key}`, 'bench.leaves', key);
      exits.push(awaited(sent.then(() => endAt(stack, run)).then((seen) => seen - at)));
    }
    if (person % 100 === 99) say(`  ${person + 1} events that wake somebody`);
  }
  await Promise.all(idle);
  return {
    toAction: latencies(await Promise.all(actions)),
    toExit: latencies(await Promise.all(exits)),
  };
}

/** The same promise, which may fail before somebody waits for it: without a word it would end the process, and leave the stack. */
function awaited<Answer>(promise: Promise<Answer>): Promise<Answer> {
  promise.catch(() => undefined);
  return promise;
}

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

async function publish(stack: StackUnderTest, document: { key: string }): Promise<void> {
  await stack.call('POST', '/journeys', { key: document.key, document });
  await stack.call(
    'POST',
    `/journeys/${document.key}/versions`,
    {},
    { headers: { 'if-match': '"1"' } },
  );
}

async function enter(stack: StackUnderTest, journey: string, keys: string[]): Promise<void> {
  await know(stack, keys);
  await ended(stack, await begin(stack, journey, keys), keys.length);
}

async function know(stack: StackUnderTest, keys: readonly string[]): Promise<void> {
  const began = Date.now();
  let next = 0;
  const some = async (): Promise<void> => {
    for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
      const early = began + (next * 1_000) / knownPerSecond - Date.now();
      if (early > 0) await delay(early);
      await stack.call('PUT', `/subjects/patient/${key}`, { email: `${key}@patients.example` });
    }
  };
  await Promise.all(Array.from({ length: 8 }, some));
}

async function begin(stack: StackUnderTest, journey: string, keys: string[]): Promise<string> {
  const lines = keys.map((key) => JSON.stringify({ subject: `patient/${key}` })).join('\n');
  const { id } = await stack.call<{ id: string }>('POST', `/journeys/${journey}/runs:bulk`, lines, {
    headers: { 'content-type': 'application/x-ndjson' },
  });
  return id;
}

async function ended(stack: StackUnderTest, job: string, people: number) {
  const deadline = Date.now() + people * 1_000;
  for (;;) {
    const view = await stack.call<{ state: string; entered: number }>('GET', `/jobs/${job}`);
    if (view.state === 'done') return view;
    if (Date.now() > deadline) throw new Error(`job ${job} is still ${view.state}`);
    await delay(5_000); // the answer names every line
  }
}

async function runsOf(stack: StackUnderTest): Promise<Map<string, string>> {
  const runs = new Map<string, string>();
  let cursor = '';
  do {
    const page = await stack.call<{ items: { id: string; key: string }[]; nextCursor?: string }>(
      'GET',
      `/runs?journey=listening&status=active&limit=200${cursor}`,
    );
    for (const { id, key } of page.items) runs.set(key, id);
    cursor = page.nextCursor == undefined ? '' : `&cursor=${page.nextCursor}`;
  } while (cursor !== '');
  return runs;
}

const eventOf = (id: string, type: string, key: string) => ({
  ...{ specversion: '1.0', id, source: 'bench', type, subject: `patient/${key}`, data: {} },
});

function happens(stack: StackUnderTest, id: string, type: string, key: string): Promise<unknown> {
  return stack.call('POST', '/events', eventOf(id, type, key), {
    headers: { 'content-type': 'application/cloudevents+json' },
  });
}

/** The idle events that come with one waking event, in a batch, as programs with many send them. */
function nobodyHears(stack: StackUnderTest, name: string, person: number, sleepers: number) {
  const events = Array.from({ length: idlePerSecond / wakingPerSecond }, (_, index) => {
    const tick = (person * idlePerSecond) / wakingPerSecond + index;
    return eventOf(`${name}-idle-${tick}`, 'bench.nobody', `${name}${tick % sleepers}`);
  });
  return stack.call('POST', '/events', events, {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });
}

async function mailAt(stack: StackUnderTest, key: string): Promise<number> {
  const path = `/sandbox/mail?to=${key}@patients.example`;
  return await seen(async () => {
    const { items } = await stack.call<{ items: { receivedAt: string }[] }>('GET', path);
    return items[0] && Date.parse(items[0].receivedAt);
  });
}

async function endAt(stack: StackUnderTest, run: string): Promise<number> {
  return await seen(async () => {
    const { status } = await stack.call<{ status: string }>('GET', `/runs/${run}`);
    return status === 'ended' ? Date.now() : undefined;
  });
}

/** Asks until there is an answer, ever less often: the API lets a token ask only so many times a minute. */
async function seen<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 1.5, 2_000)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(pauseMs);
  }
}

function latencies(values: readonly number[]): Latencies {
  return {
    count: values.length,
    p50: Math.round(quantile(values, 0.5)),
    p99: Math.round(quantile(values, 0.99)),
    most: Math.round(Math.max(...values)),
  };
}
