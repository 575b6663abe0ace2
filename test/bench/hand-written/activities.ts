import { pick, type RunState, type TrailEntry } from '@sojourn/engine';
import { renderConfig, type JsonObject, type PluginRegistry } from '@sojourn/plugin-kit';
import { openSettings, type Sealer, type Store } from '@sojourn/store';
import { contextOf } from '@sojourn/temporal';
import { referenceJourney } from '../../support/reference-journey.ts';

/** One send of the journey written by hand. */
export interface HandWrittenSend {
  runId: string;
  subject: string;
  step: 'hello' | 'again';
  next: string;
  ends: boolean;
  arm: string;
}

export interface HandWrittenActivities {
  send(request: HandWrittenSend): Promise<{ outcome: string; at: number }>;
}

/** The activities: it renders, keeps the intent record and writes as ours does. */
export function createHandWrittenActivities(given: {
  store: Store;
  registry: PluginRegistry;
  sealer: Sealer;
}): HandWrittenActivities {
  const { store, registry, sealer } = given;
  const action = registry.action('email', 'send');
  if (!action) throw new Error('the e-mail plugin is missing');

  return {
    async send({ runId, subject, step, next, ends, arm }) {
      const key = `${runId}/${step}#1`;
      const at = Date.now();
      const [known, person] = await Promise.all([
        store.effects.get(key),
        store.subjects.get('patient', subject),
      ]);
      if (known?.outcome) return { outcome: 'sent', at: known.outcome.at };
      await store.subjects.consents('patient', subject);
      await store.effects.begin({
        id: key,
        runId,
        plugin: 'email',
        action: 'send',
        at,
        leaseUntil: at + 12_000,
      });
      const connection = await store.connections.defaultOf('email');
      if (!connection || !person) throw new Error('the bench has no connection or person');
      const context = contextOf(
        {
          secrets: { open: (record) => openSettings(sealer, record.id, record.settings) },
          egress: { resolve: (address, port) => Promise.resolve({ address, port }) },
          log: { info: () => undefined, warn: () => undefined },
          clock: Date.now,
        },
        connection,
        'email',
        10_000,
      );
      const definition = referenceJourney.steps[step];
      const config = definition?.kind === 'action' ? (definition.with as JsonObject) : {};
      const result = await action.perform(
        {
          config: renderConfig(config, action.config, {
            scope: {
              subject: { ...person.attributes, type: 'patient', key: subject },
              now: new Date(at),
            },
            evaluate: () => null,
          }),
          subject: { type: 'patient', key: subject, attributes: person.attributes },
          idempotencyKey: key,
          attempt: 1,
          deadline: at + 10_000,
          purpose: 'support',
          links: {
            click: (target) => target,
            open: () => 'http://localhost/t/open',
            unsubscribe: () => 'http://localhost/u/unsubscribe',
          },
        },
        context,
      );
      if (result.type !== 'done') throw new Error('the send was not done');
      const outcome = {
        type: 'effect.settled',
        at: Date.now(),
        effect: `${step}#1`,
        outcome: 'sent',
        output: result.output,
        subject: pick(person.attributes, []),
      } as const;
      await store.effects.settle(key, outcome);
      await store.runs.checkpoint({
        runId,
        journey: 'reference',
        version: 1,
        state: stateOf(runId, subject, step, next, ends, outcome.at),
        trail: trailOf(step, next, arm, outcome.at),
        positions: ends
          ? []
          : [{ step: next, visit: 1, since: outcome.at, until: outcome.at + 1_000 }],
        incidents: [],
        ...(ends ? {} : { nextDueAt: outcome.at + 1_000 }),
      });
      return { outcome: 'sent', at: outcome.at };
    },
  };
}

/** A state of the size ours has: what a checkpoint writes. */
function stateOf(
  runId: string,
  key: string,
  step: string,
  next: string,
  ends: boolean,
  at: number,
): RunState {
  return {
    format: 1,
    runId,
    key,
    status: ends ? 'ended' : 'active',
    ...(ends ? { outcome: 'completed', endedAt: at } : {}),
    startedAt: at,
    at,
    subject: { type: 'patient', key, attributes: {} },
    entry: {},
    vars: {},
    visits: ends ? { hello: 1, pause: 1, arms: 1, again: 1, done: 1 } : { hello: 1, pause: 1 },
    passages: { [step]: { port: 'sent', output: { messageId: 'x'.repeat(60) }, at, visit: 1 } },
    rounds: {},
    tokens: ends
      ? []
      : [
          {
            step: next,
            visit: 1,
            since: at,
            actionAt: at,
            doing: { type: 'waiting', alternatives: [{ port: 'over', at: at + 1_000 }] },
          },
        ],
    goals: [],
    recent: [],
    seen: ['start'],
    left: [],
    revision: ends ? 4 : 2,
    nextSeq: ends ? 14 : 6,
  };
}

function trailOf(step: string, next: string, arm: string, at: number): TrailEntry[] {
  const first: Omit<TrailEntry, 'seq'>[] =
    step === 'hello'
      ? [
          { at, what: 'started', because: { journey: 'reference' } },
          { at, step, visit: 1, what: 'entered', because: {} },
        ]
      : [
          { at, step: 'pause', visit: 1, what: 'left', because: { port: 'over', to: 'arms' } },
          { at, step: 'arms', visit: 1, what: 'entered', because: {} },
          { at, step: 'arms', visit: 1, what: 'left', because: { port: arm, to: 'again' } },
          { at, step, visit: 1, what: 'entered', because: {} },
        ];
  const last: Omit<TrailEntry, 'seq'>[] = [
    {
      at,
      step,
      visit: 1,
      what: 'sent',
      because: { outcome: 'sent', output: { messageId: 'x'.repeat(60) } },
    },
    { at, step, visit: 1, what: 'left', because: { port: 'sent', to: next } },
    { at, step: next, visit: 1, what: 'entered', because: {} },
    step === 'hello'
      ? {
          at,
          step: next,
          visit: 1,
          what: 'waits',
          because: { for: [{ port: 'over', until: new Date(at).toISOString() }] },
        }
      : { at, what: 'ended', because: { outcome: 'completed' } },
  ];
  const from = step === 'hello' ? 0 : 6;
  return [...first, ...last].map((entry, index) => ({ ...entry, seq: from + index }));
}
