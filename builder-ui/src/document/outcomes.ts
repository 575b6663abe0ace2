import type { ActionManifest, ActionStep } from '@sojourn/schemas';
import { freshId, type replaceStep } from './edits.ts';
import { outcomesOf } from './engine.ts';

// Outcomes that a designer writes into the config are ports of the step: their edges follow them.

type Config = Record<string, unknown>;
type PortChange = Parameters<typeof replaceStep>[3];

/** The list in the config that names the outcomes. */
interface OutcomeList {
  from: string;
  key: string;
}

/**
 * A step with another config. An entry that was added without a name gets one. Edges follow an outcome that was renamed, and go
 * with one that was removed; `ports` is undefined when all outcomes stayed.
 */
export function withOutcomes(
  step: ActionStep,
  action: ActionManifest,
  config: Config,
): { step: ActionStep; ports: PortChange | undefined } {
  const { outcomes } = action;
  if (Array.isArray(outcomes)) return { step: { ...step, with: config }, ports: undefined };
  const before = namesIn(step.with ?? {}, outcomes);
  const given = named(config, outcomes, before.length, outcomesOf(action, config));
  const next = { ...step, with: given };
  const after = namesIn(given, outcomes);
  if (before.length === after.length && before.every((name, index) => name === after[index]))
    return { step: next, ports: undefined };
  return { step: next, ports: changeOf(before, after) };
}

type Name = string | undefined;

function changeOf(before: readonly Name[], after: readonly Name[]): PortChange {
  const old = before.filter((name) => name !== undefined);
  if (after.length !== before.length) {
    const gone = old.filter((name) => !after.includes(name));
    return after.length < before.length ? { gone } : {};
  }
  const renamed = before.flatMap((name, index): [string, string][] => {
    const to = after[index];
    const moves =
      name !== undefined && to !== undefined && !old.includes(to) && !after.includes(name);
    return moves && after.indexOf(to) === after.lastIndexOf(to) ? [[name, to]] : [];
  });
  return { renamed: Object.fromEntries(renamed) };
}

function namesIn(config: Config, { from, key }: OutcomeList): Name[] {
  const list = pathOf(from).reduce<unknown>(
    (value, name) => (isRecord(value) ? value[name] : undefined),
    config,
  );
  if (!Array.isArray(list)) return [];
  return list.map((item: unknown) => {
    const name = isRecord(item) ? item[key] : undefined;
    return typeof name === 'string' ? name : undefined;
  });
}

/** The config with a name for the entries behind the first `count` that have none. */
function named(config: Config, list: OutcomeList, count: number, taken: readonly string[]): Config {
  if (namesIn(config, list).length <= count) return config;
  const fill = (value: unknown, [name, ...rest]: string[]): unknown => {
    if (name !== undefined)
      return isRecord(value) ? { ...value, [name]: fill(value[name], rest) } : value;
    if (!Array.isArray(value)) return value;
    const used = new Set(taken);
    return value.map((item: unknown, index) => {
      if (index < count || (isRecord(item) && item[list.key] !== undefined)) return item;
      const port = freshId('outcome', (one) => used.has(one));
      used.add(port);
      return { ...(isRecord(item) ? item : {}), [list.key]: port };
    });
  };
  return fill(config, pathOf(list.from)) as Config;
}

function pathOf(pointer: string): string[] {
  return pointer.split('/').slice(1);
}

function isRecord(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
