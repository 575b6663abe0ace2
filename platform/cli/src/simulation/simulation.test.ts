import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../main.ts';
import { testFile } from './test-journeys.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const shipped = join(root, 'schemas/journeys');

let directory: string;
let out: string;
let err: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sojourn-cli-'));
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

const written = async (name: string, value: unknown): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

const journey = {
  format: 1,
  key: 'two-days',
  name: 'Two days',
  subject: 'patient',
  entry: [{ on: 'manual' }],
  start: 'w',
  steps: {
    w: {
      kind: 'wait',
      for: [
        { port: 'over', after: 'P2D' },
        { port: 'heard', event: 'x' },
      ],
    },
    late: { kind: 'end', outcome: 'late' },
    soon: { kind: 'end', outcome: 'soon' },
  },
  edges: [
    { from: 'w', port: 'over', to: 'late' },
    { from: 'w', port: 'heard', to: 'soon' },
  ],
};
const person = { subject: { key: 'p1' }, enters: '2027-01-01T00:00:00Z' };
const span = { start: '2027-01-01', until: '2027-02-01' };

describe('the tests of the shipped journeys', async () => {
  const files = (await readdir(shipped)).filter((name) => name.endsWith('.tests.json'));

  it.each(files)('%s hold, and reach everything', async (name) => {
    const { tests, coverage } = await testFile(join(shipped, name));
    expect(tests.flatMap(({ faults }) => faults)).toEqual([]);
    expect([...coverage.steps.missing, ...coverage.ports.missing]).toEqual([]);
  });

  it.each(files.map((name) => name.replace('.tests.json', '')))(
    'the picture of %s is what its simulation gives',
    async (name) => {
      const picture = join(directory, 'picture.svg');
      const request = join(shipped, `${name}.simulation.json`);
      expect(await main(['simulate', request, '--picture', picture])).toBe(0);
      expect(await readFile(picture, 'utf8')).toBe(
        await readFile(join(root, 'docs/images/journeys', `${name}.svg`), 'utf8'),
      );
    },
    30_000,
  );
});

describe('sojourn test', () => {
  const tests = (expected: object, more: object = {}) => ({
    defaults: span,
    tests: [{ name: 'waits', people: [person], expect: [{ key: 'p1', ...expected }] }],
    ...more,
  });

  it('says what differs, and what no test reaches', async () => {
    await written('two-days.json', journey);
    const path = await written('two-days.tests.json', tests({ outcome: 'soon' }));

    expect(await main(['test', path])).toBe(1);
    expect(out).toContain('FAILED  waits');
    expect(out).toContain('p1: outcome is "late", not "soon"');
    expect(out).toContain('steps 2 of 3, ports and alternatives 1 of 2');
    expect(out).toContain('NOT REACHED: soon, w:heard');
    expect(out).toContain('0 passed, 1 failed');
  });

  it('is content when all holds and what is left out is named', async () => {
    await written('two-days.json', journey);
    await written(
      'two-days.tests.json',
      tests(
        {
          outcome: 'late',
          left: { 'w#1': '2027-01-03T00:00:00Z' },
          path: ['w#1 over', 'late#1 late'],
        },
        { mayMiss: ['soon', 'w:heard'] },
      ),
    );

    expect(await main(['test', directory])).toBe(0);
    expect(out).toContain('1 passed, 0 failed');
  });

  it.each([
    [{ tests: [] }, '/tests: a list of tests is needed'],
    [{ tests: [{ name: 'n', ...span }] }, "'expect' is a list"],
    [
      { tests: [{ name: 'n', ...span, expect: [{ key: 'p', ends: 'x' }] }] },
      "'ends' is not known here",
    ],
    [{ tests: [{ name: 'n', expect: [{ key: 'p' }] }] }, 'start'],
    ['{', 'is no JSON'],
  ])('says what is wrong with the file: %j', async (file, words) => {
    await written('two-days.json', journey);
    expect(await main(['test', await written('two-days.tests.json', file)])).toBe(1);
    expect(err).toContain(words);
  });

  it('says so when there are none', async () => {
    expect(await main(['test', directory])).toBe(1);
    expect(err).toContain('there are no *.tests.json files');
  });
});

describe('sojourn simulate', () => {
  it('walks a journey that calls another beside it', async () => {
    await written('two-days.json', journey);
    const path = await written('caller.json', {
      ...journey,
      key: 'caller',
      start: 'c',
      steps: {
        c: { kind: 'call', journey: 'two-days' },
        late: { kind: 'end', outcome: 'late' },
        soon: { kind: 'end', outcome: 'soon' },
      },
      edges: [
        { from: 'c', port: 'late', to: 'late' },
        { from: 'c', port: 'soon', to: 'soon' },
        { from: 'c', port: 'failed', to: 'soon' },
      ],
    });

    expect(await main(['simulate', path, '--people', '20'])).toBe(0);
    expect(out).toContain('People 20, entered 20, still inside 0');
    expect(out).toMatch(/late +20 +100.0 %/);
  });

  it('prints the whole answer as JSON, the same each time', async () => {
    const path = await written('request.json', {
      ...span,
      document: journey,
      people: [person],
      seed: 's',
    });
    expect(await main(['simulate', path, '--json'])).toBe(0);
    const first = out;
    out = '';
    await main(['simulate', path, '--json']);

    expect(out).toBe(first);
    expect(JSON.parse(out)).toMatchObject({ people: [{ key: 'p1', outcome: 'late' }], seed: 's' });
  });

  it('shows in `input` what the plugin would be given', async () => {
    const document = {
      ...journey,
      start: 'm',
      steps: {
        m: {
          kind: 'action',
          uses: 'email/send',
          purpose: 'support',
          with: { subject: 'Dear {{ subject.givenName }}', body: 'Hello' },
        },
        ...journey.steps,
      },
      edges: [...journey.edges, { from: 'm', port: 'sent', to: 'w' }],
    };
    const people = [{ ...person, subject: { key: 'p1', givenName: 'Ada' } }];
    await main(['simulate', await written('r.json', { ...span, document, people }), '--json']);

    expect(JSON.parse(out)).toMatchObject({
      people: [{ effects: [{ step: 'm', input: { subject: 'Dear Ada' } }] }],
    });
  });

  it.each([
    [['--people', 'many'], 'give a whole number'],
    [['--entry', '{'], '--entry is no JSON'],
    [['--until', 'soon'], "'soon' is no instant"],
    [['--nonsense'], '--nonsense'],
  ])('says what is wrong with %j', async (words, text) => {
    expect(await main(['simulate', await written('j.json', journey), ...words])).toBe(1);
    expect(err).toContain(text);
  });

  it('says what is wrong with a document, with pointers', async () => {
    const path = await written('j.json', { ...journey, start: 'nowhere' });
    expect(await main(['simulate', path])).toBe(1);
    expect(err).toContain('graph/dangling-edge at /start');
  });
});
