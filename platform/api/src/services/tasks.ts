import { instantText, type JsonObject } from '@sojourn/engine';
import { checkValue } from '@sojourn/plugin-kit';
import type { TaskOutcomeRequest } from '@sojourn/schemas';
import type { Page, PageRequest, Store, TaskFilter, TaskRecord } from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import { ConflictError, InvalidInputError, NotFoundError, type InputFault } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { Reports } from './reports.ts';

// Work for people, most of which runs wait for.
//
//   K1. A task is done once, by one: whoever comes second is refused, and nothing is doubled.
//   K2. What was done is stored before the run is told; a run that was not told is told by the sweep.
//   K3. Only what fits is taken: an outcome that the task has, answers that its form allows.

export interface TasksDependencies {
  store: Pick<Store, 'tasks' | 'runs'>;
  reports: Reports;
  audit: Audit;
  log: Log;
  clock: Clock;
}

export interface Tasks {
  list(filter: TaskFilter, page: PageRequest): Promise<Page<TaskRecord>>;
  get(id: string): Promise<TaskRecord>;
  /** Gives it to whoever asks. Throws when somebody else has it, or it is over. */
  claim(id: string, caller: Caller): Promise<TaskRecord>;
  /** Gives it back to everybody. Throws when whoever asks has not got it. */
  release(id: string, caller: Caller): Promise<TaskRecord>;
  /** Ends it, and tells the run. Throws with every fault of what was given. */
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
    const refusal = refusalOf(task, caller);
    if (refusal) throw refusal;
    const { runId } = task;
    if (runId !== undefined && (await store.runs.get(runId))?.status === 'ended')
      throw over('its run has ended meanwhile');
    return task;
  };

  /** Why a change was not made, as the task stands now. */
  const refused = async (id: string, caller: Caller): Promise<ConflictError> =>
    refusalOf(await get(id), caller) ?? new ConflictError('task-held', 'nobody has the task');

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
    };
    if (effect !== undefined)
      await reports.ended(effect, source, {
        ...{ type: 'settled', eventId: id, reference: id, outcome, output },
      });
    await store.tasks.markTold(id);
  };

  return {
    list: (filter, page) => store.tasks.list(filter, page),
    get,

    async claim(id, caller) {
      const before = await ofCaller(id, caller);
      if (!(await store.tasks.claim(id, caller.id, clock()))) throw await refused(id, caller);
      const task = await get(id);
      if (before.status === 'open') await noted('task-claimed', task, caller);
      const { runId, effect } = task;
      if (runId !== undefined && effect !== undefined)
        await reports.happened(
          source,
          {
            type: 'happened',
            eventId: `${id}/claimed/${task.claimedAt ?? 0}`,
            eventType: 'task.claimed',
            data: { task: id, queue: task.queue, by: caller.id },
          },
          { runId, effect: effect.slice(runId.length + 1) },
        );
      return task;
    },

    async release(id, caller) {
      await ofCaller(id, caller);
      if (!(await store.tasks.release(id, caller.id))) throw await refused(id, caller);
      const task = await get(id);
      await noted('task-released', task, caller);
      return task;
    },

    async complete(id, request, caller) {
      const task = await ofCaller(id, caller);
      const { outcome, note } = request;
      const values = (request.values ?? {}) as JsonObject;
      const faults = faultsIn(task, outcome, values);
      if (faults.length > 0)
        throw new InvalidInputError(
          'task-answer-invalid',
          faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '),
          faults,
        ); // K3
      const end = { by: caller.id, at: clock(), outcome, values };
      const done = await store.tasks.complete(id, {
        ...end,
        ...(note === undefined ? {} : { note }),
      });
      if (!done) throw await refused(id, caller); // K1
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

const over = (why: string): ConflictError => new ConflictError('task-over', why);

function refusalOf({ status, assignee }: TaskRecord, caller: Caller): ConflictError | undefined {
  switch (status) {
    case 'open':
      return undefined;
    case 'claimed':
      return assignee === caller.id
        ? undefined
        : new ConflictError('task-held', 'somebody else has the task', { assignee });
    case 'done':
      return over('the task is done already');
    case 'overdue':
      return over('the task was not done in time: its run went on');
    case 'cancelled':
      return over('the task was taken back: its run went on without it');
  }
}

function faultsIn(task: TaskRecord, outcome: string, values: JsonObject): InputFault[] {
  const ports = task.outcomes.map(({ port }) => port);
  const form = task.form ?? { type: 'object', additionalProperties: false };
  return [
    ...(ports.includes(outcome)
      ? []
      : [{ pointer: '/outcome', detail: `must be one of ${ports.join(', ')}` }]),
    ...checkValue(form, values).map(({ pointer, detail }) => ({
      pointer: `/values${pointer}`,
      detail,
    })),
  ];
}
