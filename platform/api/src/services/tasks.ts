import { instantText, type JsonObject } from '@sojourn/engine';
import type { TaskHandOverRequest, TaskOutcomeRequest } from '@sojourn/schemas';
import type { Page, PageRequest, Store, TaskFilter, TaskQueue, TaskRecord } from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import { ConflictError, invalidAt, InvalidInputError, NotFoundError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { Reports } from './reports.ts';
import {
  attemptsOf,
  faultsIn,
  over,
  refusalOf,
  rungOf,
  timesAfter,
  tooEarly,
} from './task-rules.ts';

// Work for people, most of which runs wait for.
//
//   K1. A task is done once, by one, and so is each attempt: whoever comes second is refused, and nothing is doubled.
//   K2. What was done is stored before the run is told; a run that was not told is told by the sweep.
//   K3. Only what fits is taken: an outcome that the task has, answers that its form allows.
//   K4. Only who has a task hands it over, and only to somebody or somewhere that is not where it stands.
//
// What an answer does to a task: see task-rules.ts.

export interface TasksDependencies {
  store: Pick<Store, 'tasks' | 'runs' | 'access'>;
  reports: Reports;
  audit: Audit;
  log: Log;
  clock: Clock;
}

/** What a list is narrowed to. `when`: what may be done now, or what was tried and comes back later. */
export type TaskListFilter = Omit<TaskFilter, 'readyAt' | 'laterThan'> & {
  when?: 'now' | 'later';
};

export interface Tasks {
  list(filter: TaskListFilter, page: PageRequest): Promise<Page<TaskRecord>>;
  get(id: string): Promise<TaskRecord>;
  /** The queues with tasks that are not over. */
  queues(): Promise<TaskQueue[]>;
  /** Gives it to whoever asks. Throws when somebody else has it, or it is over. */
  claim(id: string, caller: Caller): Promise<TaskRecord>;
  /** Gives it back to everybody. Throws when whoever asks has not got it. */
  release(id: string, caller: Caller): Promise<TaskRecord>;
  /** Gives it to another queue, or to a person. Throws when whoever asks has not got it, or it would not move. */
  handOver(id: string, request: TaskHandOverRequest, caller: Caller): Promise<TaskRecord>;
  /** Ends it and tells the run, or puts it back until it is tried again. Throws with every fault of what was given. */
  complete(id: string, request: TaskOutcomeRequest, caller: Caller): Promise<TaskRecord>;
  /** Tells the runs that were not told. Answers how many that was. */
  sweep(olderThanMs: number): Promise<number>;
}

/** What the list's own reports come from. */
const source = 'task';
const sweepSize = 200;

/** The service that keeps the list of tasks. */
export function createTasks(dependencies: TasksDependencies): Tasks {
  const { store, reports, audit, log, clock } = dependencies;

  const get = async (id: string): Promise<TaskRecord> => {
    const task = await store.tasks.get(id);
    if (!task) throw new NotFoundError('not-found', `there is no task '${id}'`);
    return task;
  };

  /** The task, when whoever asks may work on it. */
  const ofCaller = async (id: string, caller: Caller): Promise<TaskRecord> => {
    const task = await get(id);
    const refusal = refusalOf(task, caller.id);
    if (refusal) throw refusal;
    const { runId } = task;
    if (runId !== undefined && (await store.runs.get(runId))?.status === 'ended')
      throw over('its run has ended meanwhile');
    return task;
  };

  /** Why a change was not made, as the task stands now. */
  const refused = async (id: string, caller: Caller): Promise<ConflictError> =>
    refusalOf(await get(id), caller.id) ?? new ConflictError('task-held', 'nobody has the task');

  /** Why an answer was not taken, as the task stands now. */
  const notTaken = async (id: string, caller: Caller): Promise<ConflictError> => {
    const task = await get(id);
    return (
      refusalOf(task, caller.id) ??
      tooEarly(task, clock()) ??
      new ConflictError('task-changed', 'somebody did something with the task just now: look again')
    );
  };

  /** Tells whoever listens what happened to a task that a run waits for. */
  const happened = async (
    what: 'attempted' | 'claimed',
    task: TaskRecord,
    { number, ...data }: JsonObject & { number: number },
  ): Promise<void> => {
    const { id, runId, effect, queue } = task;
    if (runId === undefined || effect === undefined) return;
    await reports.happened(
      source,
      {
        type: 'happened',
        eventId: `${id}/${what}/${number}`,
        eventType: `task.${what}`,
        data: { task: id, queue, ...data },
      },
      { runId, effect: effect.slice(runId.length + 1) },
    );
  };

  const noted = (what: string, { id, queue }: TaskRecord, caller: Caller, more = {}) =>
    audit.note(caller, { what, target: `task/${id}`, after: { queue, ...more } });

  /** Tells the run how its task ended (K2). */
  const tell = async (task: TaskRecord): Promise<void> => {
    const { id, effect, outcome = '', values = {}, by, note, closedAt } = task;
    const output: JsonObject = {
      outcome,
      values,
      ...(by === undefined ? {} : { by }),
      ...(closedAt === undefined ? {} : { doneAt: instantText(closedAt) }),
      ...(note === undefined ? {} : { note }),
      attempts: attemptsOf(task) + 1,
    };
    if (effect !== undefined)
      await reports.ended(effect, source, {
        ...{ type: 'settled', eventId: id, reference: id, outcome, output },
      });
    await store.tasks.markTold(id);
  };

  /** Keeps an attempt, and puts the task back. */
  const putBack = async (
    task: TaskRecord,
    rung: string,
    {
      values,
      ...answer
    }: {
      by: string;
      at: number;
      outcome: string;
      values: JsonObject;
      after: number;
      note?: string;
    },
    caller: Caller,
  ): Promise<TaskRecord> => {
    const { id } = task;
    const { outcome, at } = answer;
    const times = timesAfter(task, rung, at);
    const kept = await store.tasks.attempt(id, {
      ...{ ...answer, ...times },
      ...(Object.keys(values).length > 0 ? { values } : {}),
    });
    if (!kept) throw await notTaken(id, caller); // K1
    const attempt = attemptsOf(task) + 1;
    await noted('task-attempted', task, caller, { outcome, attempt });
    await happened('attempted', task, {
      ...{ number: attempt, by: caller.id, outcome, attempt },
      backAt: instantText(times.backAt),
    });
    return await get(id);
  };

  /** Throws when a hand-over would leave the task where it is, or leave it with nobody (K4). */
  const assertMoves = async (
    task: TaskRecord,
    { queue, to }: Pick<TaskHandOverRequest, 'queue' | 'to'>,
    caller: Caller,
  ): Promise<void> => {
    const code = 'task-hand-over-invalid';
    if (to === caller.id) throw invalidAt('/to', 'is who has it: name somebody else', code);
    if (to !== undefined && !(await store.access.user(to)))
      throw invalidAt('/to', 'is nobody who works here', code);
    if (to === undefined && (queue ?? task.queue) === task.queue)
      throw invalidAt('/queue', 'is where it stands: name another queue, or a person', code);
  };

  return {
    list: ({ when, ...filter }, page) =>
      store.tasks.list(
        {
          ...filter,
          ...(when === 'now' ? { readyAt: clock() } : {}),
          ...(when === 'later' ? { laterThan: clock() } : {}),
        },
        page,
      ),
    get,
    queues: () => store.tasks.queues(),

    async claim(id, caller) {
      const before = await ofCaller(id, caller);
      if (!(await store.tasks.claim(id, caller.id, clock()))) throw await refused(id, caller);
      const task = await get(id);
      if (before.status === 'open') await noted('task-claimed', task, caller);
      await happened('claimed', task, { number: task.claimedAt ?? 0, by: caller.id });
      return task;
    },

    async release(id, caller) {
      await ofCaller(id, caller);
      if (!(await store.tasks.release(id, caller.id))) throw await refused(id, caller);
      const task = await get(id);
      await noted('task-released', task, caller);
      return task;
    },

    async handOver(id, request, caller) {
      const { queue, to, note } = request;
      const before = await ofCaller(id, caller);
      await assertMoves(before, request, caller);
      const moved = await store.tasks.handOver(id, {
        ...{ by: caller.id, at: clock(), queue: queue ?? before.queue, note },
        ...(to === undefined ? {} : { to }),
      });
      if (!moved) throw await refused(id, caller); // K4
      const task = await get(id);
      await audit.note(caller, {
        ...{ what: 'task-handed-over', target: `task/${id}`, before: { queue: before.queue } },
        after: { queue: task.queue, ...(to === undefined ? {} : { to }) },
      });
      return task;
    },

    async complete(id, request, caller) {
      const task = await ofCaller(id, caller);
      const early = tooEarly(task, clock());
      if (early) throw early;
      const { outcome, note } = request;
      const values = (request.values ?? {}) as JsonObject;
      const faults = faultsIn(task, outcome, values);
      if (faults.length > 0)
        throw new InvalidInputError(
          'task-answer-invalid',
          faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '),
          faults,
        ); // K3
      const answer = {
        ...{ by: caller.id, at: clock(), outcome, after: task.history?.length ?? 0 },
        ...(note === undefined ? {} : { note }),
      };
      const rung = rungOf(task, outcome);
      if (rung !== undefined) return await putBack(task, rung, { ...answer, values }, caller);
      const done = await store.tasks.complete(id, { ...answer, values });
      if (!done) throw await notTaken(id, caller); // K1
      await noted('task-done', task, caller, { outcome });
      const ended = await get(id);
      await tell(ended);
      return ended;
    },

    async sweep(olderThanMs) {
      const tasks = await store.tasks.untold(clock() - olderThanMs, sweepSize);
      for (const task of tasks)
        await tell(task).catch((error: unknown) =>
          log.warn(
            { task: task.id, error: String(error) },
            'a run could not be told how its task ended; the sweep tries again',
          ),
        );
      return tasks.length;
    },
  };
}
