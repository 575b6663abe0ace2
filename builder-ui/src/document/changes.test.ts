import { describe, expect, it } from 'vitest';
import { changedOnlyBy, changesBetween, mergeSteps, settingsDiffer } from './changes.ts';
import { readDraft } from './draft.ts';
import { applyPatch } from './patch.ts';

const end = (outcome: string) => ({ kind: 'end', outcome });
const document = (steps: Record<string, unknown>, edges: unknown[] = [], name = 'J') =>
  readDraft({ name, start: 'a', steps, edges }, 'j');

describe('changes between two documents', () => {
  it('names what was added, removed and changed', () => {
    const before = document({ a: end('x'), b: end('y'), c: end('z') });
    const after = document({ a: end('x'), b: end('other'), d: end('z') });

    expect(changesBetween(before, after)).toEqual([
      { id: 'b', how: 'changed' },
      { id: 'c', how: 'removed' },
      { id: 'd', how: 'added' },
    ]);
  });

  it('counts a way out as part of its step', () => {
    const steps = { a: { kind: 'repeat', times: 2 }, b: end('y') };
    const after = document(steps, [{ from: 'a', port: 'done', to: 'b' }]);

    expect(changesBetween(document(steps), after)).toEqual([{ id: 'a', how: 'changed' }]);
  });

  it('does not count layout', () => {
    const before = document({ a: end('x') });

    expect(changesBetween(before, { ...before, layout: { a: { x: 1, y: 1 } } })).toEqual([]);
    expect(settingsDiffer(before, { ...before, layout: {} })).toBe(false);
    expect(settingsDiffer(before, document({ a: end('x') }, [], 'K'))).toBe(true);
  });
});

describe('merging two drafts', () => {
  it('knows the steps that only they have changed', () => {
    const base = document({ a: end('x'), b: end('y'), c: end('z') });
    const mine = document({ a: end('mine'), b: end('y'), c: end('z') });
    const theirs = document({ a: end('theirs'), b: end('theirs'), d: end('new') });

    expect(changedOnlyBy(theirs, base, mine)).toEqual(['b', 'c', 'd']);
  });

  it('takes chosen steps from theirs with their ways out, and leaves no edge dangling', () => {
    const mine = document({ a: { kind: 'repeat', times: 2 }, b: end('mine') }, [
      { from: 'a', port: 'done', to: 'b' },
    ]);
    const theirs = document({ a: { kind: 'repeat', times: 9 }, c: end('theirs') }, [
      { from: 'a', port: 'done', to: 'c' },
    ]);

    const merged = mergeSteps(mine, theirs, new Set(['a', 'c']));

    expect(merged.steps).toEqual({
      a: { kind: 'repeat', times: 9 },
      b: end('mine'),
      c: end('theirs'),
    });
    expect(merged.edges).toEqual([{ from: 'a', port: 'done', to: 'c' }]);
  });
});

describe('a quick fix', () => {
  it('adds, replaces and removes by JSON pointer', () => {
    const value = { steps: { 'a/b': { n: 1 } }, list: [1, 2] };

    expect(
      applyPatch(value, [
        { op: 'replace', path: '/steps/a~1b/n', value: 5 },
        { op: 'add', path: '/list/-', value: 3 },
        { op: 'remove', path: '/list/0' },
      ]),
    ).toEqual({ steps: { 'a/b': { n: 5 } }, list: [2, 3] });
  });

  it('passes over a place that is not there', () => {
    expect(applyPatch({ a: 1 }, [{ op: 'replace', path: '/b/c', value: 1 }])).toEqual({ a: 1 });
  });
});
