import type { StepCounts } from '../ports.ts';
import type { Models } from './rows.ts';

interface Here {
  _id: string;
  here: number;
  due: number | null;
}

interface Tally {
  _id: { s: string; c: string };
  n: number;
}

interface Incidents {
  _id: string;
  n: number;
}

/** Counts a version's steps from the runs that stand there and from the trail of all that passed. */
export async function countSteps(
  runs: Models['runs'],
  trail: Models['trail'],
  journey: string,
  version: number,
): Promise<Record<string, StepCounts>> {
  const open = { j: journey, v: version, o: 1 };
  const [here, incidents, passed] = await Promise.all([
    runs.aggregate<Here>([
      { $match: open },
      { $project: { p: 1 } },
      { $unwind: '$p' },
      { $group: { _id: '$p.s', here: { $sum: 1 }, due: { $min: '$p.u' } } },
    ]),
    runs.aggregate<Incidents>([
      { $match: { ...open, 'i.f': { $exists: true } } },
      { $unwind: '$i' },
      { $group: { _id: '$i.s', n: { $sum: 1 } } },
    ]),
    // Answered by the index alone, which `$exists` would not be.
    trail.aggregate<Tally>([
      { $match: { j: journey, v: version, c: { $gt: '' } } },
      { $group: { _id: { s: '$s', c: '$c' }, n: { $sum: 1 } } },
    ]),
  ]);

  const counts: Record<string, StepCounts> = {};
  const of = (step: string) => (counts[step] ??= { here: 0, entered: 0, left: {}, incidents: 0 });
  for (const { _id, here: number, due } of here) {
    of(_id).here = number;
    if (due !== null) of(_id).nextDueAt = due;
  }
  for (const { _id, n } of incidents) of(_id).incidents = n;
  for (const { _id, n } of passed) {
    if (_id.c === 'e') of(_id.s).entered = n;
    else of(_id.s).left[_id.c.slice('l:'.length)] = n;
  }
  return counts;
}
