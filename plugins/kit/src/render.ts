import { CaptureTag, Liquid, type Context } from 'liquidjs';
import type { Json, JsonObject } from './contract.ts';

// A step's `with` becomes a config: `{ "cel": … }` is computed, text is Liquid where the action's schema says
// `x-template: true`, and literal otherwise.
//
//   R1. A value is text, never markup: every ASCII punctuation character of it becomes a numeric entity, which says the same in
//       HTML and in Markdown and is syntax in neither, except where the schema says `contentMediaType: text/plain`.
//   R2. Bounded: a template cannot loop or grow without end. No file, no clock of its own, no prototype is reached.

const options = {
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 200_000,
  renderLimit: 1_000,
  memoryLimit: 10_000_000,
};
const marked = new Liquid({ ...options, outputEscape: asText });
const plain = new Liquid(options);

/** What `{% capture %}` keeps is a value again, and becomes text when it is printed: not twice. */
class CaptureOfText extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    const scope = context.bottom() as Record<string, unknown>;
    scope[this.variable] = String(scope[this.variable]).replace(
      /&#(\d{2,3});/g,
      (_, code: string) => String.fromCharCode(Number(code)),
    );
  }
}
marked.registerTag('capture', CaptureOfText);

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
    return value.map((item, index) => render(item, rules['items'], context, `${pointer}/${index}`));
  if (value === null || typeof value !== 'object') return value;
  if (typeof value['cel'] === 'string' && Object.keys(value).length === 1)
    return compute(value['cel'], context, pointer);
  const properties = isRecord(rules['properties']) ? rules['properties'] : {};
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      render(item, properties[key], context, `${pointer}/${key}`),
    ]),
  );
}

function renderText(
  text: string,
  rules: Record<string, unknown>,
  context: RenderContext,
  pointer: string,
): string {
  const liquid = rules['contentMediaType'] === 'text/plain' ? plain : marked; // R1
  try {
    return String(liquid.parseAndRenderSync(text, context.scope));
  } catch (error) {
    throw new RenderError(
      pointer,
      error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error),
    );
  }
}

/** A value as Liquid prints it, with no character that HTML or Markdown could take for its own. */
function asText(value: unknown): string {
  return printed(value).replace(
    /[!-/:-@[-`{-~]/g,
    (character) => `&#${String(character.charCodeAt(0))};`,
  );
}

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
