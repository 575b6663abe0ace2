import {
  checkValue,
  evaluate,
  inputOf,
  pick,
  scopeOf,
  transition,
  type JsonObject,
  type Plan,
  type PlanAction,
  type PlanCall,
  type RunState,
  type Token,
} from '@sojourn/engine';
import {
  PluginError,
  renderConfig,
  RenderError,
  type PerformResult,
  type PluginContext,
} from '@sojourn/plugin-kit';
import type { EffectOutcome, EffectRecord, SubjectRecord } from '@sojourn/store';
import { ApplicationFailure } from '@temporalio/common';
import {
  connectionQueue,
  type Elsewhere,
  type PerformAnswer,
  type PerformRequest,
} from '../protocol.ts';
import { startCalledRun } from './call-journey.ts';
import { checkpointOf } from './checkpoint.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { connectionOf, openContext } from './plugin-context.ts';
import { createPolicyBook } from './policy-book.ts';
import { createContactPolicies, type ContactNotes } from './policy.ts';
import { delayMs } from './retry.ts';

// One effect, done once.
//
//   P1. The idempotency key is the effect's name: the same on every attempt, crash and replay.
//   P2. Before `perform` the intent is recorded, afterwards the outcome. An intent without an outcome means that nobody
//       knows: the provider is asked (`reconcile`), and when it cannot be asked, a person is. Never a silent second send.
//   P3. An attempt holds a lease that ends before the activity's own time limit does: no two attempts send at once.
//   P4. Retries are counted in the effect's record. A delay of up to a minute is Temporal's; a longer one ends the activity
//       and becomes a wait. Never no delay at all: to Temporal a delay of 0 means that the activity is not tried again.
//   P6. An effect between attempts, or of somebody who is not known, is withdrawn when its run has ended or gone on without it, and
//       seen where it stands meanwhile.
//   P5. What comes of it is run through the same `transition`, and outcome, position and trail are stored here.
//   P8. What became of an attempt is asked of the connection that it used, whatever the default one is now.
//   P9. One connection is reached by one queue, so that its rate is kept: what names the default connection is performed where what
//       names none is.
//   P7. The policies are asked before every attempt, but not while an earlier one is unresolved: then the provider is asked first,
//       since what may have been sent can neither be held back nor be said not to have been.

/** Shorter than the activity's start-to-close time-out of 15 s (P3). */
const leaseMs = 12_000;
const attemptMs = 10_000;
const longestActivityDelayMs = 60_000;
const shortestDelayMs = 1_000;
const longestDelayMs = 365 * 86_400_000;

type VersionOfRun = (runId: string) => Promise<{ journey: string; version: number }>;
type Answer = PerformAnswer['event'];

/** The activity that performs effects. */
export function createPerformEffect(
  dependencies: ActivityDependencies,
  versionOfRun: VersionOfRun,
) {
  const { store, plans, clock } = dependencies;
  const policies = createContactPolicies(dependencies, createPolicyBook(store, clock));

  return async function performEffect(request: PerformRequest): Promise<PerformAnswer | Elsewhere> {
    const plan = await plans.byHash(request.planHash);
    const step = plan.steps[request.step];
    const token = request.state.tokens.find(
      (item) => item.step === request.step && item.visit === request.visit,
    );
    if (!token) return withdrawn(request); // P6
    if (step?.kind === 'call') return await call(plan, step, token, request);
    if (step?.kind !== 'action')
      throw new Error(`effect ${request.effect} names no action of plan ${plan.hash}`);
    const elsewhere = await otherQueue(step);
    if (elsewhere) return elsewhere; // P9
    const key = `${request.state.runId}/${request.effect}`;
    const { state } = request;
    const [known, subject, notes] = await Promise.all([
      store.effects.get(key),
      store.subjects.get(state.subject.type, state.subject.key),
      policies.gather(plan, step, state),
    ]);
    const work: Work = { plan, step, token, key, request, state, subject, known, notes };
    const event = standing(known, clock()) ?? (await attempt(work));
    return await record(work, event, work);
  };

  /** The answer to an effect that its own run no longer stands at. */
  function withdrawn({ effect }: PerformRequest): PerformAnswer {
    const because = { code: 'withdrawn' };
    return { event: { type: 'effect.suppressed', at: clock(), effect, because }, stored: false };
  }

  /** The queue of the plugin's default connection, when the step names that one and this is another queue. */
  async function otherQueue({ plugin, connection }: PlanAction): Promise<Elsewhere | undefined> {
    if (connection === undefined) return undefined;
    const queue = connectionQueue(plugin);
    if (dependencies.queues.own() === queue) return undefined;
    return (await store.connections.get(connection))?.default === true ? { queue } : undefined;
  }

  /** Starts a run of another journey. */
  async function call(
    plan: Plan,
    step: PlanCall,
    { doing }: Token,
    request: PerformRequest,
  ): Promise<PerformAnswer> {
    const { runId, subject } = request.state;
    const key = `${runId}/${request.effect}`;
    const known = await store.effects.get(key);
    const event =
      standing(known, clock()) ??
      (await startCalledRun(dependencies, {
        caller: { runId, effect: request.effect },
        step,
        call:
          doing.type === 'performing' && doing.call !== undefined
            ? doing.call
            : { subject: { type: subject.type, key: subject.key }, entry: {} },
        known,
      }));
    return await record({ plan, request, key }, event);
  }

  /** Makes one attempt, and answers what came of it. Throws when Temporal is to try again. */
  async function attempt(work: Work): Promise<Answer> {
    const { step, key, request, subject } = work;
    const refreshed = subject
      ? pick(subject.attributes, work.plan.reads)
      : request.state.subject.attributes;
    const answered = <Event extends object>(
      event: Event,
    ): Event & { at: number; effect: string; subject: JsonObject } => ({
      ...event,
      at: clock(),
      effect: request.effect,
      subject: refreshed,
      ...(subject ? { subjectRevision: subject.revision } : {}),
    });

    const gone = (work.known ?? !subject) && (await hasGone(request));
    if (gone) return answered({ type: 'effect.suppressed', because: { code: gone } }); // P6
    const objection = async (): Promise<Answer | undefined> => {
      const said = await policies.ask(work);
      if (said.answer === 'allow') return undefined;
      if (said.answer === 'suppress')
        return answered({ type: 'effect.suppressed' as const, because: said.because });
      return answered({
        type: 'effect.deferred' as const,
        until: said.until,
        because: said.because,
      });
    };
    const isOpen = work.known?.intentAt !== undefined && step.idempotency !== 'native';
    const held = isOpen ? undefined : await objection(); // P7
    if (held) return held;

    const earlier = work.known?.intentAt === undefined ? undefined : work.known.connection;
    const connection = await connectionOf(dependencies, step, earlier); // P8
    const begun = await store.effects.begin({
      id: key,
      runId: request.state.runId,
      plugin: step.plugin,
      action: step.action,
      ...(connection === undefined ? {} : { connection: connection.id }),
      at: clock(),
      leaseUntil: clock() + leaseMs,
    });
    if (!begun.began) {
      if (begun.record.outcome) return begun.record.outcome;
      throw retryAfter(
        'another-attempt-runs',
        (begun.record.leaseUntil ?? clock() + leaseMs) - clock() + 500,
      ); // P3
    }
    const attempts = (begun.before?.attempts ?? 0) + 1;
    let unresolved = begun.before?.intentAt !== undefined && step.idempotency !== 'native';
    try {
      const context = openContext(dependencies, step, connection, attemptMs);
      if (unresolved) {
        const found = await reconcile(work, context); // P2
        if (found) return fromResult(step, found, answered);
        unresolved = false;
        const late = await objection(); // P7
        if (late) {
          await store.effects.release(key, { countAttempt: false });
          return late;
        }
      }
      const result = await perform(work, context, attempts);
      return fromResult(step, result, answered);
    } catch (error) {
      await show(request); // P6
      return await failed(error, { step, key, attempts, answered, unresolved });
    }
  }

  async function perform(
    work: Work,
    context: PluginContext,
    attempts: number,
  ): Promise<PerformResult> {
    const { plan, step, key, request, subject } = work;
    const definition = dependencies.registry.action(step.plugin, step.action, step.schemaVersion);
    if (!definition) {
      throw new PluginError({
        code: 'plugin-missing',
        kind: 'config',
        detail: `this worker has no plugin '${step.plugin}' with version ${step.schemaVersion} of '${step.action}'`,
      });
    }
    const attributes = subject?.attributes ?? {};
    const state = { ...request.state, subject: { ...request.state.subject, attributes } };
    const scope = scopeOf(plan, state, clock());
    const config = renderConfig(inputOf(step.with, work.token), definition.config, {
      scope,
      evaluate: (cel) => {
        const answer = evaluate(cel, scope);
        if (!answer.ok)
          throw new Error(`'${cel}' failed at character ${answer.start + 1}: ${answer.message}`);
        return answer.value;
      },
    });
    const [fault] = checkValue(definition.config, config);
    if (fault)
      throw new PluginError({
        code: 'config-invalid',
        kind: 'config',
        detail: `${fault.pointer || '/'}: ${fault.detail}`,
      });
    const about = { runId: request.state.runId, effect: request.effect };
    return await definition.perform(
      {
        config,
        subject: { type: state.subject.type, key: state.subject.key, attributes },
        idempotencyKey: key,
        attempt: attempts,
        deadline: clock() + attemptMs,
        ...(dependencies.registry.plugin(step.plugin)?.callbacks
          ? { callbackUrl: dependencies.links.callback({ ...about, plugin: step.plugin }) }
          : {}),
        ...(step.purpose === undefined ? {} : { purpose: step.purpose }),
        links: dependencies.links.for({
          ...about,
          plugin: step.plugin,
          channel: step.channel,
          ...(step.purpose === undefined ? {} : { purpose: step.purpose }),
          subject: { type: state.subject.type, key: state.subject.key },
        }),
      },
      context,
    );
  }

  /** Whether the run has ended, or gone on without this effect, since it was asked for. */
  async function hasGone({ state, step, visit }: PerformRequest): Promise<string | undefined> {
    const run = await store.runs.get(state.runId);
    if (run?.status === 'ended') return 'run-ended';
    const stands = run?.positions.some((item) => item.step === step && item.visit === visit);
    return run && run.revision > state.revision && stands !== true ? 'withdrawn' : undefined;
  }

  /** Stores where the run stands while its effect is tried again. */
  async function show(request: PerformRequest): Promise<void> {
    const { state, pending, turn } = request;
    await store.runs.checkpoint(
      checkpointOf(await versionOfRun(state.runId), state, pending, { turn }),
    );
  }

  /** What became of an earlier attempt; undefined when it had no effect and the action may be performed again. */
  async function reconcile(
    { step, key, token }: Work,
    context: PluginContext,
  ): Promise<PerformResult | undefined> {
    const definition = dependencies.registry.action(step.plugin, step.action, step.schemaVersion);
    if (!definition?.reconcile) {
      throw new PluginError({
        code: 'unknown-outcome',
        kind: 'unknown-outcome',
        detail:
          'an earlier attempt was cut off, and the provider cannot be asked what became of it',
      });
    }
    const earlier = await definition.reconcile(key, context, inputOf(step.with, token));
    return earlier.type === 'not-found' ? undefined : earlier;
  }

  function fromResult(step: PlanAction, result: PerformResult, answered: Answered): Answer {
    const invalid = (what: string): Answer =>
      answered({
        type: 'effect.failed' as const,
        ...{ code: 'output-invalid', kind: 'output-invalid', attempts: 1 },
        detail: `${step.plugin}/${step.action} ${what}`,
      });
    if (result.type === 'accepted') {
      if (typeof result.reference === 'string' && result.reference !== '')
        return answered({ type: 'effect.accepted' as const, reference: result.reference });
      return invalid('accepted it without a reference: nobody could tell what settles it');
    }
    const definition = dependencies.registry.action(step.plugin, step.action, step.schemaVersion);
    const [fault] = definition ? checkValue(definition.output, result.output) : [];
    if (fault)
      return invalid(
        `answered an output that breaks its own schema: ${fault.pointer || '/'}: ${fault.detail}`,
      );
    return answered({
      type: 'effect.settled' as const,
      outcome: result.outcome,
      output: result.output,
    });
  }

  async function failed(
    error: unknown,
    about: {
      step: PlanAction;
      key: string;
      attempts: number;
      answered: Answered;
      unresolved: boolean;
    },
  ): Promise<Answer> {
    const { step, key, attempts, answered, unresolved } = about;
    const known = asPluginError(error, step);
    const asFailed = (): Answer =>
      answered({
        type: 'effect.failed' as const,
        code: known.code,
        kind: known.kind,
        detail: known.message,
        attempts,
      });
    if (unresolved) return await stillUnknown(known, about, asFailed); // P2
    const canAsk =
      dependencies.registry.action(step.plugin, step.action, step.schemaVersion)?.reconcile !==
      undefined;
    if (known.kind === 'unknown-outcome') {
      if (!canAsk) return asFailed();
      await store.effects.release(key, { countAttempt: true, keepIntent: true });
      throw retryAfter(known.code, 1_000); // the next attempt asks the provider first (P2)
    }
    const counts = known.kind !== 'rate-limited';
    if (
      known.kind === 'permanent' ||
      known.kind === 'auth' ||
      known.kind === 'config' ||
      (counts && attempts >= step.retry.attempts)
    ) {
      return asFailed();
    }
    const delay = askedDelay(known) ?? delayMs(step.retry, attempts);
    await store.effects.release(key, { countAttempt: counts }); // known to have had no effect
    if (delay <= longestActivityDelayMs) throw retryAfter(known.code, delay); // P4
    return answered({
      type: 'effect.deferred' as const,
      until: clock() + delay,
      because: { code: known.code, attempt: attempts, detail: known.message },
    });
  }

  /** The provider could not be asked just now: ask again later, and after the last attempt ask a person. */
  async function stillUnknown(
    known: PluginError,
    about: { step: PlanAction; key: string; attempts: number },
    asFailed: () => Answer,
  ): Promise<Answer> {
    const { step, key, attempts } = about;
    const passing = known.kind === 'retryable' || known.kind === 'rate-limited';
    if (!passing || attempts >= step.retry.attempts)
      return { ...asFailed(), kind: 'unknown-outcome' } as Answer;
    await store.effects.release(key, { countAttempt: true, keepIntent: true });
    throw retryAfter(known.code, Math.min(delayMs(step.retry, attempts), longestActivityDelayMs));
  }

  /** Stores what came of it, and what the engine makes of that (P5). */
  async function record(
    { plan, request, key }: Pick<Work, 'plan' | 'request' | 'key'>,
    event: Answer,
    contact?: Work,
  ): Promise<PerformAnswer> {
    const stored = await store.effects.settle(key, event);
    if (!stored) event = (await store.effects.get(key))?.outcome ?? event; // another attempt was first: its word stands
    if (contact) await policies.settle(contact, event);
    if (!request.alone) return { event, stored: false };
    const next = transition(plan, request.state, event);
    const trail = [...request.pending, ...next.trail];
    await store.runs.checkpoint(
      checkpointOf(await versionOfRun(request.state.runId), next.state, trail, {
        turn: request.turn,
        predicted: true,
      }),
    );
    return { event, stored: true };
  }
}

/** The outcome that stands: a deferral only until its instant. */
function standing(record: EffectRecord | undefined, now: number): EffectOutcome | undefined {
  const outcome = record?.outcome;
  return outcome?.type === 'effect.deferred' && outcome.until <= now ? undefined : outcome;
}

interface Work {
  plan: Plan;
  step: PlanAction;
  token: Token;
  key: string;
  request: PerformRequest;
  state: RunState;
  subject: SubjectRecord | undefined;
  known: EffectRecord | undefined;
  notes: ContactNotes | undefined;
}

type Answered = <Event extends object>(
  event: Event,
) => Event & { at: number; effect: string; subject: JsonObject };

/** What a plugin threw, by the contract: anything that is no `PluginError` leaves an unknown outcome, unless the provider honours the key. */
function asPluginError(error: unknown, step: PlanAction): PluginError {
  if (error instanceof PluginError) return error;
  if (error instanceof RenderError)
    return new PluginError({
      code: 'render-failed',
      kind: 'config',
      detail: error.message,
      cause: error,
    });
  const kind = step.idempotency === 'native' ? 'retryable' : 'unknown-outcome';
  const name = error instanceof Error ? error.name : 'error';
  return new PluginError({
    code: 'plugin-threw',
    kind,
    detail: `the plugin threw ${name}`,
    cause: error,
  });
}

/** How long the provider asks to be left alone, where the plugin says so in a number that is one. */
function askedDelay({ retryAfterMs }: PluginError): number | undefined {
  if (retryAfterMs === undefined || !Number.isFinite(retryAfterMs)) return undefined;
  return Math.min(Math.max(retryAfterMs, shortestDelayMs), longestDelayMs);
}

function retryAfter(code: string, delay: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message: code,
    nonRetryable: false,
    nextRetryDelay: Math.max(shortestDelayMs, delay), // P4
  });
}
