import { CaptureTag, Liquid, type Context } from 'liquidjs';
import type { Json, JsonObject } from './contract.ts';

// A step's `with` becomes a config: `{ "cel": … }` is computed, text is Liquid where the action's schema says
// `x-template: true`, and literal otherwise.
//
//   R1. A value is text, never markup: every ASCII punctuation character of it becomes a numeric entity, which says the same in
//       HTML and in Markdown and is syntax in neither. Where the schema says `contentMediaType: application/json` it is escaped
//       for a JSON string, with `text/uri-list` it is percent-encoded, with `text/plain` it stays as it is.
//   R2. Bounded: a template cannot loop or grow without end. No file, no clock of its own, no prototype is reached.
//   R3. In an object or a list that says `x-template: true` every text is a template, whose values stay as they are: whoever
//       writes it out later escapes them.

const options = {
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 200_000,
  renderLimit: 1_000,
  memoryLimit: 10_000_000,
};

/** How values stand in a text (R1), and how what was printed becomes a value again. */
interface Escaping {
  write(value: string): string;
  undo(text: string): string;
}

/** No character of a value is one that HTML or Markdown could take for its own. */
const inMarkup: Escaping = {
  write: (value) =>
    value.replace(/[!-/:-@[-`{-~]/g, (character) => `&#${String(character.charCodeAt(0))};`),
  undo: (text) =>
    text.replace(/&#(\d{2,3});/g, (_, code: string) => String.fromCharCode(Number(code))),
};
const inJson: Escaping = {
  write: (value) => JSON.stringify(value).slice(1, -1),
  undo: (text) =>
    text.replace(/\\(?:["\\/bfnrt]|u[\da-f]{4})/g, (escape) => JSON.parse(`"${escape}"`) as string),
};
const inAddress: Escaping = {
  write: encodeURIComponent,
  undo: (text) => text.replace(/(?:%[\dA-F]{2})+/g, decodeURIComponent),
};

function liquidOf(escaping: Escaping): Liquid {
  /** What `{% capture %}` keeps is a value again, and is escaped when it is printed: not twice. */
  class CaptureOfText extends CaptureTag {
    override *render(context: Context): Generator<unknown, void, string> {
      yield* super.render(context);
      const scope = context.bottom() as Record<string, unknown>;
      scope[this.variable] = escaping.undo(String(scope[this.variable]));
    }
  }
  const liquid = new Liquid({
    ...options,
    outputEscape: (value: unknown) => escaping.write(printed(value)),
  });
  liquid.registerTag('capture', CaptureOfText);
  return liquid;
}

const marked = liquidOf(inMarkup);
const byMediaType: Record<string, Liquid> = {
  'text/plain': new Liquid(options),
  'application/json': liquidOf(inJson),
  'text/uri-list': liquidOf(inAddress),
};

/** A template that cannot be rendered, or an expression that cannot be evaluated: where, and why. */
export class RenderError extends Error {
  readonly pointer: string;

  constructor(pointer: string, detail: string) {
    super(`${pointer || '/'}: ${detail}`);
    this.name = 'RenderError';
    this.pointer = pointer;
  }
}

/** What a config is rendered with. */
export interface RenderContext {
  /** What templates see: subject, entry, vars, steps, run, now. */
  scope: Record<string, unknown>;
  /** Evaluates a CEL expression; throws with the reason when it cannot. */
  evaluate(cel: string): Json;
}

/** Renders a step's `with` for an action's schema. Throws `RenderError`. */
export function renderConfig(
  config: JsonObject,
  schema: Record<string, unknown>,
  context: RenderContext,
): JsonObject {
  return render(config, schema, context, '') as JsonObject;
}

function render(value: Json, schema: unknown, context: RenderContext, pointer: string): Json {
  const rules = isRecord(schema) ? schema : {};
  if (typeof value === 'string')
    return rules['x-template'] === true ? renderText(value, rules, context, pointer) : value;
  if (Array.isArray(value))
    return value.map((item, index) =>
      render(item, rulesWithin(rules, 'items'), context, `${pointer}/${index}`),
    );
  if (value === null || typeof value !== 'object') return value;
  if (typeof value['cel'] === 'string' && Object.keys(value).length === 1)
    return compute(value['cel'], context, pointer);
  const properties = isRecord(rules['properties']) ? rules['properties'] : {};
  const others = rulesWithin(rules, 'additionalProperties');
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      render(
        item,
        Object.hasOwn(properties, key) ? properties[key] : others,
        context,
        `${pointer}/${key}`,
      ),
    ]),
  );
}

/** The rules of what stands in an object or a list and has none of its own. */
function rulesWithin(rules: Record<string, unknown>, keyword: string): unknown {
  if (isRecord(rules[keyword])) return rules[keyword];
  return rules['x-template'] === true
    ? { 'x-template': true, contentMediaType: 'text/plain' } // R3
    : undefined;
}

function renderText(
  text: string,
  rules: Record<string, unknown>,
  context: RenderContext,
  pointer: string,
): string {
  const liquid = byMediaType[String(rules['contentMediaType'])] ?? marked; // R1
  try {
    return String(liquid.parseAndRenderSync(text, context.scope));
  } catch (error) {
    throw new RenderError(
      pointer,
      error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error),
    );
  }
}

/** A value as Liquid prints it. */
function printed(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(printed).join('');
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- so does Liquid, and an author sees that it was no text
  return String(value);
}

function compute(cel: string, context: RenderContext, pointer: string): Json {
  try {
    return context.evaluate(cel);
  } catch (error) {
    throw new RenderError(pointer, error instanceof Error ? error.message : String(error));
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
