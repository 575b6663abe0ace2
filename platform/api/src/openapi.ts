import {
  apiSchema,
  connectionSchema,
  eventSchema,
  manifestSchema,
  policySchema,
  simulationSchema,
} from '@sojourn/schemas';
import type { Route } from './route.ts';

// The API as OpenAPI 3.1, made from the routes that are served and the schemas that bodies are checked against.

type Schema = Record<string, unknown>;

/** The document of these routes. */
export function openapiOf(routes: readonly Route[], version: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sojourn',
      version,
      description:
        'Journeys that last for years. Errors are application/problem+json; each code is explained at /problems/{code}.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'sojourn' },
      },
      schemas: schemas(),
    },
  };
}

function operation(route: Route): Schema {
  const { method, path, summary, tag, isPublic, query = {}, headers = {} } = route;
  const content = requestContent(route);
  return {
    operationId: `${method}${path.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')}`,
    summary,
    tags: [tag],
    ...(isPublic === true ? { security: [] } : {}),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...parameters('query', query),
      ...parameters('header', headers),
    ],
    ...(content === undefined ? {} : { requestBody: { content } }),
    responses: responses(route),
  };
}

function parameters(place: string, described: Record<string, string>): Schema[] {
  return Object.entries(described).map(([name, description]) => ({
    name,
    in: place,
    description,
    schema: { type: 'string' },
  }));
}

function requestContent({
  body,
  mode,
  describes = body,
  consumes = ['application/json'],
}: Route): Schema | undefined {
  if (body === undefined && mode === undefined) return undefined;
  const schema = describes === undefined ? {} : reference(describes);
  return Object.fromEntries(consumes.map((type) => [type, { schema }]));
}

function responses({ answers }: Route): Schema {
  const described = Object.entries(answers).map(([status, name]): [string, Schema] => [
    status,
    {
      description: Number(status) < 400 ? 'As asked' : 'A problem',
      ...(name === undefined
        ? {}
        : {
            content: {
              [Number(status) < 400 ? 'application/json' : 'application/problem+json']: {
                schema: reference(name),
              },
            },
          }),
    },
  ]);
  const problem = { 'application/problem+json': { schema: reference('ProblemView') } };
  return {
    ...Object.fromEntries(described),
    default: { description: 'A problem', content: problem },
  };
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Every schema that a route names, with the definitions below it. */
function schemas(): Schema {
  const all: Schema = { SandboxItem: { type: 'object' } };
  const roots: [string, Schema][] = [
    ['ConnectionInput', connectionSchema],
    ['CloudEvent', eventSchema],
    ['PluginManifest', manifestSchema],
    ['PolicyDocument', policySchema],
    ['SimulationRequest', simulationSchema],
  ];
  for (const [name, { $schema: _schema, $id: _id, $defs = {}, ...schema }] of roots) {
    all[name] = schema;
    Object.assign(all, $defs);
  }
  Object.assign(all, apiSchema.$defs);
  return JSON.parse(
    JSON.stringify(all).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as Schema;
}
