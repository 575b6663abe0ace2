import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedJourney } from '../support/shipped.ts';
import type { JourneyDocument } from '@sojourn/schemas';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

// Everybody goes through the refills at home, and with them through every channel, while the outside world plays itself and Node is killed again and again.

const people = 300;
const kills = 5;
const nameOf = (index: number): string => `Ada${1_000 + index}`;
const addressOf = (index: number): string => `p${1_000 + index}@patients.example`;
const phoneOf = (index: number): string => `+8869${10_001_001 + index}`;

const key = 'refills-at-home';

/** The journey as we ship it, with two deliveries, and seconds in place of days. */
function hurried(): JourneyDocument {
  const document = shippedJourney(key);
  const after = (step: string, port: string, pause: string): void => {
    const wait = document.steps[step];
    if (wait?.kind !== 'wait') throw new Error(`there is no wait '${step}'`);
    wait.for = wait.for.map((way) => (way.port === port ? { port, after: pause } : way));
  };
  after('until-next', 'due', 'PT5S');
  after('a-week', 'over', 'PT3S');
  after('an-hour', 'over', 'PT1S');
  Object.assign(document.steps['cycles'] ?? {}, { times: 2 });
  Object.assign(document.steps['ask'] ?? {}, { timeout: 'PT30S' });
  return document;
}

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
});
afterAll(() => stack.remove());

interface Listed {
  id: string;
  key: string;
  status: string;
  incidents: { code: string; detail: string; step: string }[];
}
interface Entry {
  seq: number;
  what: string;
  step?: string;
  because: { port?: string; outcome?: string; reference?: string; effect?: string };
}
type Item = Record<string, unknown> & { id: string };
interface PageOf<Row> {
  items: Row[];
  nextCursor: string | null;
}

/** Every item of a list, page by page. */
async function all<Row>(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: PageOf<Row> = await stack.call(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    rows.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
}

async function countEnded(): Promise<number> {
  const { items } = await stack.call<{ items: { key: string; people: { ended: number } }[] }>(
    'GET',
    '/journeys',
  );
  return items.find((journey) => journey.key === key)?.people.ended ?? 0;
}

/** Whoever sits at the desk: does every task that stands, a visit once its representative has had time to decline it. A nurse sends somebody now and then. */
async function doTasks(): Promise<void> {
  const tasks = await all<{
    id: string;
    queue: string;
    createdAt: string;
    outcomes: { port: string }[];
  }>('/tasks');
  const isRipe = ({ queue, createdAt }: (typeof tasks)[number]): boolean =>
    !queue.startsWith('rep:') || Date.now() - Date.parse(createdAt) > 8_000;
  for (const { id, queue, outcomes } of tasks.filter(isRipe)) {
    const sends = queue === 'nurses' && id.charCodeAt(id.length - 1) % 3 === 0;
    await stack
      .call('POST', `/tasks/${id}/outcome`, { outcome: sends ? 'visit' : outcomes[0]?.port })
      .catch(() => undefined); // Node was killed in this moment: the next round does it
  }
}

describe(`${people} people through every channel, Node killed ${kills} times`, () => {
  it('all end, no effect is there twice, and each trail is whole', async () => {
    await stack.publish(hurried());
    await stack.call('PUT', '/sandbox/player', {
      ...{ channels: ['sms', 'pharmacy-delivery', 'insurance-enrollment', 'rep-visit'] },
      paceSeconds: 1,
      ...{ failureRate: 0.15, silence: 0, seed: 'three hundred' },
    });
    for (let index = 0; index < people; index += 1)
      await stack.call('PUT', `/subjects/patient/p${index}`, {
        ...{ givenName: nameOf(index), familyName: 'Lin', birthDate: '1980-01-01' },
        ...{ email: addressOf(index), phone: phoneOf(index) },
        ...{ territory: index % 2 === 0 ? 'north' : 'south', memberId: `M${index}` },
        address: { line: `${index} Road`, city: 'Tainan' },
      });
    const events = Array.from({ length: people }, (_, index) => ({
      ...{ specversion: '1.0', id: `e${index}`, source: 'test', type: 'therapy.prescribed' },
      ...{ subject: `patient/p${index}`, data: {} },
    }));
    await stack.call('POST', '/events', events, {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });

    const desk = setInterval(() => void doTasks().catch(() => undefined), 2_000); // Node may be away
    for (let kill = 1; kill <= kills; kill += 1) {
      await eventually(countEnded, (count) => count >= (people * kill) / (kills + 2), 300_000);
      await stack.kill();
      await stack.start();
    }
    const ended = await eventually(countEnded, (count) => count === people, 400_000).catch(
      async (error: unknown) => {
        const stuck = (await all<Listed>(`/runs?journey=${key}&status=active`)).slice(0, 5);
        throw new Error(`${String(error)}: ${JSON.stringify(stuck)}`);
      },
    );
    clearInterval(desk);
    expect(ended).toBe(people);

    const ways = new Map<string, number>();
    const visits: Visits[] = [];
    for (let index = 0; index < people; index += 1) {
      const [run] = await all<Listed>(`/runs?journey=${key}&subject=patient/p${index}`);
      const trail = await all<Entry>(`/runs/${run?.id ?? ''}/trail`);
      expect(trail.map(({ seq }) => seq)).toEqual(trail.map((_, at) => at));
      // An answer that comes after the silence, or after somebody stopped it all, is noted and moves nobody.
      const walked = trail.filter(({ what }) => what !== 'settled-after-end');
      expect(walked.at(-1)?.what).toBe('ended');
      for (const { what, step = '', because } of trail)
        if (what === 'left') count(ways, `${step}.${because.port ?? ''}`);
      visits.push({
        entered: stepsOf(trail.filter(({ what }) => what === 'entered')),
        left: stepsOf(trail.filter(isDone)),
      });
    }
    console.log(Object.fromEntries([...ways].sort()));
    for (const way of ['enrol.documents-missing', 'again.enrolled', 'order.excursion'])
      expect(ways.get(way), way).toBeGreaterThan(0);
    for (const way of ['ask.deliver', 'order.delivered', 'visit.done', 'call.deliver'])
      expect(ways.get(way), way).toBeGreaterThan(0);

    await expectOnce(visits, 'mail', addressOf, ['welcome', 'survey']);
    await expectOnce(visits, 'deliveries', nameOf, ['order', 'replace']);
    await expectOnce(visits, 'enrollments', nameOf, ['enrol', 'again']);
    await expectOnce(visits, 'sms', phoneOf, ['ask']);
  }, 900_000);
});

/** How often one person came to each step, and left it with its effect done. */
interface Visits {
  entered: Map<string, number>;
  left: Map<string, number>;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function stepsOf(trail: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { step = '' } of trail) count(counts, step);
  return counts;
}

/** Whether a step was left with its effect in the world: what was suppressed, as after a stop, or failed for good has none. */
const isDone = ({ what, because: { port = '' } }: Entry): boolean =>
  what === 'left' && !['suppressed', 'failed'].includes(port);

/**
 * The world has each person's effects once: one for every visit to these steps that was left with it done, none for no visit. Of a visit that
 * an exit cut off nobody knows from outside whether it had begun.
 */
async function expectOnce(
  visits: readonly Visits[],
  place: string,
  by: (index: number) => string,
  steps: readonly string[],
): Promise<void> {
  const sum = (counts: Map<string, number>): number =>
    steps.reduce((total, step) => total + (counts.get(step) ?? 0), 0);
  for (const [index, { entered, left }] of visits.entries()) {
    const to = encodeURIComponent(by(index));
    const { items } = await stack.call<PageOf<Item>>('GET', `/sandbox/${place}?limit=200&to=${to}`);
    const there = items.filter(({ direction = 'out' }) => direction === 'out').length;
    expect(there, `${place} of p${index}`).toBeGreaterThanOrEqual(sum(left));
    expect(there, `${place} of p${index}`).toBeLessThanOrEqual(sum(entered));
  }
}
