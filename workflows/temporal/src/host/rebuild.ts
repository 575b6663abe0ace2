import { setTimeout as delay } from 'node:timers/promises';
import {
  effectName,
  nextWakeAt,
  outstandingEffects,
  type Plan,
  type RunEvent,
  type RunState,
} from '@sojourn/engine';
import type { Store } from '@sojourn/store';
import {
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { callersFarewell, endToldToCaller } from '../activities/call-journey.ts';
import { mainTaskQueue, workflowType } from '../protocol.ts';
import { missedMessages } from './missed-messages.ts';
import type { RunHost } from './run-host.ts';
import { argumentsOf } from './start.ts';

// Temporal from our own store, after its database was lost.
//
//   B1. A run that Temporal knows is left alone: starting is refused there, in one step, so that two who rebuild at once, or a
//       run that was told something meanwhile, are no harm.
//   B2. What was on its way is told again: every message of the inbox that would still change the checkpoint, the end of a
//       called run to its caller, and the caller's farewell to a called run. A run that Temporal knows is told these, too:
//       an event may have woken it, from its checkpoint, before we came.
//   B3. A run that sleeps goes on sleeping: its workflow starts with what is left of the wait as its delay.
//   B4. Runs with something to do at once are started at a pace that a worker keeps up with.
//   B5. Effects are never asked about here. The workflow asks for those that were under way, under their names, and their
//       records say what came of them.

export interface RebuildDependencies {
  client: Client;
  host: RunHost;
  store: Pick<Store, 'runs' | 'intake'>;
  plans: { byHash(hash: string): Promise<Plan> };
  clock: () => number;
}

export interface RebuildProgress {
  /** Open runs looked at. */
  seen: number;
  /** Started again. */
  started: number;
  /** Of those, how many sleep on. */
  asleep: number;
  /** Known to Temporal already. */
  known: number;
  /** Messages told again. */
  told: number;
  failed: { run: string; why: string }[];
}

export interface RebuildOptions {
  /** How many runs with something to do are started each second. */
  busyPerSecond?: number;
  /** Called now and then, and at the end. */
  report?: (progress: RebuildProgress) => void;
}

const width = 16;
const pageSize = 500;
const reportEveryMs = 1_000;
const attempts = 4;
/** As long as a run sleeps at most by itself (see the workflow). */
const longestParkMs = 365 * 86_400_000;
const samples = 20;

/** Starts every open run that Temporal does not know, from its stored checkpoint. Rejects only when the store cannot be read. */
export async function rebuildRuns(
  dependencies: RebuildDependencies,
  { busyPerSecond = 25, report }: RebuildOptions = {},
): Promise<RebuildProgress> {
  const { store } = dependencies;
  const progress: RebuildProgress = {
    ...{ seen: 0, started: 0, asleep: 0, known: 0, told: 0 },
    failed: [],
  };
  const pace = createPace(busyPerSecond);
  let reportedAt = Date.now();
  for (let after: string | undefined; ;) {
    const page = await store.runs.open(after, pageSize);
    const waiting = [...page];
    const work = async (): Promise<void> => {
      for (let run = waiting.shift(); run; run = waiting.shift()) {
        await again(dependencies, run, progress, pace).catch((error: unknown) => {
          progress.failed.push({ run: run.id, why: reasonOf(error) });
        });
        progress.seen += 1;
        if (Date.now() - reportedAt < reportEveryMs) continue;
        reportedAt = Date.now();
        report?.(progress);
      }
    };
    await Promise.all(Array.from({ length: width }, work));
    after = page.at(-1)?.id;
    if (page.length < pageSize) break;
  }
  report?.(progress);
  return progress;
}

/**
 * Whether Temporal has lost its memory: our store has open runs, and it knows none of them. A few are looked up: one that
 * was stored a moment before a crash may never have been told.
 */
export async function hasForgotten(
  client: Client,
  runs: Pick<Store['runs'], 'open'>,
): Promise<boolean> {
  const some = await runs.open(undefined, samples);
  for (const { id } of some) {
    const isKnown = await client.workflow
      .getHandle(id)
      .describe()
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        },
      );
    if (isKnown) return false;
  }
  return some.length > 0;
}

async function again(
  { client, host, store, plans, clock }: RebuildDependencies,
  run: { id: string; planHash: string },
  progress: RebuildProgress,
  pace: () => Promise<void>,
): Promise<void> {
  const [record, state, plan] = await Promise.all([
    store.runs.get(run.id), // its turn may be older than the state's, and does no harm then: turns grow by themselves
    store.runs.state(run.id),
    plans.byHash(run.planHash),
  ]);
  if (!record || !state || state.status === 'ended') return; // it ended since we asked
  await putCallMessages(store, plan, state, clock());
  const inbox = await store.intake.messagesOf(run.id);
  const missed = missedMessages(plan, state, inbox);
  const sleepMs = missed.length > 0 ? 0 : sleepOf(state, clock());
  if (sleepMs === 0) await pace(); // B4
  const isStarted = await persistently(() =>
    client.workflow
      .start(workflowType, {
        workflowId: run.id,
        taskQueue: mainTaskQueue,
        args: argumentsOf(
          state,
          record,
          missed.map(({ message }) => message),
        ),
        ...(sleepMs === 0 ? {} : { startDelay: sleepMs }), // B3
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      })
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return false; // B1
          throw error;
        },
      ),
  );
  for (const { id, message, delivered } of missed) {
    if (!isStarted) await persistently(() => host.tell(run.id, message)); // B2
    if (!delivered) await store.intake.markDelivered(id);
  }
  progress.told += missed.length;
  progress.known += isStarted ? 0 : 1;
  progress.started += isStarted ? 1 : 0;
  progress.asleep += isStarted && sleepMs > 0 ? 1 : 0;
}

/** How long a run may go on sleeping; 0 when it has something to do. */
function sleepOf(state: RunState, now: number): number {
  if (state.nextSeq === 0 || outstandingEffects(state).length > 0) return 0;
  return Math.max(0, Math.min((nextWakeAt(state) ?? Infinity) - now, longestParkMs));
}

/**
 * Puts what callers and called runs have to tell one another into the inbox, where it stands already unless it was lost
 * between the end of the one and the word to the other.
 */
async function putCallMessages(
  store: RebuildDependencies['store'],
  plan: Plan,
  state: RunState,
  now: number,
): Promise<void> {
  const put = (name: string, message: RunEvent): Promise<boolean> =>
    store.intake.put({
      id: `${state.runId}/${name}`,
      runId: state.runId,
      at: message.at,
      message,
    });
  for (const { step, doing } of state.tokens) {
    if (doing.type !== 'accepted' || plan.steps[step]?.kind !== 'call') continue;
    const called = await store.runs.state(doing.reference);
    const told = called && endToldToCaller(called);
    if (told) await put(told.name, told.message);
  }
  const { caller } = state;
  const calling = caller && (await store.runs.state(caller.runId));
  if (!caller || !calling) return;
  const isAwaited = calling.tokens.some(
    (token) =>
      effectName(token) === caller.effect &&
      (token.doing.type === 'performing' || token.doing.type === 'accepted'),
  );
  if (calling.status !== 'ended' && isAwaited) return;
  const { name, message } = callersFarewell(caller, now);
  await put(name, message);
}

async function persistently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === attempts) throw error;
      await delay(250 * 2 ** attempt);
    }
  }
}

/** Lets so many through each second, evenly. */
function createPace(perSecond: number): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = Date.now();
    next = Math.max(now, next + 1_000 / perSecond);
    if (next > now) await delay(next - now);
  };
}

/** The reason in one line. It names no person: ids and the server's own words. */
function reasonOf(error: unknown): string {
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return root instanceof Error ? (root.message.split('\n')[0] ?? root.name) : String(root);
}
