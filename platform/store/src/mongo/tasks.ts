import type { JsonObject } from '@sojourn/engine';
import { keyAbout, type About } from '../about.ts';
import { present } from '../json.ts';
import { runOf, subjectName, subjectOf } from '../names.ts';
import { decodeCursor, pageOf } from '../pages.ts';
import type { TaskFilter, TaskRecord, TaskStatus, TaskStore } from '../ports.ts';
import type { Seals } from '../seals.ts';
import { neverDue, waiting } from '../tasks.ts';
import { insertOnce, parse, type Pieces } from './queries.ts';
import type { Models, TaskRow } from './rows.ts';
import { openText, sealing } from './sealed.ts';

/** What of a task may say something about the person, as it is sealed. */
type Content = Pick<TaskRecord, 'title' | 'script' | 'form' | 'outcomes'>;
type Answers = Pick<TaskRecord, 'values' | 'note'>;

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
    async complete(id, { by, at, outcome, values, note }) {
      const row = await tasks.findById(id, { effect: 1, sub: 1 }).lean<TaskRow>();
      if (row === null) return false;
      const seal = sealing(seals, await keyAbout(seals, aboutOf(row)), id);
      const answers = present<Answers>({ values, note });
      return await changeIf(id, freeFor(by), {
        $set: {
          ...{ status: 'done', closedAt: at, by, outcome, untold: 1 },
          answers: seal(answers, 'answers'),
        },
      });
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

function wanted({ queue, assignee, dueBefore, status }: TaskFilter): Pieces {
  return {
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
  const { _id, effect, sub, at, due, content, answers, untold: _untold, ...fields } = row;
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
    ...(await open<{ values?: JsonObject; note?: string }>(answers, 'answers')),
  });
}

function aboutOf({ effect, sub }: TaskRow): About {
  return present<About>({ effect, subject: sub === undefined ? undefined : subjectOf(sub) });
}
