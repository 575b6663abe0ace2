import { describe, expect, it } from 'vitest';
import { edit, historyOf, redo, undo } from './history.ts';

describe('a history', () => {
  it('makes one step of the edits of one gesture', () => {
    let history = historyOf({ x: 0 });
    for (const x of [1, 2, 3]) history = edit(history, { x }, 'move:welcome:g7');

    expect(history.present).toEqual({ x: 3 });
    expect(undo(history).present).toEqual({ x: 0 });
  });

  it('keeps edits of different gestures apart', () => {
    let history = historyOf(0);
    history = edit(history, 1, 'a');
    history = edit(history, 2, 'b');

    expect(undo(history).present).toBe(1);
  });

  it('comes back to where it was after undo and redo', () => {
    const history = edit(edit(historyOf(0), 1), 2);

    expect(redo(undo(history)).present).toBe(2);
  });

  it('forgets what was undone once something else is edited', () => {
    const history = edit(undo(edit(historyOf(0), 1)), 5);

    expect(redo(history)).toBe(history);
  });

  it('does not join an edit to a gesture that was undone', () => {
    const undone = undo(edit(historyOf(0), 1, 'move'));

    expect(undo(edit(undone, 2, 'move')).present).toBe(0);
  });

  it('takes no note of an edit that changes nothing', () => {
    const history = historyOf('same');

    expect(edit(history, 'same')).toBe(history);
  });
});
