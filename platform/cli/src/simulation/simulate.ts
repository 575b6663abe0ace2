import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SimulationError, type Summary } from '@sojourn/engine/simulation';
import { working, type SimulationResult, type SimulationWork } from '@sojourn/api';
import { FileError, isJourney, journeyBeside, prepareFile, readJson } from './files.ts';
import { pictureOf } from './picture.ts';

export const simulateUsage = `sojourn simulate FILE [options]

  FILE is a simulation request (docs/simulation.md), or a journey document.

  --people N        so many people, drawn (for a journey document; default 1,000)
  --entry JSON      what they enter with (for a journey document)
  --start, --until  an instant or a date (default: a year from the first of next January)
  --seed TEXT       another seed, other people
  --detail WORD     people, summary or load
  --json            print the whole answer as JSON
  --picture FILE    write where people are by month, as SVG
`;

/** Simulates a file and prints what came of it. Answers the exit code. */
export async function simulate(words: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        people: { type: 'string' },
        entry: { type: 'string' },
        start: { type: 'string' },
        until: { type: 'string' },
        seed: { type: 'string' },
        detail: { type: 'string' },
        json: { type: 'boolean' },
        picture: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const [path] = positionals;
    if (values.help === true || path === undefined) {
      process.stdout.write(simulateUsage);
      return path === undefined && values.help !== true ? 2 : 0;
    }
    const result = run(await workOf(path, values), process.stderr.isTTY);
    process.stdout.write(
      values.json === true ? `${JSON.stringify(result)}\n` : `${tableOf(result.summary)}\n`,
    );
    if (values.picture !== undefined) {
      await writeFile(values.picture, pictureOf(result.summary));
      process.stdout.write(`Written: ${values.picture}\n`);
    }
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function isExpected(error: unknown): error is Error {
  return (
    error instanceof FileError ||
    error instanceof SimulationError ||
    (error instanceof TypeError && 'code' in error) // an option that is not known
  );
}

interface Options {
  people?: string | undefined;
  entry?: string | undefined;
  start?: string | undefined;
  until?: string | undefined;
  seed?: string | undefined;
  detail?: string | undefined;
}

async function workOf(path: string, options: Options): Promise<SimulationWork> {
  const value = await readJson(path);
  const { people, entry, ...changes } = options;
  const given = Object.fromEntries(
    Object.entries(changes).filter(([name, text]) => text !== undefined && name in known),
  );
  if (isJourney(value))
    return await prepareFile(path, { ...ofJourney(people, entry), ...given }, value);
  const request = value as Record<string, unknown>;
  if (people !== undefined)
    throw new FileError(`${path} says itself how many people: --people is for a journey document`);
  const { document, journey, ...rest } = request;
  if (document === undefined && typeof journey !== 'string')
    throw new FileError(
      `${path} has no document: give it one, or in 'journey' the name of a file beside it`,
    );
  return await prepareFile(
    path,
    { ...rest, ...given },
    document ?? (await readJson(journeyBeside(path, journey))),
  );
}

const known = { start: 1, until: 1, seed: 1, detail: 1 };

function ofJourney(people: string | undefined, entry: string | undefined): Record<string, unknown> {
  const size = Number(people ?? 1_000);
  if (!Number.isInteger(size) || size < 1)
    throw new FileError(`--people is '${people ?? ''}': give a whole number`);
  const year = new Date().getUTCFullYear() + 1;
  return {
    start: `${year}-01-01`,
    until: `${year + 1}-01-01`,
    cohort: {
      size,
      enters: { uniform: [`${year}-01-01`, `${year}-01-31`] },
      ...(entry === undefined ? {} : { template: { entry: entryOf(entry) } }),
    },
  };
}

function entryOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new FileError(`--entry is no JSON: ${text}`);
  }
}

/** Runs it, with progress where somebody watches. */
export function run(work: SimulationWork, shows: boolean): SimulationResult {
  const walk = working(work);
  let shown = 0;
  for (;;) {
    const next = walk.next();
    if (next.done === true) {
      if (shown > 0) process.stderr.write('\r\u001b[K');
      return next.value;
    }
    if (!shows || Date.now() - shown < 200) continue;
    shown = Date.now();
    process.stderr.write(`\r${next.value.done} of ${next.value.of} people …`);
  }
}

/** The summary as people read it. */
function tableOf(summary: Summary): string {
  const line = (name: string, value: string | number): string => `  ${name.padEnd(28)} ${value}`;
  const list = (counts: Record<string, number>): string[] =>
    Object.entries(counts).map(([name, count]) =>
      line(name, `${count}  ${share(count, summary.people)}`),
    );
  const steps = Object.entries(summary.steps).map(([id, step]) => {
    const left = Object.entries(step.left)
      .map(([port, count]) => `${port} ${count}`)
      .join(', ');
    const inside =
      step.inside === null
        ? ''
        : `  inside ${spanText(step.inside.p50)} to ${spanText(step.inside.p99)}`;
    return line(id, `${String(step.entered).padStart(8)}  ${left}${inside}`);
  });
  return [
    `People ${summary.people}, entered ${summary.entered}, still inside ${summary.open}`,
    ...section('Refused', list(summary.refused)),
    ...section('Ended', list(summary.ended)),
    ...section('Goals', list(summary.goals)),
    ...section('Steps, entered and left (time inside: median to 99 %)', steps),
    ...section(
      'Never taken',
      summary.neverTaken.map(({ step, port }) => line(`${step} ${port}`, '')),
    ),
  ].join('\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function share(count: number, of: number): string {
  return of === 0 ? '' : `${((100 * count) / of).toFixed(1)} %`;
}

/** A length of time in its largest unit. */
function spanText(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const [size, name] = units.find(([unit]) => ms >= unit) ?? [1_000, 's'];
  return `${Number((ms / size).toFixed(1))} ${name}`;
}
