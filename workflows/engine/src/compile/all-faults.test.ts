import { readFileSync } from 'node:fs';
import { escapePointer, type JourneyDocument, type PluginManifest } from '@sojourn/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environment, journey } from '../test-support/journeys.ts';
import { valueAt } from '../json.ts';
import { compile } from './compile.ts';
import type { CompileEnvironment } from './environment.ts';

type Finding = [code: string, pointer: string];

const findingsOf = (document: unknown, against = environment): Finding[] =>
  compile(document, against).diagnostics.map(({ code, pointer }) => [code, pointer]);

/** Findings without order and repetition. */
const distinct = (findings: Finding[]): string[] =>
  [...new Set(findings.map((finding) => finding.join(' ')))].sort();

const end = { kind: 'end', outcome: 'done' } as const;
const mail = {
  ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
  with: { subject: 'Hi', body: 'Hello' },
} as const;

/** A journey of one step `s` before the end, which each of the ports leads to. */
const around = (s: unknown, ports: string[], parts: object = {}): object => ({
  ...journey({ start: 's', steps: { end }, edges: [] }),
  steps: { s, end },
  edges: ports.map((port) => ({ from: 's', port, to: 'end' })),
  ...parts,
});

describe('a document with something malformed', () => {
  const sent = (parts: object): object => around(mail, ['sent'], parts);

  it.each<[string, object, Finding[]]>([
    [
      'exits',
      sent({
        exits: [
          { id: 'x', event: 'stop' },
          { id: 'y', event: 'stop', if: 'evnt.x', outcome: 'o' },
          5,
          { id: 'y', when: 'subject.x >', outcome: 'o' },
        ],
      }),
      [
        ['schema/invalid', '/exits/0'],
        ['expr/unknown-name', '/exits/1/if'],
        ['schema/invalid', '/exits/2'],
        ['expr/syntax', '/exits/3/when'],
        ['schema/invalid', '/exits/3/id'],
      ],
    ],
    [
      'goals',
      sent({
        goals: [
          null,
          { id: 'g', event: 7, if: 'evnt.x', within: '-P1D' },
          { id: 'h', event: 'a', within: 'P200Y' },
        ],
      }),
      [
        ['schema/invalid', '/goals/0'],
        ['schema/invalid', '/goals/1/event'],
        ['expr/unknown-name', '/goals/1/if'],
        ['schema/invalid', '/goals/1/within'],
        ['schema/invalid', '/goals/2/within'],
      ],
    ],
    [
      'entries',
      sent({
        entry: [{ on: 'event' }, { on: 'manuel' }, { on: 'manual', key: '[1]' }],
      }),
      [
        ['schema/invalid', '/entry/0'],
        ['schema/invalid', '/entry/1/on'],
        ['expr/type', '/entry/2/key'],
      ],
    ],
    [
      'too many exits',
      sent({
        exits: Array.from({ length: 51 }, (_, index) => ({
          ...{ id: `x${index}`, event: 'stop', outcome: 'o' },
          ...(index === 50 ? { if: 'evnt.x' } : {}),
        })),
      }),
      [
        ['schema/invalid', '/exits'],
        ['expr/unknown-name', '/exits/50/if'],
      ],
    ],
    [
      'variables',
      sent({
        vars: {
          m: { type: 'colour' },
          n: { type: 'integer', default: 'x', descripton: 'n' },
          o: { type: 'string', default: 1 },
        },
      }),
      [
        ['schema/invalid', '/vars/m/type'],
        ['schema/invalid', '/vars/n/descripton'],
        ['schema/invalid', '/vars/n/default'],
        ['schema/invalid', '/vars/o/default'],
      ],
    ],
    [
      'inputs',
      sent({
        inputs: {
          type: 'objekt',
          properties: { a: { pattern: '(' }, b: { items: 7 } },
          $defs: [],
          not: { type: ['string', 'text'] },
        },
      }),
      [
        ['schema/invalid', '/inputs/type'],
        ['schema/invalid', '/inputs/properties/a/pattern'],
        ['schema/invalid', '/inputs/properties/b/items'],
        ['schema/invalid', '/inputs/$defs'],
        ['schema/invalid', '/inputs/not/type'],
      ],
    ],
    [
      'alternatives of a wait',
      around(
        {
          kind: 'wait',
          spread: 'P200Y',
          for: [
            { port: 'a', after: 'P1X' },
            { port: 'b', after: 'PT0S' },
            'x',
            { port: 'c', event: 'e', if: 'evnt.x' },
            { port: 'd', at: '2020-01-01', time: '25:00' },
            { port: 'e', at: '2020-01-01' },
            { port: 'f', window: { from: '9', to: '00:00', calendar: 'atlantis' } },
            { port: 'g', at: 'someday', offset: 'x' },
            { port: 'unconnected', after: 'P1D' },
          ],
        },
        ['b', 'c', 'd', 'e', 'f', 'g', 'perhaps'],
      ),
      [
        ['schema/invalid', '/steps/s/spread'],
        ['schema/invalid', '/steps/s/for/0/after'],
        ['time/zero-wait', '/steps/s/for/1/after'],
        ['schema/invalid', '/steps/s/for/2'],
        ['expr/unknown-name', '/steps/s/for/3/if'],
        ['schema/invalid', '/steps/s/for/4/time'],
        ['time/in-the-past', '/steps/s/for/5/at'],
        ['schema/invalid', '/steps/s/for/6/window/from'],
        ['schema/invalid', '/steps/s/for/6/window/calendar'],
        ['schema/invalid', '/steps/s/for/7/offset'],
        ['schema/invalid', '/steps/s/for/7/at'],
        ['graph/port-unconnected', '/steps/s'],
      ],
    ],
    [
      'fields of an action',
      around(
        {
          ...{ ...mail, connection: 'other', purpose: 7, deadline: 'P200Y' },
          with: { subject: '{{ subjct.x }}', body: { cel: 'subject.x >' } },
          retry: { attempts: 0, firstDelay: '-PT1S' },
        },
        ['sent', 'opened'],
      ),
      [
        ['schema/invalid', '/steps/s/purpose'],
        ['schema/invalid', '/steps/s/retry/attempts'],
        ['schema/invalid', '/steps/s/retry/firstDelay'],
        ['schema/invalid', '/steps/s/deadline'],
        ['plugin/connection-missing', '/steps/s/connection'],
        ['expr/unknown-name', '/steps/s/with/subject'],
        ['expr/syntax', '/steps/s/with/body/cel'],
        ['graph/unknown-port', '/edges/1/port'],
      ],
    ],
    [
      'cases of a branch',
      around(
        { kind: 'branch', cases: [{ port: 'B!', if: '1' }, { if: 'x' }, { port: 'c', if: '1' }] },
        ['c'],
      ),
      [
        ['schema/invalid', '/steps/s/cases/0/port'],
        ['expr/type', '/steps/s/cases/0/if'],
        ['schema/invalid', '/steps/s/cases/1'],
        ['expr/unknown-name', '/steps/s/cases/1/if'],
        ['expr/type', '/steps/s/cases/2/if'],
        ['graph/port-unconnected', '/steps/s'],
      ],
    ],
    [
      'variables that a step sets',
      around({ kind: 'set', name: 7, vars: { m: '', n: '"x"', o: '1' } }, ['next'], {
        vars: { m: { type: 'integer' }, n: { type: 'integer' } },
      }),
      [
        ['schema/invalid', '/steps/s/name'],
        ['schema/invalid', '/steps/s/vars/m'],
        ['expr/type', '/steps/s/vars/n'],
        ['expr/unknown-name', '/steps/s/vars/o'],
      ],
    ],
    [
      'edges',
      sent({
        edges: [
          { from: 's', port: 'sent', to: 'end', label: 'x' },
          { from: 's', port: 'opened' },
          { from: 'nowhere', port: 'a', to: 7 },
          { from: 's', port: 'sent', to: 'gone' },
        ],
      }),
      [
        ['schema/invalid', '/edges/0/label'],
        ['schema/invalid', '/edges/1'],
        ['graph/unknown-port', '/edges/1/port'],
        ['schema/invalid', '/edges/2/to'],
        ['graph/dangling-edge', '/edges/2/from'],
        ['graph/dangling-edge', '/edges/3/to'],
      ],
    ],
  ])('is told of every other fault among its %s', (_, document, findings) => {
    expect(distinct(findingsOf(document))).toEqual(distinct(findings));
    expect(compile(document, environment).plan).toBeUndefined();
  });

  it('is told of calls whose other fields are malformed', () => {
    const called = {
      ...{ key: 'other', version: 2, planHash: 'h', subjectType: 'physician', calls: ['test'] },
      outcomes: ['done'],
    };
    const call = (parts: object): Finding[] =>
      findingsOf(around({ kind: 'call', journey: 'other', ...parts }, ['done']), {
        ...environment,
        journeys: [called],
      });

    expect(call({ version: 'x' })).toEqual([['schema/invalid', '/steps/s/version']]);
    expect(call({ subject: 7 })).toEqual([
      ['schema/invalid', '/steps/s/subject'],
      ['call/recursion', '/steps/s/journey'],
    ]);
    expect(call({ journey: 'gone', version: 'x', with: 7 })).toEqual([
      ['schema/invalid', '/steps/s/version'],
      ['schema/invalid', '/steps/s/with'],
      ['call/unknown-journey', '/steps/s/journey'],
    ]);
  });
});

describe('what is malformed', () => {
  const wait = { kind: 'wait', for: [{ port: 'p', after: 'P1D' }] };
  const edge = { from: 's', port: 'p', to: 'end' };

  it.each<[string, object, string[]]>([
    ['an edge that is none', { edges: [5] }, []],
    ['no edges', { edges: undefined }, []],
    ['an edge without a port', { edges: [{ from: 's', to: 'end' }] }, []],
    ['an edge without an end', { edges: [{ from: 's', port: 'p' }] }, []],
    [
      'an edge of another port',
      { edges: [{ from: 's', port: 'q' }] },
      ['graph/port-unconnected', 'graph/unknown-port'],
    ],
    [
      'an edge that leads elsewhere',
      { edges: [edge, { to: 'end' }], steps: { s: wait, end, alone: end } },
      ['graph/unreachable'],
    ],
    ['a step that may be an end', { steps: { s: wait, end: { kind: 'edn' } } }, []],
    [
      'a step beside a circle',
      { steps: { s: wait, t: wait, end: 5 }, edges: [edge, { ...edge, to: 's' }] },
      ['graph/port-connected-twice', 'graph/port-unconnected', 'graph/unreachable'],
    ],
    ['no steps', { steps: [] }, []],
    [
      'variables that are none',
      { vars: [], exits: [{ id: 'x', when: 'vars.x', outcome: 'o' }] },
      [],
    ],
  ])('has no consequences: %s', (_, parts, codes) => {
    const found = findingsOf({ ...around(wait, ['p']), ...parts }).map(([code]) => code);

    expect([...new Set(found)].sort()).toEqual([...codes, 'schema/invalid']);
  });

  it('is no end where other steps go round', () => {
    const round = {
      steps: { s: { ...wait, name: 5 }, t: wait, u: wait },
      edges: [
        { from: 's', port: 'p', to: 't' },
        { from: 't', port: 'p', to: 'u' },
        { from: 'u', port: 'p', to: 't' },
      ],
    };

    expect(findingsOf({ ...around(wait, []), ...round })).toEqual([
      ['schema/invalid', '/steps/s/name'],
      ['graph/never-ends', '/steps/t'],
    ]);
  });

  it('may be the join where ways meet', () => {
    const meeting = {
      s: { kind: 'parallel', branches: ['a', 'b'] },
      j: { kind: 'join', of: 7 },
      next: { kind: 'set', vars: { n: '1' } },
      end,
    };
    const edges = [
      ...['a', 'b'].map((port) => ({ from: 's', port, to: 'j' })),
      { from: 'j', port: 'joined', to: 'next' },
      { from: 'next', port: 'next', to: 'end' },
    ];
    const parts = { vars: { n: { type: 'integer' } }, steps: meeting, edges };

    expect(findingsOf({ ...around(wait, []), ...parts })).toEqual([
      ['schema/invalid', '/steps/j/of'],
    ]);
  });
});

describe('a document beyond a limit', () => {
  const all = <Item>(count: number, item: (index: number) => Item): Item[] =>
    Array.from({ length: count }, (_, index) => item(index));
  const edge = (from: string, port: string, to: string): object => ({ from, port, to });
  const steps = (step: object): object =>
    Object.fromEntries(all(20_000, (index) => [`s${index}`, step]));
  const text = 'x'.repeat(10_000);
  const padded = (characters: number): object =>
    around({ ...mail, purpose: undefined }, ['sent'], {
      notes: all(characters / 10_000, (index) => ({ id: `n${index}`, text, x: 0, y: 0 })),
    });

  it('is told of its other faults too when it is too large', () => {
    expect(findingsOf(padded(2_100_000))).toEqual([
      ['limit/document-too-large', ''],
      ['policy/purpose-missing', '/steps/s'],
    ]);
  });

  it('is told of its other faults too when it has too many steps', () => {
    const call = { kind: 'call', journey: 'x', subject: 'subjct.x' };
    const many = {
      steps: { ...steps(end), s: call },
      edges: all(20_000, (index) => edge('s', `p${index}`, `s${index}`)),
    };

    expect(findingsOf({ ...around(mail, []), ...many })).toEqual([
      ['limit/too-many-steps', '/steps'],
      ['expr/unknown-name', '/steps/s/subject'],
    ]);
  });

  it('is told nothing else when it is far beyond', () => {
    expect(findingsOf(padded(8_100_000))).toEqual([['limit/document-too-large', '']]);
  });

  it.each<[string, object]>([
    ['edges of one step', { edges: all(150_000, (i) => edge('s', `p${i}`, 'end')) }],
    [
      'pairs of steps',
      {
        steps: steps({ kind: 'set', vars: { a: 'steps.none' } }),
        edges: all(20_000, (i) => edge(`s${i}`, 'next', `s${i ^ 1}`)),
      },
    ],
    [
      'parallel steps',
      {
        steps: steps({ kind: 'parallel', branches: ['a'] }),
        edges: all(20_000, (i) => edge(`s${i}`, 'a', `s${i + 1}`)),
      },
    ],
  ])(
    'is read in a time that grows with its %s, and not with their square',
    (_, parts) => {
      expect(compile(around({ kind: 'action', uses: 'x/y' }, [], parts), environment).plan).toBe(
        undefined,
      );
    },
    20_000,
  );

  it('has its errors before its warnings', () => {
    const action = { ...environment.manifests[1]!.actions['ask']!, deprecated: 'old' };
    const manifest = { ...environment.manifests[1]!, actions: { ask: action } };
    const asks = { kind: 'action', uses: 'callback/ask' };
    const document = around(mail, [], { steps: { s: asks, ...steps(end) } });

    const { diagnostics } = compile(document, { ...environment, manifests: [manifest] });
    expect(diagnostics.at(-1)).toMatchObject({ severity: 'warning', stepId: 's' });
  });
});

describe('a shipped journey with two faults in one section', () => {
  const journeys = [
    'benefit-verification',
    'doctor-alert',
    'insurance-loop',
    'patient-onboarding',
    'refill-adherence',
    'refill-programme',
    'refills-at-home',
    'tour',
    'virtual-representative',
  ].map(shipped);
  const nat = fc.nat(10_000);
  const oneOf = <Item>(items: readonly Item[], index: number): Item => items[index % items.length]!;
  const malformed = fc.constantFrom<unknown>(7, null, true, 'Not so!', [], {}, [{}]);

  const event = { event: 'a.b', if: 'evnt.x' };
  /** By list: an element that is wrong in its meaning, where, and what is said. */
  const wrongElements: Record<string, [make: (given: object) => object, at: string, code: string]> =
    {
      entry: [(entry) => ({ ...entry, key: 'evnt.id' }), '/key', 'expr/unknown-name'],
      exits: [() => ({ id: 'x', ...event, outcome: 'o' }), '/if', 'expr/unknown-name'],
      goals: [() => ({ id: 'x', event: 'a.b', within: '-P1D' }), '/within', 'schema/invalid'],
      edges: [(edge) => ({ ...edge, to: 'nowhere' }), '/to', 'graph/dangling-edge'],
      for: [(own) => ({ port: valueAt(own, ['port']), ...event }), '/if', 'expr/unknown-name'],
      cases: [(own) => ({ ...own, if: 'subject.x >' }), '/if', 'expr/syntax'],
    };

  it('is told of both, where they are, and of nothing that follows', () => {
    fc.assert(
      fc.property(nat, nat, nat, nat, malformed, (which, where, first, second, element) => {
        const { document, against, before } = oneOf(journeys, which);
        const path = oneOf(listsOf(document), where);
        const [make, field, code] = wrongElements[path.at(-1)!]!;
        const given = (valueAt(document, path) ?? [{}]) as object[];
        const index = first % given.length;
        const list: unknown[] = given.map((own, at) => (at === index ? make(own) : own));
        const hole = second % (list.length + 1);
        list.splice(hole, 0, element);

        const found = findingsOf(replaced(document, path, list), against);

        const pointer = `/${path.join('/')}`;
        const wrong = `${pointer}/${index + (hole <= index ? 1 : 0)}`;
        expect(found).toContainEqual([code, `${wrong}${field}`]);
        expect(
          found.some((one) => one[0] === 'schema/invalid' && isIn(`${pointer}/${hole}`, one)),
        ).toBe(true);
        const own = path[0] === 'edges' ? [pointer] : [wrong, `${pointer}/${hole}`];
        expect(news(found, before, own)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  /** By kind of step: fields that are wrong in their meaning, where, and what is said. */
  const wrongFields: Record<string, [parts: object, at: string, code: string]> = {
    action: [{ deadline: 'P200Y' }, '/deadline', 'schema/invalid'],
    wait: [{ spread: '-P1D' }, '/spread', 'schema/invalid'],
    branch: [{ cases: [{ port: 'p', if: 'evnt.x' }] }, '/cases/0/if', 'expr/unknown-name'],
    set: [{ vars: { nobody: '1' } }, '/vars/nobody', 'expr/unknown-name'],
    repeat: [{ until: 'subject.x >' }, '/until', 'expr/syntax'],
    call: [{ subject: 'evnt.x' }, '/subject', 'expr/unknown-name'],
    join: [{ of: 'nobody' }, '/of', 'graph/join-without-parallel'],
  };

  it('is told of both where they are fields of one step', () => {
    fc.assert(
      fc.property(nat, nat, malformed, (which, where, value) => {
        const { document, against } = oneOf(journeys, which);
        const [id, step] = oneOf(Object.entries(document.steps), where);
        const wrong = wrongFields[step.kind];
        if (!wrong) return;
        const [parts, at, code] = wrong;

        const changed = { ...step, ...parts, unknown: value };
        const found = findingsOf(replaced(document, ['steps', id], changed), against);

        expect(found).toContainEqual(['schema/invalid', `/steps/${id}/unknown`]);
        expect(found).toContainEqual([code, `/steps/${id}${at}`]);
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it('is told nothing that follows from a value of a wrong form', () => {
    fc.assert(
      fc.property(nat, nat, malformed, (which, where, value) => {
        const { document, against, before } = oneOf(journeys, which);
        const path = oneOf(pathsOf(document), where);
        const pointer = path.map((key) => `/${escapePointer(key)}`).join('');

        const found = findingsOf(replaced(document, path, value), against);

        const isMalformed = found.some((one) => one[0] === 'schema/invalid' && isIn(pointer, one));
        if (isMalformed && !pointer.includes('/with/'))
          expect(news(found, before, [pointer])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

const isIn = (pointer: string, [, at]: Finding): boolean => `${at}/`.startsWith(`${pointer}/`);

/** What is found that was not before, outside of some pointers. */
const news = (found: Finding[], before: Finding[], but: string[]): string[] =>
  distinct(found.filter((one) => !but.some((pointer) => isIn(pointer, one)))).filter(
    (finding) => !distinct(before).includes(finding),
  );

/** Where a document has lists that are looked at element by element. */
function listsOf({ steps }: JourneyDocument): string[][] {
  const lists: Record<string, string[]> = { wait: ['for'], branch: ['cases'] };
  return [
    ...['entry', 'exits', 'goals', 'edges'].map((name) => [name]),
    ...Object.entries(steps).flatMap(([id, { kind }]) =>
      (lists[kind] ?? []).map((name) => ['steps', id, name]),
    ),
  ];
}

/** A journey that we ship, with plugins that offer each of its actions with the outcomes that edges name. */
function shipped(key: string): {
  document: JourneyDocument;
  against: CompileEnvironment;
  before: Finding[];
} {
  const path = new URL(`../../../../schemas/journeys/${key}.json`, import.meta.url);
  const given = JSON.parse(readFileSync(path, 'utf8')) as JourneyDocument;
  const ask = environment.manifests[1]!;
  const actions: PluginManifest['actions'] = {};
  const steps = Object.entries(given.steps).map(([id, step]) => {
    if (step.kind !== 'action') return [id, step];
    const ports = given.edges.flatMap(({ from, port }) => (from === id ? [port] : []));
    const outcomes = ports.filter((port) => port !== 'failed' && port !== 'timeout');
    actions[id] = { ...ask.actions['ask']!, outcomes };
    return [id, { ...step, uses: `callback/${id}` }];
  });
  const document = { ...given, steps: Object.fromEntries(steps) as JourneyDocument['steps'] };
  const against = { ...environment, manifests: [{ ...ask, actions }] };
  return { document, against, before: findingsOf(document, against) };
}

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

function replaced(value: unknown, [head, ...rest]: string[], by: unknown): unknown {
  if (head === undefined) return by;
  const copy = (
    Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  ) as Record<string, unknown>;
  copy[head] = replaced(copy[head], rest, by);
  return copy;
}
