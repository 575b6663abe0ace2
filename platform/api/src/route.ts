import type { Request, Response } from 'express';
import type { RequestBodies, RequestName } from './requests.ts';
import type { Caller } from './services/audit.ts';
import { MalformedError, PreconditionRequiredError } from './problems.ts';
import type { Basis } from './services/journeys.ts';

// A route is declared once: it is served from the declaration, and described from it (openapi.ts).

/** What a handler is given. */
export interface Call<Body> {
  params: Record<string, string>;
  body: Body;
  caller: Caller;
  request: Request;
  response: Response;
}

/** What a handler answers. */
export interface Reply {
  status: number;
  /** JSON, unless `type` says otherwise. */
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
}

/** How a body is read. */
export type BodyMode = 'json' | 'text' | 'raw';

/** One route. */
export interface Route<Body = unknown> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters. */
  path: string;
  summary: string;
  tag: string;
  /** Whether anybody may ask. Default: only whoever is signed in. */
  isPublic?: boolean;
  /** The schema of the body. */
  body?: RequestName;
  /** The schema that describes a body which the service checks by itself. */
  describes?: string;
  /** How a body without a schema of ours is read. Default: json when `body` is given, else none. */
  mode?: BodyMode;
  /** Content types that are read. Default: application/json. */
  consumes?: string[];
  /** The largest body, in bytes. Default: 64 KB. */
  limit?: number;
  /** Query parameters and what they do. */
  query?: Record<string, string>;
  /** Request headers that matter and what they do. */
  headers?: Record<string, string>;
  /** Schemas of answers by status; undefined for one without a body. */
  answers: Record<number, string | undefined>;
  /** Answers nothing when it has written the response itself. */
  handle(call: Call<Body>): Promise<Reply | undefined> | Reply | undefined;
}

/** Declares a route whose body has a schema. */
export function route<Name extends RequestName>(
  declaration: Route<RequestBodies[Name]> & { body: Name },
): Route;
/** Declares a route whose body has none, or that has no body. */
export function route(declaration: Route): Route;
export function route(declaration: Route<never> | Route): Route {
  return declaration;
}

/** An answer in JSON. */
export function json(status: number, body: unknown, headers?: Record<string, string>): Reply {
  return { status, body, ...(headers === undefined ? {} : { headers }) };
}

/** A page of HTML. */
export function html(status: number, page: string): Reply {
  return { status, body: page, type: 'text/html; charset=utf-8' };
}

/** The address of something under the API. */
export function apiPath(...parts: (string | number)[]): string {
  return `/api/v1/${parts.map((part) => encodeURIComponent(part)).join('/')}`;
}

/** One query parameter as text; undefined when it is absent or empty. */
export function queryOf(
  { request }: Pick<Call<unknown>, 'request'>,
  name: string,
): string | undefined {
  const value = request.query[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' && first !== '' ? first : undefined;
}

/** What a list is asked for: `limit` (default 50, at most 200) and `cursor`. */
export function pageOf(call: Pick<Call<unknown>, 'request'>): { limit: number; cursor?: string } {
  const cursor = queryOf(call, 'cursor');
  return { limit: limitOf(call), ...(cursor === undefined ? {} : { cursor }) };
}

/** The `limit` of a list. */
export function limitOf(call: Pick<Call<unknown>, 'request'>): number {
  const text = queryOf(call, 'limit');
  return Math.min(text === undefined ? 50 : countOf('limit', text), 200);
}

/** A whole number from 1, from a query or a path. */
export function countOf(name: string, text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number >= 1) return number;
  throw new MalformedError('query-invalid', `${name} is '${text}': give a whole number from 1`);
}

/** A query parameter that must be one of a few words. */
export function wordOf<Word extends string>(
  call: Pick<Call<unknown>, 'request'>,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = queryOf(call, name);
  if (text === undefined) return undefined;
  const word = words.find((item) => item === text);
  if (word !== undefined) return word;
  throw new MalformedError('query-invalid', `${name} is '${text}': give ${words.join(' or ')}`);
}

/** The `subject` of a query, `type/key`. */
export function subjectQueryOf(
  call: Pick<Call<unknown>, 'request'>,
): { type: string; key: string } | undefined {
  const text = queryOf(call, 'subject');
  if (text === undefined) return undefined;
  const at = text.indexOf('/');
  if (at > 0 && at < text.length - 1) return { type: text.slice(0, at), key: text.slice(at + 1) };
  throw new MalformedError('query-invalid', `subject is '${text}': give type/key`);
}

/** The revision that a change is based on, from `If-Match`. */
export function ifMatchOf({ request }: Pick<Call<unknown>, 'request'>): Basis {
  const given = request.get('if-match')?.trim();
  if (given === undefined || given === '')
    throw new PreconditionRequiredError(
      'if-match-missing',
      'say with If-Match which revision the change is based on: its ETag',
    );
  if (given === '*') return 'any';
  const revision = /^(?:W\/)?"?(\d{1,15})"?$/.exec(given)?.[1];
  return revision === undefined ? -1 : Number(revision); // an ETag that is none of ours stands nowhere
}

/** The `Idempotency-Key`; undefined when it is absent. */
export function idempotencyKeyOf({ request }: Pick<Call<unknown>, 'request'>): string | undefined {
  const key = request.get('idempotency-key')?.trim();
  if (key === undefined || key === '') return undefined;
  if (key.length <= 256) return key;
  throw new MalformedError('query-invalid', 'an Idempotency-Key has at most 256 characters');
}
