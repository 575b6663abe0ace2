import { Liquid, Tag } from 'liquidjs';

const parser = new Liquid({
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 200_000,
});

// A template stands alone: what names another one is refused when it is read, not when it is sent.
for (const name of ['include', 'render', 'layout', 'block'])
  parser.registerTag(
    name,
    class extends Tag {
      constructor(...parts: ConstructorParameters<typeof Tag>) {
        super(...parts);
        throw new Error(`the tag '${name}' is not offered: write the whole text here`);
      }
      override render(): void {
        // Never made, so never rendered.
      }
    },
  );

/** What a Liquid text comes to. */
export interface Template {
  /** What is wrong with it, with line and column; undefined when it can be rendered. */
  fault?: string;
  /** The names it reads that it does not set itself: the first two parts of each, such as `subject`, `givenName`. */
  names: [string, string | undefined][];
}

// A document is compiled with every change that somebody makes to it, and most of its texts stay as they are.
const known = new Map<string, Template>();
const mostKnown = 2_000;
const longestKnown = 2_000;

/** Reads a Liquid text. */
export function readTemplate(text: string): Template {
  if (text.length > longestKnown) return read(text);
  const before = known.get(text);
  if (before) return before;
  const template = read(text);
  if (known.size >= mostKnown) known.clear();
  known.set(text, template);
  return template;
}

function read(text: string): Template {
  const names = namesIn(text);
  if (/\|\s*raw\b/.test(text))
    return { fault: "the filter 'raw' is not offered: values are always escaped", names };
  try {
    parser.parse(text);
    return { names };
  } catch (error) {
    const fault = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return { fault: fault ?? 'it cannot be read', names };
  }
}

function namesIn(text: string): Template['names'] {
  try {
    return parser.globalVariableSegmentsSync(text).map((segments) => {
      const [root, name] = segments;
      return [String(root), typeof name === 'string' ? name : undefined];
    });
  } catch {
    return []; // it cannot be read, which its fault says
  }
}
