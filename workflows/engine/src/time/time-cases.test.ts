import { readFileSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { calendars, type Alternative, type Window } from '@sojourn/schemas';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../compile/compile.ts';
import { Story } from '../test-support/harness.ts';
import { environment, journey } from '../test-support/journeys.ts';
import type { MomentRule } from './instants.ts';

// The answers of test-data/time-cases.json were computed by Python. docs/time.md shows them as a table.

type Case = { name: string; reason: string; expected: string; shown?: string } & (
  | { kind: 'add'; at: string; duration: string; zone: string }
  | { kind: 'moment'; rule: MomentRule; zone: string }
  | { kind: 'window'; at: string; window: Window; zone: string }
  | {
      kind: 'wait';
      at: string;
      for: object;
      subjectZone?: string;
      journeyZone?: string;
      deploymentZone: string;
      movesTo?: string;
    }
);

const { cases } = JSON.parse(
  readFileSync(new URL('../../test-data/time-cases.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

/** The answer of modules that remember nothing yet. */
async function freshModules() {
  vi.resetModules();
  const { addDuration, instantText, momentOf } = await import('./instants.ts');
  const { parseDuration } = await import('./duration.ts');
  const { nextInWindow } = await import('./windows.ts');
  const { offsetAt, zoneTable } = await import('./zones.ts');
  const answerOf = (one: Exclude<Case, { kind: 'wait' }>): string => {
    if (one.kind === 'add') {
      const duration = parseDuration(one.duration);
      return duration
        ? seconds(addDuration(Date.parse(one.at), duration, one.zone))
        : 'no duration';
    }
    if (one.kind === 'moment') return seconds(momentOf(one.rule, one.zone) ?? Number.NaN);
    const calendar = calendars.find(({ id }) => id === one.window.calendar);
    const answer = nextInWindow(one.window, Date.parse(one.at), one.zone, calendar);
    if (answer.type === 'open') return seconds(answer.from);
    return answer.type === 'never' ? 'never' : `incident calendar-unknown-year ${answer.year}`;
  };
  const seconds = (at: number): string => instantText(at).replace('.000Z', 'Z');
  const shownAt = (instant: string, zone: string): string => {
    const table = zoneTable(zone);
    if (!table) return 'no zone';
    const at = Date.parse(instant);
    const text = instantText(at + offsetAt(table, at));
    const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(text).getUTCDay()] ?? '';
    return `${day} ${text.slice(0, 10)} ${text.slice(11, 16)}`;
  };
  return { answerOf, shownAt };
}

describe('the published cases of time', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { answerOf, shownAt } = await freshModules();

    if (one.kind === 'wait') return expect(leavesAt(one)).toBe(one.expected);
    expect(answerOf(one)).toBe(one.expected);
    if (one.shown !== undefined) expect(shownAt(one.expected, one.zone)).toBe(one.shown);
  });

  it('are each named once, and say why', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const { reason } of cases) expect(reason).toMatch(/\.$/);
  });
});

/** When a run leaves a wait of one alternative, or the incident that it has. */
function leavesAt(one: Extract<Case, { kind: 'wait' }>): string {
  const document = journey({
    ...(one.journeyZone === undefined ? {} : { timeZone: one.journeyZone }),
    start: 'w',
    steps: {
      w: { kind: 'wait', for: [{ port: 'p', ...one.for } as Alternative] },
      end: { kind: 'end', outcome: 'done' },
    },
    edges: [{ from: 'w', port: 'p', to: 'end' }],
  });
  const now = Date.parse('2020-01-01T00:00:00Z');
  const { plan } = compile(document, { ...environment, timeZone: one.deploymentZone, now });
  if (!plan) return 'no plan';
  const attributes = one.subjectZone === undefined ? {} : { timeZone: one.subjectZone };
  const story = new Story(plan, { at: one.at, subject: { key: 'p1', attributes } }).starts();
  if (one.movesTo !== undefined) story.changes({ timeZone: one.movesTo });
  story.passesTo('2030-01-01T00:00:00Z');
  const incident = story.because('incident');
  if (incident) return `incident ${incident['code'] as string}`;
  return story.leftAt('w#1')?.replace('.000Z', 'Z') ?? 'never';
}

describe("the machine's zone", () => {
  const before = env['TZ'];
  afterEach(() => {
    if (before === undefined) delete env['TZ'];
    else env['TZ'] = before;
  });

  it.each(['UTC', 'Asia/Taipei', 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe'])(
    'is never read: %s',
    async (machine) => {
      env['TZ'] = machine;
      expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(machine);

      const { answerOf } = await freshModules();

      for (const one of cases)
        expect([one.name, one.kind === 'wait' ? leavesAt(one) : answerOf(one)]).toEqual([
          one.name,
          one.expected,
        ]);
    },
  );
});

describe('docs/time.md', () => {
  // To write the table anew: npx vitest run --project quick time-cases -u
  it('shows every case', async () => {
    const path = fileURLToPath(new URL('../../../../docs/time.md', import.meta.url));
    const [before = '', rest = ''] = readFileSync(path, 'utf8').split('<!-- cases -->\n');
    const after = rest.slice(rest.indexOf('<!-- end of cases -->'));
    const page = `${before}<!-- cases -->\n\n${tables()}\n\n${after}`;

    await expect(page).toMatchFileSnapshot(path);
  });
});

function tables(): string {
  const titles = {
    add: 'A duration after an instant',
    moment: 'A date, an offset, a time of day',
    window: 'The next moment inside a window',
    wait: 'A wait of a person',
  };
  return Object.entries(titles)
    .map(([kind, title]) => {
      const rows = cases.filter((one) => one.kind === kind).map(rowOf);
      const head = ['case', 'zone', 'given', 'answer', 'on the clock there', 'why'];
      return `### ${title}\n\n${table([head, ...rows])}`;
    })
    .join('\n\n');
}

function rowOf(one: Case): string[] {
  return [one.name, zonesOf(one), givenOf(one), one.expected, one.shown ?? '', one.reason];
}

function zonesOf(one: Case): string {
  if (one.kind !== 'wait') return one.zone;
  const { subjectZone, journeyZone, deploymentZone, movesTo } = one;
  return [
    subjectZone === undefined ? '' : `subject \`${subjectZone || '""'}\``,
    movesTo === undefined ? '' : `then \`${movesTo}\``,
    journeyZone === undefined ? '' : `journey \`${journeyZone}\``,
    `deployment \`${deploymentZone}\``,
  ]
    .filter(Boolean)
    .join(', ');
}

function givenOf(one: Case): string {
  switch (one.kind) {
    case 'add':
      return `${one.at}, \`${one.duration}\``;
    case 'moment':
      return `\`${JSON.stringify(one.rule)}\``;
    case 'window':
      return `${one.at}, \`${JSON.stringify(one.window)}\``;
    case 'wait':
      return `entered ${one.at}, \`${JSON.stringify(one.for)}\``;
  }
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place]?.length ?? 0)),
  );
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('\n');
}
