import type { Edge, JourneyDocument, Step } from '@sojourn/schemas';
import fc from 'fast-check';
import type { RunEvent, RunState } from '../run.ts';
import { outstandingEffects } from '../views.ts';

// Random sound journeys, and random things that happen to a run.

const kinds = [
  'action',
  'later',
  'wait',
  'event-wait',
  'branch',
  'split',
  'set',
  'repeat',
  'fork',
] as const;
type Kind = (typeof kinds)[number];

interface Part {
  kind: Kind;
  jumps: number[];
  n: number;
}

/**
 * A sound journey: each step's first port leads to the next step, every other port to a later one, and the last step of a
 * repeat's body leads back to it. So every step is reached, every loop counts, and the end can be reached from anywhere.
 */
export const soundJourney: fc.Arbitrary<JourneyDocument> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      jumps: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      n: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map(withBodies)
  .map((parts) => {
    const steps: Record<string, Step> = { end: { kind: 'end', outcome: 'done' } };
    const edges: Edge[] = [];
    const idOf = (index: number): string => (index >= parts.length ? 'end' : `s${index}`);
    parts.forEach((part, index) => {
      const own: Placed =
        part.kind === 'fork'
          ? fork(idOf(index), part.n)
          : { ...stepOf(part.kind, part.n), inner: {}, edges: [] };
      const { step, ports } = own;
      Object.assign(steps, own.inner);
      edges.push(...own.edges);
      const loop = parts.findIndex(
        (other, start) => other.kind === 'repeat' && start + other.n === index,
      );
      steps[idOf(index)] = step;
      ports.forEach((port, place) => {
        const onward = index + 1 + ((part.jumps[place] ?? 0) % (parts.length - index));
        const first = part.kind === 'repeat' ? index + part.n + 1 : loop >= 0 ? loop : index + 1;
        const other = part.kind === 'repeat' ? index + 1 : onward;
        edges.push({
          from: part.kind === 'fork' ? `${idOf(index)}j` : idOf(index),
          port,
          to: idOf(place === 0 ? first : other),
        });
      });
    });
    return {
      format: 1,
      key: 'random',
      name: 'Random',
      subject: 'patient',
      entry: [{ on: 'manual' }],
      vars: { n: { type: 'integer', default: 0 } },
      exits: [{ id: 'gone', event: 'gone', outcome: 'gone' }],
      start: 's0',
      steps,
      edges,
    };
  });

/** Sees to it that the `n` steps after a repeat are its body, and no repeats themselves. */
function withBodies(parts: Part[]): Part[] {
  let free = 0;
  return parts.map((part, index) => {
    if (part.kind !== 'repeat') return part;
    if (index < free || index + part.n >= parts.length) return { ...part, kind: 'set' };
    free = index + part.n + 1;
    return part;
  });
}

/** A step, or several around one, with the ports that lead on. */
interface Placed {
  step: Step;
  ports: string[];
  inner: Record<string, Step>;
  edges: Edge[];
}

/** Three ways that come together again: one that waits, one that acts, one that ends by itself or goes on at once. */
function fork(id: string, n: number): Placed {
  const to = (from: string, port: string, target: string): Edge => ({
    from: `${id}${from}`,
    port,
    to: target,
  });
  return {
    step: { kind: 'parallel', branches: ['a', 'b', 'c'] },
    ports: ['joined'],
    inner: {
      [`${id}a`]: {
        kind: 'wait',
        for: [
          { port: 'over', after: `PT${n}H` },
          { port: 'heard', event: 'x' },
        ],
      },
      [`${id}b`]: { kind: 'action', uses: 'callback/ask' },
      [`${id}c`]: { kind: 'branch', cases: [{ port: 'yes', if: `vars.n > ${n}` }] },
      [`${id}j`]: { kind: 'join', of: id, need: n },
    },
    edges: [
      to('', 'a', `${id}a`),
      to('', 'b', `${id}b`),
      to('', 'c', `${id}c`),
      to('a', 'over', `${id}j`),
      to('a', 'heard', `${id}j`),
      to('b', 'yes', `${id}j`),
      to('b', 'no', 'end'),
      to('b', 'timeout', `${id}j`),
      to('c', 'yes', 'end'),
      to('c', 'else', `${id}j`),
    ],
  };
}

function stepOf(kind: Exclude<Kind, 'fork'>, n: number): { step: Step; ports: string[] } {
  switch (kind) {
    case 'action':
      return {
        step: {
          kind: 'action',
          uses: 'email/send',
          purpose: 'support',
          with: { subject: 'S', body: 'B' },
        },
        ports: ['sent', 'failed'].slice(0, n),
      };
    case 'later':
      return { step: { kind: 'action', uses: 'callback/ask' }, ports: ['yes', 'no', 'timeout'] };
    case 'wait':
      return { step: { kind: 'wait', for: [{ port: 'over', after: `P${n}D` }] }, ports: ['over'] };
    case 'event-wait':
      return {
        step: {
          kind: 'wait',
          for: [
            { port: 'over', after: `PT${n}H` },
            { port: 'heard', event: 'x' },
          ],
        },
        ports: ['over', 'heard'],
      };
    case 'branch':
      return {
        step: { kind: 'branch', cases: [{ port: 'yes', if: `vars.n > ${n}` }] },
        ports: ['else', 'yes'],
      };
    case 'split':
      return {
        step: {
          kind: 'split',
          arms: [
            { port: 'a', weight: n },
            { port: 'b', weight: 1 },
          ],
        },
        ports: ['a', 'b'],
      };
    case 'set':
      return { step: { kind: 'set', vars: { n: 'vars.n + 1' } }, ports: ['next'] };
    case 'repeat':
      return { step: { kind: 'repeat', times: n }, ports: ['done', 'again'] };
  }
}

/** What happens next, by a number: so that any list of numbers is a story, whatever the run does. */
export const happenings = fc.array(
  fc.record({ what: fc.nat({ max: 13 }), which: fc.nat({ max: 5 }), hours: fc.nat({ max: 40 }) }),
  { maxLength: 40 },
);

/** The event of one happening for a run in this state. */
export function eventOf(
  happening: { what: number; which: number; hours: number },
  state: RunState,
  count: number,
): RunEvent {
  const at = state.at + happening.hours * 3_600_000;
  const outstanding = outstandingEffects(state);
  const accepted = state.tokens
    .filter((token) => token.doing.type === 'accepted')
    .map((token) => ({ effect: `${token.step}#${token.visit}` }));
  const effect =
    [...outstanding, ...accepted][
      happening.which % Math.max(1, outstanding.length + accepted.length)
    ]?.effect ?? 'nothing#1';
  const id = `m${count}`;
  switch (happening.what) {
    case 0:
    case 1:
      return {
        type: 'effect.settled',
        at,
        effect,
        outcome: effect.startsWith('nothing') ? 'sent' : outcomeFor(state, effect),
        output: {},
      };
    case 2:
      return {
        type: 'effect.failed',
        at,
        effect,
        code: 'broken',
        kind: 'permanent',
        detail: 'broken',
        attempts: 1,
      };
    case 3:
      return { type: 'effect.suppressed', at, effect, because: { code: 'no-consent' } };
    case 4:
      return {
        type: 'effect.deferred',
        at,
        effect,
        until: at + 7_200_000,
        because: { code: 'quiet' },
      };
    case 5:
      return { type: 'effect.accepted', at, effect, reference: 'r' };
    case 6:
      return { type: 'effect.settled', at, effect: 's0#99', outcome: 'sent', output: {} };
    case 7:
    case 8:
      return {
        type: 'event.received',
        at,
        id,
        event: { id, type: 'x', source: 's', acceptedAt: at - happening.which * 60_000, data: {} },
      };
    case 9:
      return { type: 'subject.changed', at, id, attributes: { status: `s${happening.which}` } };
    case 10:
      return { type: 'command.given', at, id, command: { type: 'hold', by: 'o', reason: 'r' } };
    case 11:
      return { type: 'command.given', at, id, command: { type: 'resume', by: 'o', reason: 'r' } };
    case 12:
      return { type: 'command.given', at, id, command: { type: 'retry', by: 'o', reason: 'r' } };
    default:
      return { type: 'timer.fired', at };
  }
}

function outcomeFor(state: RunState, effect: string): string {
  const isLater = state.tokens.some(
    (token) => `${token.step}#${token.visit}` === effect && token.doing.type === 'accepted',
  );
  return isLater ? 'yes' : 'sent';
}
