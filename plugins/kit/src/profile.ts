import { escapePointer, type Fault } from '@sojourn/schemas';
import { runawayIn } from './pattern.ts';

// The JSON Schema that plugins may use: as much of draft 2020-12 as a form can be drawn from and a value be checked with, at a cost
// that is known (docs/plugins.md).
//
//   S1. A schema is an object's, or says nothing at all: `{}`.
//   S2. A config and a connection name their fields: where there are `properties`, others are refused.
//   S3. Nothing is fetched and nothing is without end: references stay inside, depth, breadth and patterns have a limit.
//   S4. A choice is decided by one look: at a constant, or at a simple type.
//   S5. What is not known here is refused: it would be a rule that nobody keeps.

/** What a schema is for, and the option functions of its action. */
export interface ProfileUse {
  of: 'config' | 'output' | 'connection' | 'event';
  options?: readonly string[];
}

const mostDepth = 6;
const mostProperties = 200;
const longestPattern = 200;
const simpleTypes = ['string', 'number', 'integer', 'boolean', 'null'];

/** Extensions, and what may follow each. */
const extensions: Record<string, 'yes' | 'texts' | 'name'> = {
  'x-title': 'texts',
  'x-description': 'texts',
  'x-template': 'yes',
  'x-multiline': 'yes',
  'x-secret': 'yes',
  'x-options': 'name',
};
const keywords = new Set([
  ...['type', 'enum', 'const', 'default', 'examples', 'title', 'description', 'deprecated'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'dependentRequired'],
  ...['minProperties', 'maxProperties', 'items', 'minItems', 'maxItems', 'uniqueItems'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'contentMediaType', 'multipleOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['oneOf', 'anyOf', '$ref', '$defs', '$comment'],
]);
const insteads: Record<string, string> = {
  not: 'say what is allowed instead',
  if: 'give the cases in oneOf, told apart by a const',
  then: 'give the cases in oneOf, told apart by a const',
  else: 'give the cases in oneOf, told apart by a const',
  allOf: 'write its parts into one schema',
  patternProperties: 'use propertyNames and additionalProperties',
  $schema: 'it is draft 2020-12 by itself',
  $id: 'a schema has no address of its own',
};

type Node = Record<string, unknown>;

/** Every way in which a schema leaves the profile, with its place and what to do. */
export function profileFaults(schema: unknown, use: ProfileUse): Fault[] {
  if (!isNode(schema)) return [{ pointer: '', detail: 'is no JSON Schema: give an object' }];
  if (Object.keys(schema).length === 0) return []; // S1
  const faults: Fault[] = [];
  if (schema['type'] !== 'object')
    faults.push({ pointer: '/type', detail: "must be 'object': a value has named fields" });
  look(schema, '', {
    use,
    root: schema,
    say: (pointer, detail) => faults.push({ pointer, detail }),
  });
  if (faults.length === 0) faults.push(...sizeFaults(schema));
  return faults;
}

interface Looking {
  use: ProfileUse;
  root: Node;
  say: (pointer: string, detail: string) => void;
}

/** Looks at one schema and at those inside it. */
function look(node: unknown, at: string, looking: Looking): void {
  const { use, say } = looking;
  if (node === true || (node === false && at.endsWith('/additionalProperties'))) return;
  if (!isNode(node)) {
    say(at, 'is no JSON Schema: give an object');
    return;
  }
  for (const [keyword, value] of Object.entries(node)) {
    const place = `${at}/${escapePointer(keyword)}`;
    if (keyword.startsWith('x-')) lookAtExtension(node, keyword, place, looking);
    else if (!keywords.has(keyword))
      say(
        place,
        `'${keyword}' is not known here: ${Object.hasOwn(insteads, keyword) ? String(insteads[keyword]) : `use ${[...keywords].join(', ')}`}`,
      ); // S5
    if (keyword === 'pattern') lookAtPattern(value, place, say);
    if (keyword === '$ref') lookAtReference(value, place, looking);
    if (keyword === 'oneOf' || keyword === 'anyOf') lookAtChoice(value, place, say); // S4
  }
  if (
    isNode(node['properties']) &&
    node['additionalProperties'] !== false &&
    (use.of === 'config' || use.of === 'connection')
  )
    say(`${at}/additionalProperties`, 'must be false: a field that nobody knows is a mistake'); // S2
  for (const [part, place] of partsOf(node, at)) look(part, place, looking);
}

function lookAtExtension(
  node: Node,
  keyword: string,
  place: string,
  { use: { of, options = [] }, say }: Looking,
): void {
  const value = node[keyword];
  const form = Object.hasOwn(extensions, keyword) ? extensions[keyword] : undefined;
  switch (form) {
    case undefined:
      say(place, `'${keyword}' is not known here: use ${Object.keys(extensions).join(', ')}`); // S5
      return;
    case 'yes':
      if (typeof value !== 'boolean') say(place, 'must be true or false');
      break;
    case 'texts':
      if (!isNode(value) || !Object.values(value).every((text) => typeof text === 'string'))
        say(place, "must be texts by language: { en: '…' }");
      break;
    case 'name':
      if (of !== 'config') say(place, "is for configs: choices are an action's");
      else if (typeof value !== 'string' || !options.includes(value))
        say(
          place,
          `the action has no option function ${JSON.stringify(value)}: ${options.length === 0 ? 'it has none' : `it has ${options.join(', ')}`}`,
        );
  }
  if (keyword === 'x-secret' && of !== 'connection')
    say(
      place,
      "is for connections: only there it is sealed. Read it from the connection's settings",
    );
  if (keyword === 'x-template') {
    if (of !== 'config') say(place, 'is for configs: nothing else is rendered');
    else if (!typesOf(node).some((type) => ['string', 'object', 'array'].includes(type)))
      say(place, "needs a 'type' of string, object or array: a template is a text");
  }
}

function lookAtPattern(value: unknown, place: string, say: Looking['say']): void {
  if (typeof value !== 'string' || !compiles(value)) {
    say(place, 'is no regular expression: it does not compile with the flag u');
    return;
  }
  if (value.length > longestPattern)
    say(place, `has ${value.length} characters: use at most ${longestPattern}`);
  const runaway = runawayIn(value);
  if (runaway !== undefined) say(place, `can run away: ${runaway}`); // S3
}

function lookAtReference(value: unknown, place: string, { root, say }: Looking): void {
  const name = nameIn(value);
  if (name === undefined)
    say(place, "leads outside: use '#/$defs/<name>'"); // S3
  else if (!isNode(root['$defs']) || !Object.hasOwn(root['$defs'], name))
    say(place, `there is no '${name}' in $defs`);
}

function lookAtChoice(value: unknown, place: string, say: Looking['say']): void {
  if (!Array.isArray(value) || value.length === 0) {
    say(place, 'must be a list of schemas');
    return;
  }
  const isDecided = value.every(isSimple) || discriminatorOf(value) !== undefined;
  if (!isDecided)
    say(
      place,
      'needs members of simple types, or objects with one required property that is a different const in each',
    );
}

const isSimple = (member: unknown): boolean =>
  isNode(member) &&
  ('const' in member ||
    'enum' in member ||
    (typesOf(member).length > 0 && typesOf(member).every((type) => simpleTypes.includes(type))));

/** The property by which members are told apart. */
function discriminatorOf(members: readonly unknown[]): string | undefined {
  const constants = (member: unknown): Map<string, string> => {
    if (!isNode(member) || !isNode(member['properties'])) return new Map();
    const needed: unknown[] = Array.isArray(member['required']) ? member['required'] : [];
    return new Map(
      Object.entries(member['properties']).flatMap(([name, part]) =>
        isNode(part) && 'const' in part && needed.includes(name)
          ? [[name, JSON.stringify(part['const'])] as const]
          : [],
      ),
    );
  };
  const all = members.map(constants);
  return [...(all[0]?.keys() ?? [])].find(
    (name) =>
      all.every((own) => own.has(name)) &&
      new Set(all.map((own) => own.get(name))).size === members.length,
  );
}

/** How deep and how broad it is once its references are followed (S3). */
function sizeFaults(root: Node): Fault[] {
  let properties = 0;
  const faults: Fault[] = [];
  const measure = (node: unknown, at: string, depth: number): void => {
    if (!isNode(node) || faults.length > 0) return;
    if (depth > mostDepth) {
      faults.push({ pointer: at, detail: `lies deeper than ${mostDepth} levels: make it flatter` });
      return;
    }
    properties += isNode(node['properties']) ? Object.keys(node['properties']).length : 0;
    if (properties > mostProperties) {
      faults.push({
        pointer: at,
        detail: `there are more than ${mostProperties} properties: use fewer`,
      });
      return;
    }
    const name = nameIn(node['$ref']);
    const definitions = root['$defs'];
    if (name !== undefined && isNode(definitions)) measure(definitions[name], at, depth + 1);
    for (const [part, place] of partsOf({ ...node, $defs: undefined }, at))
      measure(part, place, depth + 1);
  };
  measure(root, '', 1);
  return faults;
}

/** The schemas that lie in a schema, with their places. */
function* partsOf(node: Node, at: string): Generator<[part: unknown, at: string]> {
  for (const keyword of ['properties', '$defs']) {
    const parts = node[keyword];
    if (isNode(parts))
      for (const [name, part] of Object.entries(parts))
        yield [part, `${at}/${keyword}/${escapePointer(name)}`];
  }
  for (const keyword of ['items', 'additionalProperties', 'propertyNames'])
    if (node[keyword] !== undefined) yield [node[keyword], `${at}/${keyword}`];
  for (const keyword of ['oneOf', 'anyOf']) {
    const parts = node[keyword];
    if (Array.isArray(parts))
      for (const [index, part] of (parts as unknown[]).entries())
        yield [part, `${at}/${keyword}/${index}`];
  }
}

const nameIn = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? /^#\/\$defs\/([A-Za-z0-9_-]+)$/.exec(reference)?.[1] : undefined;

const typesOf = ({ type }: Node): string[] =>
  [type].flat().filter((one): one is string => typeof one === 'string');

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch {
    return false;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
