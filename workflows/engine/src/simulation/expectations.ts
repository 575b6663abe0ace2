import type { Plan, PlanStep } from '../plan.ts';
import type { PersonAnswer } from './person.ts';

// Journey tests: what people should do, held against what they did (docs/journey-tests.md).

/** What is expected of one person. Whatever is left out may be anything. */
export interface Expectation {
  key: string;
  /** Null: still inside at the end. */
  outcome?: string | null;
  entered?: string | null;
  endedAt?: string | null;
  refused?: string;
  /** All of the path: `step#visit port`. */
  path?: string[];
  /** When some visits were left: `step#visit` → instant. */
  left?: Record<string, string>;
  /** By which port some visits were left. */
  ports?: Record<string, string>;
  /** All effects: `step#visit`, with ` at <instant>` where the instant matters. */
  effects?: string[];
  /** Part of what some effects were given: `step#visit` → values. */
  inputs?: Record<string, Record<string, unknown>>;
  /** All answers of policies other than allow: `step#visit defer code` or `step#visit suppress code`. */
  policy?: string[];
  goals?: string[];
  /** All incidents: `step#visit code`. */
  incidents?: string[];
}

/** What of a journey was walked. */
export interface Coverage {
  steps: { walked: number; of: number; missing: string[] };
  /** Ports that lead somewhere. Where alternatives of a wait share one, each of them: `step:port#2` for the second in the list. */
  ports: { walked: number; of: number; missing: string[] };
}

/** Where a person differs from what is expected; in words. */
export function differencesOf(person: PersonAnswer | undefined, expected: Expectation): string[] {
  if (!person) return [`${expected.key}: is not among the people`];
  const differences: string[] = [];
  const compare = (what: string, given: unknown, wanted: unknown): void => {
    if (wanted === undefined || JSON.stringify(given) === JSON.stringify(wanted)) return;
    differences.push(
      `${person.key}: ${what} is ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`,
    );
  };
  const instant = (text: string | null | undefined): string | null | undefined =>
    typeof text !== 'string' || Number.isNaN(Date.parse(text))
      ? text // what is no instant is shown as it is written
      : new Date(text).toISOString();
  const nameOf = ({ step, visit }: { step: string; visit: number }): string => `${step}#${visit}`;
  const visitOf = (name: string) => person.path.find((entry) => nameOf(entry) === name);

  compare('outcome', person.outcome, expected.outcome);
  compare('entered', person.entered, instant(expected.entered));
  compare('endedAt', person.endedAt, instant(expected.endedAt));
  compare('refused', person.refused?.reason, expected.refused);
  compare(
    'path',
    person.path.map(
      (entry) => `${nameOf(entry)}${entry.port === undefined ? '' : ` ${entry.port}`}`,
    ),
    expected.path,
  );
  for (const [name, at] of Object.entries(expected.left ?? {}))
    compare(`${name} left`, visitOf(name)?.leftAt ?? null, instant(at));
  for (const [name, port] of Object.entries(expected.ports ?? {}))
    compare(`port of ${name}`, visitOf(name)?.port ?? null, port);
  if (expected.effects) {
    const given = person.effects.map(
      (effect, index) =>
        `${nameOf(effect)}${expected.effects?.[index]?.includes(' at ') === true ? ` at ${effect.at}` : ''}`,
    );
    const wanted = expected.effects.map((text) => {
      const [name = '', at] = text.split(' at ');
      return at === undefined ? name : `${name} at ${instant(at) ?? ''}`;
    });
    compare('effects', given, wanted);
  }
  for (const [name, values] of Object.entries(expected.inputs ?? {})) {
    const effect = person.effects.findLast((item) => nameOf(item) === name);
    for (const [field, value] of Object.entries(values))
      compare(
        `${field} of ${name}`,
        (effect?.input as Record<string, unknown> | undefined)?.[field] ?? null,
        value,
      );
  }
  compare(
    'policy',
    person.policy.map((item) => `${nameOf(item)} ${item.answer} ${item.because['code'] as string}`),
    expected.policy,
  );
  compare(
    'goals',
    person.goals.map(({ id }) => id),
    expected.goals,
  );
  compare(
    'incidents',
    person.incidents.map((item) => `${nameOf(item)} ${item.code}`),
    expected.incidents,
  );
  return differences;
}

/**
 * What of a plan these people walked. `mayMiss` names steps (`step`), ports (`step:port`) and alternatives that share a port
 * (`step:port#2`) that no test need reach.
 */
export function coverageOf(
  plan: Plan,
  people: readonly PersonAnswer[],
  mayMiss: readonly string[] = [],
): Coverage {
  const steps = new Set<string>();
  const ports = new Set<string>();
  for (const { path } of people) {
    for (const { step, port, alternative, ways } of path) {
      steps.add(step);
      for (const way of ways ?? (port === undefined ? [] : [port]))
        ports.add(`${step}:${way}${alternative === undefined ? '' : `#${alternative}`}`);
    }
  }
  const share = (all: string[], walked: ReadonlySet<string>): Coverage['steps'] => {
    const needed = all.filter((name) => !mayMiss.includes(name));
    const missing = needed.filter((name) => !walked.has(name));
    return { walked: needed.length - missing.length, of: needed.length, missing };
  };
  return {
    steps: share(Object.keys(plan.steps), steps),
    ports: share(
      Object.values(plan.steps).flatMap((step) =>
        Object.keys(step.to).flatMap((port) =>
          alternativesOf(step, port).map((name) => `${step.id}:${name}`),
        ),
      ),
      ports,
    ),
  };
}

/** A port as it is counted: by itself, or by each of the alternatives that share it. */
function alternativesOf(step: PlanStep, port: string): string[] {
  if (step.kind !== 'wait') return [port];
  const numbers = step.for.flatMap((item, index) => (item.port === port ? [index + 1] : []));
  return numbers.length > 1 ? numbers.map((number) => `${port}#${number}`) : [port];
}
