import { InvalidCursorError } from '@sojourn/store';
import { describe, expect, it } from 'vitest';
import { catalogueCodes, catalogueSection } from './catalogue-of-problems.ts';
import { ConflictError, invalidAt, problemOf, problemTitles } from './problems.ts';

describe('the catalogue of problems', () => {
  it('explains every code, and only codes there are', async () => {
    expect((await catalogueCodes()).sort()).toEqual(Object.keys(problemTitles).sort());
  });

  it('answers the section of a code', async () => {
    const section = await catalogueSection('key-taken');

    expect(section).toContain('There is a journey with that key already.');
    expect(section).not.toContain('## no-longer-applies');
  });
});

describe('a problem', () => {
  it('has the status of its kind and the code in its type', () => {
    const { problem, expected } = problemOf(new ConflictError('key-taken', 'taken'), 'r-1');

    expect(expected).toBe(true);
    expect(problem).toEqual({
      type: '/problems/key-taken',
      title: 'The key is taken',
      status: 409,
      code: 'key-taken',
      detail: 'taken',
      instance: 'r-1',
    });
  });

  it('says where an input is wrong', () => {
    const { problem } = problemOf(invalidAt('/at', 'is no instant'), 'r-1');

    expect(problem).toMatchObject({
      status: 422,
      errors: [{ pointer: '/at', detail: 'is no instant' }],
    });
  });

  it('tells nothing of what was not expected (Q2)', () => {
    const { problem, expected } = problemOf(new Error('password is hunter2'), 'r-1');

    expect(expected).toBe(false);
    expect(problem).toEqual({
      type: '/problems/internal',
      title: 'Something went wrong with us',
      status: 500,
      code: 'internal',
      instance: 'r-1',
    });
  });

  it('is the caller’s fault for a cursor that no list gave out', () => {
    expect(problemOf(new InvalidCursorError('x'), 'r-1').problem.status).toBe(400);
  });
});
