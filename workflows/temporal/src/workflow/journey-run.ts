import {
  isTooEarly,
  nextWakeAt,
  outstandingEffects,
  transition,
  type Effect,
  type Plan,
  type RunEvent,
} from '@sojourn/engine/interpreter';
import {
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  connectionQueue,
  isErased,
  mainTaskQueue,
  messageSignal,
  type LocalRunActivities,
  type Pace,
  type PerformAnswer,
  type PerformRequest,
  type RunActivities,
  type RunArguments,
} from '../protocol.ts';

// One run, walked on Temporal. The engine decides; this file waits, asks and remembers.
//
//   H1. Everything between two waits is synchronous, and there are few promises: each costs a stack trace in a workflow, and
//       Temporal's `condition` makes a dozen.
//   H2. Signal handlers only push to the inbox, so nothing is lost when the run continues as new.
//   H3. After an awaited flush the inbox is looked at again before the run continues as new or ends.
//   H4. What an activity predicted is stored when nothing else changed the run since the effect was asked for: then the
//       own transition agrees, and there is nothing left to store.
//   H6. A message is handled at the instant at which it was accepted, and a timer at the one it was set for unless it is
//       more than a minute late: what a run decides does not depend on how busy its host is.
//   H7. A run that is written to just after it was parked stays awake a while: parking and waking cost more than a timer,
//       and Temporal lets a chain continue at most once a second.
//   H8. A command about an effect whose answer is still on its way is kept until the answer is here.
//   H9. What is for somebody who was erased is not there: a run that finds itself so ends. It was ended from outside before.
//   H10. A run that continues as new may go on under another build of this code: it is pinned to one between two continuations
//       (the worker says so), and it continues as soon as it stands still when Temporal says that another build is current.
//   H11. What is asked for in the task that ends a workflow, or continues it as new, is never done: a cancellation is waited for.
//   H12. A turn of the workflow may be decided anew: when a signal came in while it was decided, Temporal refuses to end it or to
//       let it continue, and hands everything out again, the signal first. What was flushed meanwhile did not come true. So a
//       flush says in which turn it was decided, and a later turn's stands; and what cannot be taken back, like the word to a
//       caller, is an activity: those begin when the turn that asked for them is history.
//   H13. An effect is performed on the queue of its connection, whose rate limit may let it wait for long. What nobody has taken for a
//       while is looked at: while a worker serves the queue it waits on, else a person is told.
//   H5. No state survives but what stands in the arguments: timers are absolute instants of the state.

const retry = { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '30 s' } as const;
const { performEffect } = proxyActivities<RunActivities>({ startToCloseTimeout: '15 s', retry });
const { isServed } = proxyActivities<RunActivities>({ startToCloseTimeout: '15 s', retry });
const { tellCaller } = proxyActivities<RunActivities>({ startToCloseTimeout: '15 s', retry });
const { cancelEffect } = proxyActivities<RunActivities>({
  startToCloseTimeout: '15 s',
  retry: { ...retry, maximumAttempts: 40 }, // a provider that cannot be told keeps nobody awake for good
});
const { flush, tellCaller: tellCallerAtOnce } = proxyLocalActivities<LocalRunActivities>({
  startToCloseTimeout: '8 s',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '5 s' },
});

const eventsBeforeContinuing = 150;
const usualPace: Pace = { longWaitMs: 86_400_000, lingerMs: 10_000 };
const usualUntakenMs = 600_000;
/** A run that only an event can move wakes by itself once a year, to live under newer code and keys. */
const longestParkMs = 365 * 86_400_000;
const latestMs = 60_000;

export const message = defineSignal<[RunEvent]>(messageSignal);

interface Answered {
  answer: PerformAnswer;
  /** The state's revision when the effect was asked for. */
  revision: number;
}

/** Walks one run until it ends. `plan` comes by its hash: the worker's codec puts it in place. */
export async function journeyRun(given: RunArguments, plan: Plan): Promise<void> {
  if (isErased(given)) return; // H9
  const run = { ...given, inbox: [...given.inbox], pending: [...given.pending] };
  const { longWaitMs, lingerMs } = given.pace ?? usualPace;
  const answers: Answered[] = [];
  let cancelling = 0;
  let early: RunEvent[] = [];
  let performing = 0;
  let cameBetween = false;
  let callerKnows = false;
  const turn = (): number => (given.turn ?? 0) + workflowInfo().historyLength; // H12

  interface Wait {
    isOver: () => boolean;
    end: (isOver: boolean) => void;
    fail: (why: Error) => void;
  }
  let waiting: Wait | undefined;
  let cancelled: Error | undefined; // by somebody at Temporal: nothing of ours does that
  CancellationScope.current().cancelRequested.catch((why: unknown) => {
    cancelled = why instanceof Error ? why : new Error('cancelled');
    waiting?.fail(cancelled);
  });
  const stir = (): void => {
    if (waiting?.isOver() === true) waiting.end(true);
  };
  /** Waits until it is over, or for so long: false when that passed first. What may end it stirs. */
  const until = (isOver: () => boolean, ms?: number): Promise<boolean> =>
    new Promise((resolve, fail) => {
      if (cancelled) return fail(cancelled);
      if (isOver()) return resolve(true);
      const timer = ms === undefined ? undefined : new CancellationScope();
      const own: Wait = {
        isOver,
        end(answer) {
          if (waiting !== own) return; // its timer fired in the very task in which something else came first
          waiting = undefined;
          timer?.cancel();
          resolve(answer);
        },
        fail,
      };
      waiting = own;
      timer
        ?.run(() => sleep(ms))
        .then(
          () => own.end(false),
          () => undefined, // something else came first
        );
    });

  setHandler(message, (event) => {
    if (isErased(event)) return; // H9
    run.inbox.push(event); // H2
    stir();
  });

  const ask = (effect: Effect): void => {
    if (effect.type === 'cancel') {
      if (effect.reference === undefined) return;
      const request = {
        planHash: plan.hash,
        runId: run.state.runId,
        effect: effect.effect,
        step: effect.step,
        reference: effect.reference,
      };
      cancelling += 1;
      void cancelEffect(request)
        .catch(() => undefined) // asked often enough; the activity logged each failure
        .then(() => {
          cancelling -= 1;
          stir();
        });
      return;
    }
    const { revision } = run.state;
    performing += 1;
    const request = {
      planHash: plan.hash,
      state: run.state,
      pending: run.pending,
      turn: turn(),
      effect: effect.effect,
      step: effect.step,
      visit: effect.visit,
      alone: performing === 1,
    };
    perform(request, queueOf(plan, effect.step), (answer) => {
      answers.push({ answer, revision });
      stir();
    });
  };

  /** Has an effect performed by whoever serves the queue (H13). Told by a callback: a promise more is dear here (H1). */
  const perform = (
    request: PerformRequest,
    taskQueue: string,
    done: (answer: PerformAnswer) => void,
  ): void => {
    const options = {
      activityId: request.effect,
      taskQueue,
      scheduleToStartTimeout: given.pace?.untakenMs ?? usualUntakenMs,
    };
    void performEffect.executeWithOptions(options, [request]).then(
      (answer) => {
        if ('queue' in answer) perform(request, answer.queue, done);
        else done(answer);
      },
      async (error: unknown) => {
        if (!wasUntaken(error)) done(failedHere(request.effect, error));
        else if (await isServed({ queue: taskQueue })) perform(request, taskQueue, done);
        else done(untaken(request.effect, taskQueue));
      },
    );
  };

  const handle = (event: RunEvent, stored: boolean): void => {
    const next = transition(plan, run.state, event);
    if (next.state === run.state) return;
    run.state = next.state;
    if (stored) {
      run.pending = []; // H4
      run.storedRevision = next.state.revision;
      run.missed = false;
    } else {
      run.pending = [...run.pending, ...next.trail];
    }
    for (const effect of next.effects) ask(effect);
  };

  const drain = (): void => {
    while (answers.length + run.inbox.length > 0) {
      for (const { answer, revision } of answers.splice(0)) {
        performing -= 1;
        const agrees = revision === run.state.revision;
        if (answer.stored && !agrees) run.missed = true;
        handle(answer.event, answer.stored && agrees);
        run.inbox.unshift(...early);
        early = [];
      }
      for (const event of run.inbox.splice(0)) {
        if (performing > 0 && isTooEarly(run.state, event)) {
          early.push(event); // H8
          continue;
        }
        const before = run.state;
        const isBusy = performing > 0;
        handle(event, false);
        if (isBusy && run.state !== before) cameBetween = true;
      }
    }
  };

  const isQuiet = (): boolean => answers.length + run.inbox.length === 0;

  if (given.state.status === 'ended') return;
  for (const effect of resumed(given)) ask(effect);
  for (;;) {
    drain();
    // An effect under way stores what it was given and what comes of it (H4). What came in between is stored at once: an
    // exit or a hold must be seen before the effect's next attempt, which may be a minute away.
    const isUnstored = run.storedRevision < run.state.revision;
    if (performing === 0 ? isUnstored || run.missed : isUnstored && cameBetween) {
      cameBetween = false;
      await flush({
        planHash: plan.hash,
        state: run.state,
        trail: run.pending,
        turn: turn(),
      });
      run.missed = false;
      run.pending = [];
      run.storedRevision = run.state.revision;
      if (!isQuiet()) continue; // H3
    }
    if (run.state.status === 'ended' && performing === 0) {
      if (run.state.caller && !callerKnows) {
        if (patched('tell-caller-by-activity')) await tellCaller({ state: run.state });
        else await tellCallerAtOnce({ state: run.state });
      }
      callerKnows = true;
      await until(() => cancelling === 0 || !isQuiet()); // H11
      if (!isQuiet()) continue; // H3
      return;
    }

    const now = Date.now();
    const wakeAt = run.state.status === 'ended' ? undefined : nextWakeAt(run.state);
    const delayMs = wakeAt === undefined ? longestParkMs : wakeAt - now;
    const isLong = delayMs > longWaitMs;
    const lingers = isLong && now - run.parkedAt < lingerMs; // H7
    const wantsToContinue = performing === 0 && ((isLong && !lingers) || shouldContinue());
    if (wantsToContinue && cancelling === 0) {
      const backoffStartInterval = isLong ? Math.min(delayMs, longestParkMs) : 0;
      if (isLong) run.parkedAt = now;
      run.turn = turn();
      const next = makeContinueAsNewFunc<typeof journeyRun>({
        backoffStartInterval,
        initialVersioningBehavior: 'AUTO_UPGRADE', // H10
      });
      return await next(run, { $plan: plan.hash } as unknown as Plan); // H5; the codec puts the plan in place again
    }
    const isWoken = (): boolean => !isQuiet() || (wantsToContinue && cancelling === 0); // H11
    if (wakeAt === undefined && !lingers) {
      await until(isWoken);
      continue;
    }
    const waitMs = lingers ? lingerMs : delayMs;
    const isDue = waitMs <= 0 || !(await until(isWoken, waitMs));
    if (isDue && wakeAt !== undefined && Date.now() >= wakeAt) {
      if (performing > 0) cameBetween = true; // a deadline passed
      handle(
        { type: 'timer.fired', at: Date.now() - wakeAt > latestMs ? Date.now() : wakeAt },
        false,
      ); // H6
    }
  }
}

/** Whether the history has grown long, or another build of this code is current (H10). */
function shouldContinue(): boolean {
  const { historyLength, continueAsNewSuggested, targetWorkerDeploymentVersionChanged } =
    workflowInfo();
  return (
    historyLength > eventsBeforeContinuing ||
    continueAsNewSuggested ||
    targetWorkerDeploymentVersionChanged
  );
}

/** The queue on which an effect is performed. */
function queueOf(plan: Plan, name: string): string {
  const step = plan.steps[name];
  return step?.kind === 'action' ? connectionQueue(step.plugin, step.connection) : mainTaskQueue;
}

/** Whether nobody took an activity in time. */
function wasUntaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/** An effect that no worker takes. The world has not seen it, so it may be tried again. */
function untaken(effect: string, queue: string): PerformAnswer {
  return {
    event: {
      type: 'effect.failed',
      at: Date.now(),
      effect,
      code: 'no-worker',
      kind: 'no-worker',
      detail: `no worker serves the queue '${queue}'`,
      attempts: 0,
    },
    stored: false,
  };
}

/** An activity of ours that broke: nobody knows what the world saw, so a person decides. The run lives on. */
function failedHere(effect: string, error: unknown): PerformAnswer {
  const cause = error instanceof Error ? error.cause : undefined;
  const isTyped = cause instanceof ApplicationFailure && typeof cause.type === 'string';
  const detail = isTyped ? cause.type : error instanceof Error ? error.name : 'the host failed'; // messages may name a person
  return {
    event: {
      type: 'effect.failed',
      at: Date.now(),
      effect,
      code: 'host-failure',
      kind: 'unknown-outcome',
      detail,
      attempts: 1,
    },
    stored: false,
  };
}

/** The effects that were under way when the arguments were written: they are asked for again, under the same names. */
function resumed({ state }: RunArguments): Effect[] {
  return outstandingEffects(state);
}
