import { keyAbout, type About } from '../about.ts';
import { present } from '../json.ts';
import { runOf, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import type { TaskFilter, TaskMoment, TaskRecord, TaskStatus, TaskStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { neverDue, waiting } from '../tasks.ts';
import { insertOnce, parse, type Pieces } from './queries.ts';
import type { Models, TaskMomentRow, TaskRow } from './rows.ts';
import { openText, sealing } from './sealed.ts';

/** What of a task may say something about the person, as it is sealed. */
type Content = Pick<TaskRecord, 'title' | 'script' | 'form' | 'outcomes' | 'appointment'>;
type Answers = Pick<TaskRecord, 'values' | 'note'>;

/** The condition that no more has happened to a task than that: its history only grows. */
const unchangedSince = (count: number): Pieces => ({ [`history.${count}`]: { $exists: false } });

/** What is not over. */
const isWaiting = { status: { $in: waiting } };

/** Work for people, in MongoDB. */
export function createTasks({ tasks }: Models, seals: Seals): TaskStore {
  const recordOf = (row: TaskRow) => openRecord(row, seals);

  /** Changes a task if the condition holds on the one that stands: one of many wins. */
  const changeIf = async (id: string, condition: Pieces, update: Pieces): Promise<boolean> => {
    const { matchedCount } = await tasks.updateOne({ _id: id, ...condition }, update);
    return matchedCount === 1;
  };
  const freeFor = (by: string) => ({
    $or: [{ status: 'open' }, { status: 'claimed', assignee: by }],
  });

  /** How much has happened to a task, and what seals what is said of it now; undefined when there is none. */
  const toAddTo = async (id: string) => {
    const row = await tasks.findById(id, { content: 0, answers: 0 }).lean<TaskRow>();
    if (row === null) return undefined;
    const seal = sealing(seals, await keyAbout(seals, aboutOf(row)), id);
    return { row, count: row.history?.length ?? 0, seal };
  };

  return {
    async add({ id, effect, runId: _runId, subject, ...task }) {
      const { queue, priority, createdAt, dueAt, ...content } = task;
      const about = present<About>({ effect, subject });
      const seal = sealing(seals, await keyAbout(seals, about), id);
      return await insertOnce<TaskRow>(
        tasks,
        present<TaskRow>({
          _id: id,
          effect,
          sub: subject === undefined ? undefined : subjectName(subject),
          queue,
          priority,
          status: 'open',
          at: createdAt,
          due: dueAt ?? neverDue,
          content: seal(content satisfies Content, 'content'),
        }),
      );
    },
    async get(id) {
      const row = await tasks.findById(id).lean<TaskRow>();
      return row === null ? undefined : await recordOf(row);
    },
    async list(filter, page) {
      const rows = await tasks
        .find({ $and: [wanted(filter), after(page.cursor)] })
        .sort({ due: 1, _id: 1 })
        .limit(page.limit + 1)
        .lean<TaskRow[]>();
      const records = await Promise.all(rows.map(recordOf));
      return pageOf(records, page, ({ dueAt, id }) => [dueAt ?? neverDue, id]);
    },
    queues: async () =>
      await tasks.aggregate<{ queue: string; count: number }>([
        { $match: isWaiting },
        { $group: { _id: '$queue', count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
        { $project: { _id: 0, queue: '$_id', count: 1 } },
      ]),
    claim: async (id, by, at) =>
      (await changeIf(
        id,
        { status: 'open' },
        { $set: { status: 'claimed', assignee: by, claimedAt: at } },
      )) || (await tasks.countDocuments({ _id: id, status: 'claimed', assignee: by })) > 0,
    release: (id, by) =>
      changeIf(
        id,
        { status: 'claimed', assignee: by },
        { $set: { status: 'open' }, $unset: { assignee: 1, claimedAt: 1 } },
      ),
    async attempt(id, { by, at, outcome, backAt, values, note, dueAt, after: count }) {
      const known = await toAddTo(id);
      if (!known) return false;
      const moment: TaskMomentRow = {
        ...{ type: 'attempted', at, by, outcome, backAt },
        content: known.seal(present<Answers>({ values, note }), `history ${count}`),
      };
      return await changeIf(
        id,
        { ...freeFor(by), ...unchangedSince(count) },
        {
          $set: { status: 'open', notBefore: backAt, due: dueAt },
          $unset: { assignee: 1, claimedAt: 1 },
          $push: { history: moment },
        },
      );
    },
    async handOver(id, { by, at, queue, to, note }) {
      const known = await toAddTo(id);
      if (!known) return false;
      const { row, count, seal } = known;
      const moment = present<TaskMomentRow>({
        ...{ type: 'handed-over', at, by, fromQueue: row.queue, queue, to },
        content: seal(present<Answers>({ note }), `history ${count}`),
      });
      const toPerson = to !== undefined;
      return await changeIf(
        id,
        { status: 'claimed', assignee: by, ...unchangedSince(count) },
        {
          $set: {
            ...{ queue, status: toPerson ? 'claimed' : 'open' },
            ...(toPerson ? { assignee: to, claimedAt: at } : {}),
          },
          $unset: { notBefore: 1, ...(toPerson ? {} : { assignee: 1, claimedAt: 1 }) },
          $push: { history: moment },
        },
      );
    },
    async complete(id, { by, at, outcome, values, note, after: count }) {
      const known = await toAddTo(id);
      if (!known) return false;
      const condition = {
        ...freeFor(by),
        ...(count === undefined ? {} : unchangedSince(count)),
      };
      return await changeIf(id, condition, {
        $set: {
          ...{ status: 'done', closedAt: at, by, outcome, untold: 1 },
          answers: known.seal(present<Answers>({ values, note }), 'answers'),
        },
      });
    },
    async move(id, { start, end }) {
      for (;;) {
        const row = await tasks.findOne({ _id: id, ...isWaiting }).lean<TaskRow>();
        const text = row?.content && (await openText(seals, row.content, `${id} content`));
        const content = text === undefined ? undefined : parse<Content>(text);
        if (!row || !content?.appointment) return false;
        const seal = sealing(seals, await keyAbout(seals, aboutOf(row)), id);
        const appointment = { ...content.appointment, start, end };
        const isMoved = await changeIf(
          id,
          { ...isWaiting, content: row.content }, // as it was read: of two moves neither is lost
          { $set: { due: end, content: seal({ ...content, appointment }, 'content') } },
        );
        if (isMoved) return true;
      }
    },
    withdraw: (id, as, at) => changeIf(id, isWaiting, { $set: { status: as, closedAt: at } }),
    async untold(before, limit) {
      const rows = await tasks
        .find({ untold: 1, closedAt: { $lt: before } })
        .sort({ closedAt: 1 })
        .limit(limit)
        .lean<TaskRow[]>();
      return await Promise.all(rows.map(recordOf));
    },
    async markTold(id) {
      await tasks.updateOne({ _id: id }, { $unset: { untold: 1 } });
    },
  };
}

function wanted(filter: TaskFilter): Pieces {
  const { queue, assignee, dueBefore, status, readyAt, laterThan } = filter;
  return {
    ...(readyAt === undefined ? {} : { notBefore: { $not: { $gt: readyAt } } }),
    ...(laterThan === undefined ? {} : { notBefore: { $gt: laterThan } }),
    ...(status === undefined ? isWaiting : { status }),
    ...(queue === undefined ? {} : { queue }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(dueBefore === undefined ? {} : { due: { $lt: dueBefore } }),
  };
}

/** What of the list comes after the cursor. */
function after(cursor: string | undefined): Pieces {
  if (cursor === undefined) return {};
  const [due, id] = decodeCursor(cursor, ['number', 'string']);
  return { $or: [{ due: { $gt: due } }, { due, _id: { $gt: id } }] };
}

async function openRecord(row: TaskRow, seals: Seals): Promise<TaskRecord> {
  const { _id, effect, sub, at, due, content, answers, history, untold: _untold, ...fields } = row;
  const open = async <Value>(sealed: TaskRow['answers'], field: string) => {
    const text =
      sealed === undefined ? undefined : await openText(seals, sealed, `${_id} ${field}`);
    return text === undefined ? undefined : parse<Value>(text);
  };
  const { title = '', outcomes = [], ...shown } = (await open<Content>(content, 'content')) ?? {};
  return present<TaskRecord>({
    id: _id,
    effect,
    runId: effect === undefined ? undefined : runOf(effect),
    subject: sub === undefined ? undefined : subjectOf(sub),
    title,
    outcomes,
    ...shown,
    ...fields,
    priority: fields.priority as TaskRecord['priority'],
    status: fields.status as TaskStatus,
    createdAt: at,
    dueAt: due === neverDue ? undefined : due,
    ...(await open<Answers>(answers, 'answers')),
    history:
      history &&
      ((await Promise.all(
        history.map(async ({ content: sealed, ...moment }, index) => ({
          ...moment,
          ...(await open<Answers>(sealed, `history ${index}`)),
        })),
      )) as TaskMoment[] | undefined),
  });
}

function aboutOf({ effect, sub }: TaskRow): About {
  return present<About>({ effect, subject: sub === undefined ? undefined : subjectOf(sub) });
}
