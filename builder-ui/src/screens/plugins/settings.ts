// What is done to a connection's settings on their way into a form and out of it. Pure.

type Node = Record<string, unknown>;

/** The schema with secrets that may also be the note that one is kept: `{ sealed: true }`. */
export function withSealed(schema: Node): Node {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(isNode(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, part]) => [name, sealed(part)]),
          ),
        }
      : {}),
    ...(isNode(items) ? { items: sealed(items) } : {}),
  };
}

function sealed(part: unknown): unknown {
  if (!isNode(part)) return part;
  return part['x-secret'] === true ? { ...part, type: ['string', 'object'] } : withSealed(part);
}

/** The settings without what was opened and left empty: a part that has nothing in it is not there. */
export function withoutEmpty(settings: Node): Node {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      const kept = isNode(value) ? withoutEmpty(value) : value;
      const isEmpty = kept === undefined || (isNode(kept) && Object.keys(kept).length === 0);
      return isEmpty ? [] : [[name, kept]];
    }),
  );
}

/** The schema of what a test is sent with: to whom is asked for apart. */
export function withoutRecipient(schema: Node): Node {
  if (!isNode(schema['properties'])) return schema;
  const { to: _to, ...properties } = schema['properties'];
  return { ...schema, properties };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
