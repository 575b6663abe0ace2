import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventValidator, faultsOf, journeyValidator } from './index.ts';

// The generator is plain JavaScript, run by Node: it has no types of its own.
const { generate } = (await import(new URL('../scripts/generate.mjs', import.meta.url).href)) as {
  generate: () => Promise<Record<string, string>>;
};

describe('the generated files', () => {
  it('are what the schemas say', async () => {
    for (const [name, text] of Object.entries(await generate())) {
      const committed = await readFile(new URL(`generated/${name}`, import.meta.url), 'utf8');
      expect(committed === text, `${name} is stale: run npm run generate -w @sojourn/schemas`).toBe(
        true,
      );
    }
  });

  it('need no eval, so that a strict content security policy holds', async () => {
    const text = await readFile(new URL('generated/validators.js', import.meta.url), 'utf8');

    expect(text).not.toMatch(/new Function|\beval\(/);
  });
});

describe('a validator', () => {
  const event = { specversion: '1.0', id: '1', source: 's', type: 'a.b', subject: 'patient/p1' };

  it('accepts an instant with a zone and no other', () => {
    expect(faultsOf(eventValidator, { ...event, time: '2027-01-05T09:00:00+08:00' })).toEqual([]);
    for (const time of ['2027-01-05', '2027-01-05T09:00:00', '2027-13-05T09:00:00Z', 7]) {
      expect(faultsOf(eventValidator, { ...event, time })).toMatchObject([{ pointer: '/time' }]);
    }
  });

  it('says where something is wrong and what was expected', () => {
    const document = {
      format: 2,
      key: 'k',
      name: 'n',
      subject: 's',
      entry: [{ on: 'manual' }],
      start: 'a',
      steps: { a: { kind: 'halt' } },
      edges: [],
    };

    expect(faultsOf(journeyValidator, document)).toEqual([
      { pointer: '/format', detail: 'must be 1' },
      { pointer: '/steps/a/kind', detail: `"halt" is no known 'kind'` },
    ]);
  });

  const document = (parts: object) => ({
    format: 1,
    key: 'k',
    name: 'n',
    subject: 's',
    entry: [{ on: 'manual' }],
    start: 'a',
    steps: { a: { kind: 'end', outcome: 'x' } },
    edges: [],
    ...parts,
  });
  const wait = (alternative: unknown) =>
    document({ steps: { a: { kind: 'wait', for: [alternative] } } });
  const goal = (parts: object) => document({ goals: [{ id: 'g', ...parts }] });
  const exit = (parts: object) => document({ exits: [{ id: 'x', outcome: 'o', ...parts }] });
  const both = "gives both 'event' and 'when': keep one";
  const neither = "needs 'event' or 'when'";

  it.each<[object, string, string | RegExp]>([
    [wait({ port: 'p', at: '2027-01-05', time: '25:00' }), '/steps/a/for/0/time', /pattern/],
    [wait({ port: 'p', at: 5 }), '/steps/a/for/0/at', 'must be string'],
    [wait({ port: 'p', at: { sel: 'x', cel: 'y' } }), '/steps/a/for/0/at/sel', /not known/],
    [wait({ port: 'p', after: 'soon' }), '/steps/a/for/0/after', /pattern/],
    [wait({ after: 'P1D' }), '/steps/a/for/0', "'port' is missing"],
    [wait({ port: 'p', after: 'P1D', when: 'x' }), '/steps/a/for/0/when', /not known/],
    [wait({ port: 'p', window: { from: '9' } }), '/steps/a/for/0/window/from', /pattern/],
    [
      wait({ port: 'p', until: 'x' }),
      '/steps/a/for/0',
      "needs one of 'after', 'at', 'window', 'event', 'when'",
    ],
    [wait('P1D'), '/steps/a/for/0', 'must be object'],
    [
      document({ steps: { a: { kind: 'repeat', times: 'x' } } }),
      '/steps/a/times',
      'must be integer',
    ],
    [document({ name: 7 }), '/name', 'must be string'],
    [document({ name: { en: 7 } }), '/name/en', 'must be string'],
    [document({ reentry: 'often' }), '/reentry', /must be one of/],
    [document({ reentry: { afterEnd: 'x' } }), '/reentry/afterEnd', /pattern/],
    [goal({ event: 'e', when: 'w' }), '/goals/0', both],
    [goal({}), '/goals/0', neither],
    [exit({ event: 'e', when: 'w' }), '/exits/0', both],
    [exit({}), '/exits/0', neither],
    [document({ goals: [7] }), '/goals/0', 'must be object'],
  ])('reports one fault of the branch that was meant: %j', (value, pointer, detail) => {
    expect(faultsOf(journeyValidator, value)).toEqual([
      {
        pointer,
        detail: typeof detail === 'string' ? detail : (expect.stringMatching(detail) as string),
      },
    ]);
  });

  it('says a hundred thousand faults in little more than a moment', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => index);
    const edges = many.map(() => ({ from: 1 }));
    const names = many.map((index) => `B${index}`);
    const days = wait({ port: 'p', window: { days: names } });
    const branches = document({ steps: { a: { kind: 'parallel', branches: names } } });

    expect(faultsOf(journeyValidator, document({ edges }))).toHaveLength(120_000);
    expect(faultsOf(journeyValidator, days)).toHaveLength(40_000);
    expect(faultsOf(journeyValidator, branches)).toHaveLength(40_001);
  });

  it('accepts every branch of a union', () => {
    for (const value of [
      ...[
        { after: 'P1D' },
        { at: { cel: 'x' } },
        { window: {} },
        { event: 'e' },
        { when: 'w' },
      ].map((alternative) => wait({ port: 'p', ...alternative })),
      document({ name: { en: 'n' }, reentry: { afterEnd: 'P1D' } }),
      document({ reentry: 'never', goals: [{ id: 'g', event: 'e' }] }),
      goal({ when: 'w' }),
      document({ steps: { a: { kind: 'repeat', times: { cel: 'x' } } } }),
    ])
      expect(faultsOf(journeyValidator, value)).toEqual([]);
  });
});
