import type { RJSFSchema, UiSchema } from '@rjsf/utils';

// What our schemas say beyond JSON Schema (x-title, x-template, x-secret …), as rjsf understands it.

type Node = Record<string, unknown>;

/** The schema with its titles and hints in a language. */
export function localized(schema: unknown, language: string): RJSFSchema {
  return translate(schema, language) as RJSFSchema;
}

function translate(value: unknown, language: string): unknown {
  if (Array.isArray(value)) return value.map((item) => translate(item, language));
  if (!isNode(value)) return value;
  const result: Node = {};
  for (const [key, part] of Object.entries(value))
    result[key] = key === 'default' || key === 'const' ? part : translate(part, language);
  for (const word of ['title', 'description']) {
    const texts = value[`x-${word}`];
    const text = isNode(texts) ? (texts[language] ?? texts['en']) : undefined;
    if (typeof text === 'string') result[word] = text;
  }
  return result;
}

/** What a form begins with: the defaults of its fields. */
export function defaultsOf(schema: unknown): Record<string, unknown> {
  const properties = isNode(schema) && isNode(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, part]) =>
      isNode(part) && part['default'] !== undefined ? [[name, part['default']]] : [],
    ),
  );
}

/** A value without empty lists that need not be there and may not be empty: who takes out the last entry wants no list. */
export function withoutEmptyLists(schema: unknown, value: unknown): unknown {
  if (!isNode(schema)) return value;
  if (Array.isArray(value)) return value.map((item) => withoutEmptyLists(schema['items'], item));
  const { properties, required } = schema;
  if (!isNode(value) || !isNode(properties)) return value;
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      const field = properties[name];
      const mayGo = isNode(field) && Number(field['minItems'] ?? 0) > 0 && !needed.includes(name);
      return mayGo && Array.isArray(part) && part.length === 0
        ? []
        : [[name, withoutEmptyLists(field, part)]];
    }),
  );
}

/** The list in a config whose entries name the ways out of the step. */
export interface PortsInConfig {
  from: string;
  key: string;
}

/** Which widget each field gets; names of ports get one of their own. */
export function uiSchemaFor(schema: unknown, ports?: PortsInConfig): UiSchema {
  const ui = uiSchemaOf(schema);
  if (!ports) return ui;
  const path = [...ports.from.split('/').slice(1), 'items', ports.key];
  const portAt = (node: unknown, [name, ...rest]: string[]): unknown =>
    name === undefined
      ? { 'ui:widget': 'port' }
      : { ...(isNode(node) ? node : {}), [name]: portAt(isNode(node) ? node[name] : {}, rest) };
  return portAt(ui, path) as UiSchema;
}

/** Which widget or field a part of a schema gets. */
export function uiSchemaOf(schema: unknown, required = true): UiSchema {
  if (!isNode(schema)) return {};
  const ui: UiSchema = {};
  if (schema['x-secret'] === true) ui['ui:widget'] = 'secret';
  else if (typeof schema['x-options'] === 'string') {
    ui['ui:widget'] = 'choice';
    ui['ui:options'] = { name: schema['x-options'], template: schema['x-template'] === true };
  } else if (schema['x-template'] === true) {
    ui['ui:widget'] = 'template';
    ui['ui:options'] = { rows: schema['x-multiline'] !== true ? 1 : required ? 6 : 2 };
  } else if (isMap(schema)) return { 'ui:field': 'map' };
  else if (isOpen(schema)) return { 'ui:field': 'json' };
  else if (isScalar(schema)) ui['ui:widget'] = 'scalar';
  else if (schema['x-multiline'] === true) ui['ui:widget'] = 'textarea';
  else if (schema['type'] === 'boolean') ui['ui:widget'] = 'checkbox';
  if (isNode(schema['properties']))
    for (const [name, part] of Object.entries(schema['properties'])) {
      const needed: unknown = schema['required'];
      ui[name] = uiSchemaOf(part, Array.isArray(needed) && needed.includes(name));
    }
  if (isNode(schema['items'])) ui['items'] = uiSchemaOf(schema['items']);
  return ui;
}

function typesOf({ type }: Node): unknown[] {
  return Array.isArray(type) ? type : [type];
}

/** Any names, each with a value of the same shape. */
function isMap(schema: Node): boolean {
  const shape = schema['additionalProperties'];
  const plain = isNode(shape) && !typesOf(shape).some((one) => one === 'object' || one === 'array');
  return schema['type'] === 'object' && !isNode(schema['properties']) && plain;
}

/** An object or a list of which nothing is said. */
function isOpen(schema: Node): boolean {
  const types = typesOf(schema);
  return (
    (types.includes('object') && !isNode(schema['properties'])) ||
    (types.includes('array') && !isNode(schema['items']))
  );
}

/** Text, a number or yes and no alike. */
function isScalar(schema: Node): boolean {
  return typesOf(schema).filter((type) => type !== 'null').length > 1;
}

/** A value that is computed by an expression instead of being written. */
export function isComputed(value: unknown): value is { cel: string } {
  return isNode(value) && typeof value['cel'] === 'string' && Object.keys(value).length === 1;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
