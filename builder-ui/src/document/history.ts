// Undo is a value. Selection, camera and overlay are not in it; edits of one gesture share a merge key.

/** What was, is and may be again. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** The gesture of the latest edit: the next one with the same key takes its place. */
  mergeKey?: string;
}

const depth = 200;

/** A history that has seen nothing yet. */
export function historyOf<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** The history after an edit. An edit with the merge key of the latest one joins it. */
export function edit<T>(history: History<T>, next: T, mergeKey?: string): History<T> {
  if (Object.is(next, history.present)) return history;
  if (mergeKey !== undefined && mergeKey === history.mergeKey)
    return { past: history.past, present: next, future: [], mergeKey };
  const past = [...history.past, history.present].slice(-depth);
  return { past, present: next, future: [], ...(mergeKey === undefined ? {} : { mergeKey }) };
}

/** The history one step back; itself when there is none. */
export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
  };
}

/** The history one step forward again; itself when nothing was undone. */
export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future };
}
