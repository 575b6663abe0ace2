import express, { type Express, type RequestHandler, type Response } from 'express';
import { isTooDeep } from './depth.ts';
import { MalformedError, UnsupportedTypeError } from './problems.ts';
import { requireValid } from './requests.ts';
import type { BodyMode, Call, Reply, Route } from './route.ts';
import type { Caller } from './services/audit.ts';

const defaultLimit = 64 * 1024;
const deepestBody = 200;

/** Serves a route: reads its body, checks it, and writes what the handler answers. */
export function serve(app: Express, route: Route): void {
  const handle: RequestHandler = async (request, response) => {
    const { body: schema } = route;
    const body: unknown = (request as { body?: unknown }).body;
    const isJson = !(body instanceof Uint8Array); // bytes are read by whoever they are for
    if (isJson && schema !== 'DiagnosticsRequest') requireShallow(body); // that one has an answer for any JSON
    if (schema !== undefined) requireValid(schema, body ?? {});
    const call: Call<unknown> = {
      params: request.params as Record<string, string>,
      body: body ?? (schema === undefined ? undefined : {}),
      caller: callerOf(response),
      request,
      response,
    };
    const reply = await route.handle(call);
    if (reply) write(response, reply);
  };
  app[route.method](expressPath(route.path), noting(route), ...reading(route), handle);
}

/** Who asks: the routes behind the door always know; the public ones are asked by `anybody`. */
export function callerOf({ locals }: Response): Caller {
  const { caller, requestId } = locals as { caller?: Caller; requestId: string };
  return caller ?? { id: 'anybody', name: 'Anybody', requestId };
}

/** `/journeys/{key}/runs:bulk` as Express writes it. */
function expressPath(path: string): string {
  return path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Remembers the route's pattern for the log and the metrics: the address itself may name a person. */
function noting({ path }: Route): RequestHandler {
  return (_request, response, next) => {
    response.locals['route'] = path;
    next();
  };
}

function reading(route: Route): RequestHandler[] {
  const mode: BodyMode | undefined = route.mode ?? (route.body === undefined ? undefined : 'json');
  if (mode === undefined) return [];
  const { limit = defaultLimit, consumes = ['application/json'] } = route;
  return [
    requireType(consumes),
    express.raw({ type: () => true, limit }),
    (request, _response, next) => {
      const given: unknown = request.body;
      const bytes = Buffer.isBuffer(given) ? given : undefined;
      request.body = bytes && bytes.length > 0 ? parse(bytes, mode) : undefined;
      next();
    },
  ];
}

function requireType(consumes: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined ||
      Number(request.headers['content-length'] ?? 0) > 0;
    if (!hasBody || consumes.includes('*/*')) {
      next();
      return;
    }
    const [type = '', ...parameters] = (request.get('content-type') ?? '').toLowerCase().split(';');
    const charset = /charset="?([\w-]+)/.exec(parameters.join(';'))?.[1] ?? 'utf-8';
    if (!consumes.includes(type.trim()))
      throw new UnsupportedTypeError(
        'content-type',
        `'${type.trim()}' is not read here: send ${consumes.join(' or ')}`,
      );
    if (charset !== 'utf-8' && charset !== 'utf8')
      throw new UnsupportedTypeError('content-type', 'text is read as UTF-8 only');
    next();
  };
}

function parse(bytes: Buffer, mode: BodyMode): unknown {
  if (mode === 'raw') return bytes;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedError('body-malformed', 'the body is no UTF-8');
  }
  if (mode === 'text') return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = error instanceof Error ? /position \d+/.exec(error.message)?.[0] : undefined;
    throw new MalformedError(
      'body-malformed',
      `the body is no JSON${position === undefined ? '' : ` (${position})`}`,
    );
  }
  return value;
}

/** Refuses a body nested deeper than anybody means: what walks it would run out of stack. */
function requireShallow(body: unknown): void {
  if (isTooDeep(body, deepestBody))
    throw new MalformedError('body-malformed', `the body is nested more than ${deepestBody} deep`);
}

function write(response: Response, { status, body, type, headers = {} }: Reply): void {
  response.status(status).set(headers);
  if (body === undefined) response.end();
  else if (type === undefined) response.json(body);
  else response.type(type).send(body);
}
