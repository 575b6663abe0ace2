import type { Json } from '@sojourn/plugin-kit';

// What an API answered, and what it means.
//
//   A1. The first rule that fits is taken. A rule without a status is about answers of success; without a path, about their status.
//   A2. What cannot be looked into fits no rule with a path, and the output says why.
//   A3. Bounded: of a long answer no more is read than can be looked into, and a long body does not travel with the run.
//   A4. No secret of the connection is in the output, though the API sends it back.

/** One outcome and the answers that it stands for. */
export interface OutcomeRule {
  port: string;
  /** `200`, `2xx` … */
  status?: string[];
  /** A JSON pointer: something must be there. */
  path?: string;
  equals?: Json;
}

/** An answer, read. */
export interface Answer {
  status: number;
  /** JSON or text; absent when there is none, or it is too long to look into. */
  body?: Json;
  isJson: boolean;
  isTooLong: boolean;
}

/** How much of an answer is read, and how much of it becomes output: bytes, and characters of JSON. */
const mostRead = 1_048_576;
const mostKept = 16_384;

/** Reads an answer. Rejects when the line breaks before its end. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status } = response;
  const text = await textOf(response);
  if (text === undefined) return { status, isJson: false, isTooLong: true };
  if (text === '') return { status, isJson: false, isTooLong: false };
  const json = jsonOf(text);
  const isJson = json !== undefined;
  return { status, body: isJson ? json : text, isJson, isTooLong: false };
}

/** The port of the first rule that an answer fits (A1). */
export function outcomeOf(rules: readonly OutcomeRule[], answer: Answer): string | undefined {
  return rules.find((rule) => fits(rule, answer))?.port;
}

/** The output of a request (A2, A3). */
export function outputOf(
  outcome: string,
  rules: readonly OutcomeRule[],
  { status, body, isJson, isTooLong }: Answer,
  secrets: readonly string[],
): { status: number; outcome: string; body?: Json; problem?: string } {
  const isKept = body !== undefined && JSON.stringify(body).length <= mostKept;
  const problem =
    isTooLong || (body !== undefined && !isKept)
      ? 'too-long'
      : !isJson && rules.some(({ path }) => path !== undefined)
        ? 'no-json'
        : undefined;
  return {
    status,
    outcome,
    ...(isKept ? { body: without(body, secrets) } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
}

function fits({ status = ['2xx'], path, equals }: OutcomeRule, answer: Answer): boolean {
  const code = String(answer.status);
  if (!status.some((item) => item === code || item === `${code.charAt(0)}xx`)) return false;
  if (path === undefined) return true;
  if (!answer.isJson) return false; // A2
  const found = valueAt(answer.body, path);
  return equals === undefined ? found !== undefined && found !== null : found === equals;
}

/** A body without secrets (A4). */
function without(body: Json, secrets: readonly string[]): Json {
  const cleared = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  const clear = (value: Json): Json => {
    if (typeof value === 'string') return cleared(value);
    if (Array.isArray(value)) return value.map(clear);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [cleared(key), clear(item)]),
    );
  };
  return clear(body);
}

/** What a JSON pointer leads to; undefined when there is nothing. */
export function valueAt(value: Json | undefined, pointer: string): Json | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json | undefined>((at, key) => {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
      return (at as Record<string, Json>)[key];
    }, value);
}

/** The text of a body; undefined when it is longer than what is read (A3). */
async function textOf(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    read += chunk.byteLength;
    if (read > mostRead) return undefined; // leaving the loop ends the line
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
