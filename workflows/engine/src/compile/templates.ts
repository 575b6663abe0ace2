import { Liquid } from 'liquidjs';

const parser = new Liquid({
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 200_000,
});

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
