import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environment, journey, manifests, planOf } from '../test-support/journeys.ts';
import { compile } from './compile.ts';

interface Sample {
  name: string;
  document: unknown;
  codes: string[];
  step?: string | null;
  sound?: boolean;
}

const samples = JSON.parse(
  readFileSync(new URL('../../test-data/diagnostics-samples.json', import.meta.url), 'utf8'),
) as { documents: Sample[] };

const codesOf = (document: unknown): string[] =>
  compile(document, environment).diagnostics.map((finding) => finding.code);

describe('the published diagnostics samples', () => {
  it.each(samples.documents.map((sample) => [sample.name, sample] as const))(
    'finds exactly what is wrong: %s',
    (_, sample) => {
      const { diagnostics, plan } = compile(sample.document, environment);
      for (const code of sample.codes) {
        const found = diagnostics.filter((finding) => code.split('|').includes(finding.code));
        expect(found.map((finding) => finding.code)).not.toEqual([]);
        if (sample.step) expect(found.some((finding) => finding.stepId === sample.step)).toBe(true);
      }
      if (sample.sound) expect(diagnostics).toEqual([]);
      expect(plan === undefined).toBe(sample.codes.length > 0);
    },
  );
});

describe('a compiled document', () => {
  const end = { kind: 'end', outcome: 'done' } as const;
  const mail = {
    kind: 'action',
    uses: 'email/send',
    purpose: 'support',
    with: { subject: 'Hi', body: 'Hello' },
  } as const;
  const sent = { from: 'm', port: 'sent', to: 'end' };

  it('has the same hash wherever its boxes lie and however its keys are ordered', () => {
    const document = journey({ start: 'm', steps: { m: mail, end }, edges: [sent] });
    const moved = { ...document, steps: { end, m: mail }, layout: { m: { x: 7, y: 7 } } };

    expect(planOf(moved).hash).toBe(planOf(document).hash);
  });

  it('lists the attributes and event types that a run must hear of', () => {
    const document = journey({
      start: 'w',
      exits: [{ id: 'x', event: 'consent.withdrawn', outcome: 'withdrawn' }],
      steps: {
        w: {
          kind: 'wait',
          for: [
            { port: 'a', event: 'refilled' },
            { port: 'b', at: { cel: 'subject.due' } },
          ],
        },
        end,
      },
      edges: [
        { from: 'w', port: 'a', to: 'end' },
        { from: 'w', port: 'b', to: 'end' },
      ],
    });

    expect(planOf(document)).toMatchObject({
      reads: ['due', 'timeZone'],
      listens: ['consent.withdrawn', 'refilled'],
    });
  });

  it.each([
    [
      'graph/unknown-port',
      { steps: { m: mail, end }, edges: [sent, { from: 'm', port: 'opened', to: 'end' }] },
    ],
    ['graph/port-unconnected', { steps: { m: mail, end }, edges: [] }],
    ['graph/port-connected-twice', { steps: { m: mail, end }, edges: [sent, sent] }],
    [
      'graph/unreachable',
      { steps: { m: mail, end, alone: { kind: 'end', outcome: 'x' } }, edges: [sent] },
    ],
    [
      'policy/purpose-missing',
      { steps: { m: { kind: 'action', uses: 'email/send', with: mail.with }, end }, edges: [sent] },
    ],
    ['plugin/unknown', { steps: { m: { ...mail, uses: 'email/sned' }, end }, edges: [sent] }],
    [
      'plugin/connection-missing',
      { steps: { m: { ...mail, connection: 'other' }, end }, edges: [sent] },
    ],
    [
      'expr/syntax',
      {
        steps: { m: { ...mail, with: { subject: 'Hi {{ subject.name', body: '' } }, end },
        edges: [sent],
      },
    ],
    ['time/unknown-zone', { timeZone: 'Mars/Base', steps: { m: mail, end }, edges: [sent] }],
  ])('says %s', (code, parts) => {
    expect(
      codesOf(journey({ start: 'm', ...(parts as object) } as Parameters<typeof journey>[0])),
    ).toContain(code);
  });

  it.each([
    ['time/zero-wait', { after: 'PT0S' }],
    ['time/in-the-past', { at: '2020-01-01' }],
    ['schema/invalid', { at: 'someday' }],
    ['schema/invalid', { after: 'P1X' }],
    ['schema/invalid', { after: 'P101Y' }],
    ['expr/unknown-name', { event: 'x', if: 'evnt.data.n > 1' }],
    ['expr/type', { event: 'x', if: 'vars.n + 1 > "a"' }],
    ['expr/type', { when: 'now > timestamp("2027-01-01T00:00:00Z")' }],
    ['expr/syntax', { event: 'x', if: 'event.data.n >' }],
    ['time/empty-window', { window: { from: '09:00', to: '09:00' } }],
    ['schema/invalid', { window: { calendar: 'atlantis' } }],
  ])('says %s of a wait for %j', (code, alternative) => {
    const document = journey({
      start: 'w',
      vars: { n: { type: 'integer' } },
      steps: { w: { kind: 'wait', for: [{ port: 'p', ...alternative }] }, end },
      edges: [{ from: 'w', port: 'p', to: 'end' }],
    });

    expect(codesOf(document)).toContain(code);
  });

  it.each([
    ['schema/invalid', { inputs: { type: 'objekt' } }, '/inputs/type'],
    [
      'schema/invalid',
      { inputs: { properties: { a: { pattern: '(' } } } },
      '/inputs/properties/a/pattern',
    ],
    ['schema/invalid', { vars: { n: { type: 'integer', default: 'x' } } }, '/vars/n/default'],
    [
      'schema/invalid',
      {
        exits: [
          { id: 'x', event: 'a', outcome: 'a' },
          { id: 'x', event: 'b', outcome: 'b' },
        ],
      },
      '/exits/1/id',
    ],
    ['schema/invalid', { reentry: { afterEnd: '-P30D' } }, '/reentry/afterEnd'],
    ['expr/type', { entry: [{ on: 'manual', key: '[1]' }] }, '/entry/0/key'],
  ])('says %s of the journey’s own settings %j', (code, parts, pointer) => {
    const document = journey({
      start: 'm',
      steps: { m: mail, end },
      edges: [sent],
      ...(parts as object),
    });

    expect(compile(document, environment).diagnostics).toMatchObject([{ code, pointer }]);
  });

  it.each([
    ['expr/type', { s: { kind: 'set', vars: { n: '"x"' } } }, 'next', '/steps/s/vars/n'],
    ['expr/type', { s: { kind: 'repeat', times: { cel: '"x"' } } }, 'done', '/steps/s/times/cel'],
    [
      'expr/type',
      { s: { kind: 'wait', for: [{ port: 'p', at: { cel: '1 + 1' } }] } },
      'p',
      '/steps/s/for/0/at/cel',
    ],
    [
      'expr/unknown-name',
      { s: { ...mail, with: { subject: 'Hi {{ subjct.givenName }}', body: 'x' } } },
      'sent',
      '/steps/s/with/subject',
    ],
    [
      'expr/unknown-name',
      { s: { ...mail, with: { subject: 'Hi', body: '{{ vars.nope }}' } } },
      'sent',
      '/steps/s/with/body',
    ],
  ])('says %s of %j', (code, steps, port, pointer) => {
    const document = journey({
      start: 's',
      vars: { n: { type: 'integer' } },
      steps: { ...(steps as Parameters<typeof journey>[0]['steps']), end },
      edges: [
        ...['again', port]
          .filter((name) => name !== 'again' || port === 'done')
          .map((name) => ({ from: 's', port: name, to: 'end' })),
      ],
    });

    expect(compile(document, environment).diagnostics).toMatchObject([
      { code, pointer, stepId: 's' },
    ]);
  });

  it('knows the names that a template sets itself', () => {
    const body =
      '{% assign due = subject.refillDueOn %}{% for i in (1..2) %}{{ due }} {{ i }}{% endfor %}';
    const document = journey({
      start: 'm',
      steps: { m: { ...mail, with: { subject: 'Hi', body } }, end },
      edges: [sent],
    });

    expect(codesOf(document)).toEqual([]);
  });

  it('names the nearest variable when one is misspelt', () => {
    const document = journey({
      start: 'b',
      vars: { reminders: { type: 'integer' } },
      steps: { b: { kind: 'branch', cases: [{ port: 'many', if: 'vars.remiders > 2' }] }, end },
      edges: [
        { from: 'b', port: 'many', to: 'end' },
        { from: 'b', port: 'else', to: 'end' },
      ],
    });

    expect(compile(document, environment).diagnostics[0]).toMatchObject({
      code: 'expr/unknown-name',
      stepId: 'b',
      values: { near: 'reminders' },
    });
  });

  it.each([
    "{% include 'x' %}",
    "Hi {%- render 'x' -%}",
    "{% layout 'x' %}",
    '{% if true %}{% block b %}x{% endblock %}{% endif %}',
  ])('refuses the template %s: it stands alone', (body) => {
    const document = journey({
      start: 'm',
      steps: { m: { ...mail, with: { subject: 'Hi', body } }, end },
      edges: [sent],
    });

    expect(compile(document, environment).diagnostics).toMatchObject([
      {
        code: 'expr/syntax',
        stepId: 'm',
        message: expect.stringContaining('is not offered: write the whole text here') as string,
      },
    ]);
  });

  it('reads templates under names that a schema does not list, and in the depth of one that is a template', () => {
    const config = {
      type: 'object',
      properties: { body: { 'x-template': true } },
      additionalProperties: { type: 'string', 'x-template': true },
    };
    const ask = { ...manifests[1]!.actions['ask']!, config };
    const document = journey({
      start: 'a',
      steps: {
        a: {
          kind: 'action',
          uses: 'callback/ask',
          with: {
            since: '{{ broken',
            body: { list: ['fine', { deep: '{% if %}' }], n: { cel: '{1: 2}' }, x: 3 },
          },
        },
        end,
      },
      edges: [
        { from: 'a', port: 'yes', to: 'end' },
        { from: 'a', port: 'no', to: 'end' },
      ],
    });

    const { diagnostics } = compile(document, {
      ...environment,
      manifests: [{ ...manifests[1]!, actions: { ask } }],
    });

    expect(diagnostics.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['expr/syntax', '/steps/a/with/since'],
      ['expr/syntax', '/steps/a/with/body/list/1/deep'],
    ]);
  });

  it('accepts a loop that a repeat or the time in a wait bounds, and no other', () => {
    const loop = (wait: object): string[] =>
      codesOf(
        journey({
          start: 'w',
          exits: [{ id: 'x', event: 'stop', outcome: 'stopped' }],
          steps: {
            w: { kind: 'wait', for: [{ port: 'p', ...wait } as never] },
            b: { kind: 'branch', cases: [{ port: 'out', if: 'false' }] },
            end,
          },
          edges: [
            { from: 'w', port: 'p', to: 'b' },
            { from: 'b', port: 'else', to: 'w' },
            { from: 'b', port: 'out', to: 'end' },
          ],
        }),
      );

    expect(loop({ after: 'P1D' })).toEqual([]);
    expect(loop({ event: 'x' })).toEqual([]);
    expect(loop({ at: '2030-01-01' })).toContain('graph/unbounded-loop');
  });

  it('says where it is nested too deep, and does not throw', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let level = 0; level < levels; level += 1) value = [value];
      return value;
    };
    const action = { kind: 'action', uses: 'email/send', with: { subject: nested(3_000) } };
    const deep = {
      ...journey({ start: 'm', steps: { end }, edges: [] }),
      steps: { m: action, end },
    };
    for (const document of [deep, { ...deep, steps: { end }, layout: nested(100_000) }]) {
      const { diagnostics } = compile(document, environment);
      expect(diagnostics).toMatchObject([{ code: 'schema/invalid' }]);
      expect(diagnostics[0]?.pointer).toMatch(/^\/(steps\/m\/with|layout)/);
    }
  });

  it('concludes nothing from what it had to leave out', () => {
    const round = {
      start: 'w',
      steps: { w: { kind: 'wait', for: [{ port: 'p', after: 'P1D' }] } },
      edges: [{ from: 'w', port: 'p', to: 'w' }],
    };
    const exits = [{ id: 'x', event: 'stop', outcome: 'stopped' }, { id: 'y' }];
    expect(new Set(codesOf({ ...journey(round as never), exits }))).toEqual(
      new Set(['schema/invalid']),
    );

    const uses = { kind: 'branch', cases: [{ port: 'p', if: 'vars.n > 1' }] };
    const reads = {
      ...{ start: 'b', steps: { b: uses, end } },
      edges: [
        { from: 'b', port: 'p', to: 'end' },
        { from: 'b', port: 'else', to: 'end' },
      ],
    };
    const vars = { n: { type: 'integer' }, broken: { type: 'colour' } };
    expect(codesOf({ ...journey(reads as never), vars })).toEqual(['schema/invalid']);
  });

  it('points at a step of any name', () => {
    const steps = { end, 'a/b': { kind: 'end', outcome: 'never' } };
    const { diagnostics } = compile(
      { ...journey({ start: 'end', steps: { end }, edges: [] }), steps },
      environment,
    );

    const unreachable = diagnostics.find(({ code }) => code === 'graph/unreachable');
    expect(unreachable?.pointer).toBe('/steps/a~1b');
  });

  it('never throws, whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) =>
        Array.isArray(compile(value, environment).diagnostics),
      ),
    );
  });

  it('never throws on a sound document with one value replaced by any other', () => {
    const sound = samples.documents.find((sample) => sample.sound)?.document;
    const pointers = pathsOf(sound);
    fc.assert(
      fc.property(fc.constantFrom(...pointers), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const { plan, diagnostics } = compile(replaced(sound, path, value), environment);
        expect(plan !== undefined || diagnostics.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

function replaced(value: unknown, [head, ...rest]: string[], by: unknown): unknown {
  if (head === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      String(index) === head ? replaced(item, rest, by) : item,
    );
  const object = value as Record<string, unknown>;
  return { ...object, [head]: replaced(object[head], rest, by) };
}
