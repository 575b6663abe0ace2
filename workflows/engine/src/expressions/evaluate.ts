import { Optional } from '@marcbachmann/cel-js';
import { valueAt } from '../json.ts';
import type { Json, JsonObject } from '../plan.ts';
import { instantText } from '../time/instants.ts';
import { comprehensionDepth, expressionOf, isFault } from './language.ts';
import { referencesOf } from './references.ts';

/** What an expression sees: the root names with their values. */
export type Scope = Record<string, unknown>;

/** An expression's value, or why it has none. `absent`: it read something that is not there. */
export type Evaluation =
  | { ok: true; value: Json }
  | { ok: false; absent: boolean; message: string; start: number; end: number };

/** What a scope may hold. They are asked for by name: a scope makes what is asked for. */
const rootNames = ['subject', 'entry', 'vars', 'steps', 'run', 'event'];
const longestNestedList = 1_000;
const largestValue = 65_536;

/** Evaluates an expression. Never throws; the same text and scope give the same answer everywhere. */
export function evaluate(text: string, scope: Scope): Evaluation {
  const expression = expressionOf(text);
  if (isFault(expression)) {
    return {
      ok: false,
      absent: false,
      message: expression.message,
      start: expression.start,
      end: expression.end,
    };
  }
  if (
    comprehensionDepth(expression.ast) > 1 &&
    longestList(rootNames.map((name) => scope[name])) > longestNestedList
  ) {
    const message = `nested loops see lists of at most ${longestNestedList} items`;
    return { ok: false, absent: false, message, start: 0, end: text.length };
  }
  const { stackTraceLimit } = Error; // nobody reads where in a library an expression failed, and it costs most of the time
  Reflect.set(Error, 'stackTraceLimit', 0); // in a workflow `Error` cannot be written to, and an assignment would throw
  try {
    return { ok: true, value: bounded(toJson(expression.run(scope))) };
  } catch (error) {
    const given = error as {
      code?: string;
      summary?: string;
      message?: string;
      range?: { start: number; end: number };
    };
    return {
      ok: false,
      absent: given.code === 'no_such_key',
      message: given.summary ?? given.message?.split('\n', 1)[0] ?? 'failed',
      start: given.range?.start ?? 0,
      end: given.range?.end ?? text.length,
    };
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Evaluates a condition. A value that is no boolean is an error. */
export function evaluateCondition(text: string, scope: Scope): Evaluation & { value?: Json } {
  const answer = evaluate(text, scope);
  if (!answer.ok || typeof answer.value === 'boolean') return answer;
  const message = `gives ${JSON.stringify(answer.value)}, not true or false`;
  return { ok: false, absent: false, message, start: 0, end: text.length };
}

/** The values an expression read, by the paths as written: what the trail shows as the reason. */
export function valuesRead(text: string, scope: Scope): JsonObject {
  const expression = expressionOf(text);
  if (isFault(expression)) return {};
  const values: JsonObject = {};
  for (const { root, path } of referencesOf(expression.ast)) {
    const value = valueAt(scope[root], path);
    values[[root, ...path].join('.')] = value === undefined ? null : shorten(toJson(value));
  }
  return values;
}

/** Long values would make the trail unreadable: their beginning is enough to recognise them. */
function shorten(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= 200 ? value : `${text.slice(0, 200)}…`;
}

/** A CEL value as JSON: integers as numbers, instants as RFC 3339 text. */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('gives a number that is not finite');
    return value;
  }
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value()) : null;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
    }
  }
  throw new TypeError('gives a value that is no JSON');
}

/** An instant as text. `toISOString` is slow, and a wait for a date asks for one each time it is entered. */
function dateText(date: Date): string {
  const at = date.getTime();
  if (Number.isNaN(at)) throw new RangeError('gives an instant beyond what can be written');
  return instantText(at);
}

/** A run carries its values for years: one that grows without end would stop it. */
function bounded(value: Json): Json {
  const length =
    typeof value === 'string'
      ? value.length
      : typeof value === 'object'
        ? JSON.stringify(value).length
        : 0;
  if (length > largestValue)
    throw new TypeError(`gives a value of more than ${largestValue} characters`);
  return value;
}

function longestList(value: unknown, depth = 0): number {
  if (depth > 12 || typeof value !== 'object' || value === null || value instanceof Date) return 0;
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value);
  let longest = Array.isArray(value) ? value.length : 0;
  for (const item of items) longest = Math.max(longest, longestList(item, depth + 1));
  return longest;
}
