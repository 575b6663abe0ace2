import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '@sojourn/engine';
import {
  coverageOf,
  differencesOf,
  SimulationError,
  type Coverage,
  type Expectation,
  type PersonAnswer,
} from '@sojourn/engine/simulation';
import { FileError, journeyBeside, prepareFile, readJson } from './files.ts';
import { run } from './simulate.ts';

export const testUsage = `sojourn test [FILE or FOLDER …]

  Runs the tests of journeys, *.tests.json beside the journey (docs/simulation.md). Default: this folder.
`;

/** What one file of tests came to. */
export interface FileReport {
  path: string;
  tests: { name: string; faults: string[] }[];
  coverage: Coverage;
}

/** Runs files of journey tests and prints what came of them. Answers the exit code. */
export async function testJourneys(words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(testUsage);
    return 0;
  }
  try {
    const paths = (await Promise.all((words.length === 0 ? ['.'] : words).map(testFilesIn))).flat();
    if (paths.length === 0)
      throw new FileError('there are no *.tests.json files: name a file or a folder');
    const reports: FileReport[] = [];
    for (const path of paths) {
      const report = await testFile(path);
      reports.push(report);
      process.stdout.write(`${textOf(report)}\n`);
    }
    const faulty = reports.flatMap(({ tests }) => tests).filter(({ faults }) => faults.length > 0);
    const all = reports.reduce((sum, { tests }) => sum + tests.length, 0);
    const missing = reports.some(({ coverage }) => gapsOf(coverage).length > 0);
    process.stdout.write(`${all - faulty.length} passed, ${faulty.length} failed\n`);
    return faulty.length > 0 || missing ? 1 : 0;
  } catch (error) {
    if (!(error instanceof FileError || error instanceof SimulationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function testFilesIn(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new FileError(`there is no ${path}`);
  if (!found.isDirectory()) return [path];
  return (await readdir(path))
    .filter((name) => name.endsWith('.tests.json'))
    .sort()
    .map((name) => join(path, name));
}

interface JourneyTest {
  name: string;
  expect: Expectation[];
  [part: string]: unknown;
}

/** Runs one file of tests. Throws a `FileError` when it cannot be used. */
export async function testFile(path: string): Promise<FileReport> {
  const file = await readJson(path);
  if (!isObject(file) || !Array.isArray(file['tests']) || file['tests'].length === 0)
    throw new FileError(`${path}: /tests: a list of tests is needed`);
  const document = await readJson(journeyBeside(path, file['journey']));
  const people: PersonAnswer[] = [];
  const tests: FileReport['tests'] = [];
  let plan: Awaited<ReturnType<typeof prepareFile>>['plan'] | undefined;
  for (const [index, given] of (file['tests'] as unknown[]).entries()) {
    const { name, expect, ...request } = testOf(given, `${path}: /tests/${index}`);
    const defaults = isObject(file['defaults']) ? file['defaults'] : {};
    const work = await prepareFile(path, { ...defaults, ...request, detail: 'people' }, document);
    plan = work.plan;
    const answer = run(work, false).people ?? [];
    people.push(...answer);
    tests.push({
      name,
      faults: expect.flatMap((expected) =>
        differencesOf(
          answer.find(({ key }) => key === expected.key),
          expected,
        ),
      ),
    });
  }
  if (!plan) throw new FileError(`${path}: /tests: a list of tests is needed`);
  const mayMiss = Array.isArray(file['mayMiss']) ? (file['mayMiss'] as string[]) : [];
  return { path, tests, coverage: coverageOf(plan, people, mayMiss) };
}

const expectationFields = new Set([
  'key',
  'outcome',
  'entered',
  'endedAt',
  'refused',
  'path',
  'left',
  'ports',
  'effects',
  'inputs',
  'policy',
  'goals',
  'incidents',
]);

/** Checks the form of one test: a word that is not known would be an expectation that nobody holds. */
function testOf(given: unknown, where: string): JourneyTest {
  if (!isObject(given) || typeof given['name'] !== 'string')
    throw new FileError(`${where}: a test has a name`);
  const list = given['expect'];
  if (!Array.isArray(list) || list.length === 0)
    throw new FileError(`${where}: 'expect' is a list of what people should do`);
  for (const [index, expected] of list.entries()) {
    if (!isObject(expected) || typeof expected['key'] !== 'string')
      throw new FileError(`${where}/expect/${index}: says of whom it is by 'key'`);
    const unknown = Object.keys(expected).find((field) => !expectationFields.has(field));
    if (unknown !== undefined)
      throw new FileError(
        `${where}/expect/${index}: '${unknown}' is not known here: use ${[...expectationFields].join(', ')}`,
      );
  }
  return given as unknown as JourneyTest;
}

function gapsOf({ steps, ports }: Coverage): string[] {
  return [...steps.missing, ...ports.missing];
}

function textOf({ path, tests, coverage }: FileReport): string {
  const { steps, ports } = coverage;
  const gaps = gapsOf(coverage);
  return [
    path,
    ...tests.flatMap(({ name, faults }) => [
      `  ${faults.length === 0 ? 'ok    ' : 'FAILED'}  ${name}`,
      ...faults.map((fault) => `            ${fault}`),
    ]),
    `  steps ${steps.walked} of ${steps.of}, ports and alternatives ${ports.walked} of ${ports.of}`,
    ...(gaps.length === 0 ? [] : [`  NOT REACHED: ${gaps.join(', ')}`]),
  ].join('\n');
}
