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

/** What is wrong with a Liquid text, with line and column; undefined when it can be rendered. */
export function templateFault(text: string): string | undefined {
  if (/\|\s*raw\b/.test(text)) return "the filter 'raw' is not offered: values are always escaped";
  try {
    parser.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
  }
}

/** The names a template reads that it does not set itself: the first two parts of each, such as `subject`, `givenName`. */
export function templateNames(text: string): [string, string | undefined][] {
  try {
    return parser.globalVariableSegmentsSync(text).map((segments) => {
      const [root, name] = segments;
      return [String(root), typeof name === 'string' ? name : undefined];
    });
  } catch {
    return []; // it cannot be read, which `templateFault` says
  }
}
