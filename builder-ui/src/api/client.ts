// Talks to the API. Every failure is an `ApiError` that says what failed and under which request id.

/** A problem as RFC 9457 describes it, with our extensions. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  code?: string;
  errors?: { pointer: string; detail: string; code?: string }[];
  yours?: number;
  theirs?: number;
}

/** An answer other than 2xx, or none at all (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  readonly requestId: string | undefined;

  constructor(status: number, problem: Problem, requestId: string | undefined) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
    this.requestId = requestId;
  }
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The answer's body and headers. */
export interface Answer<Body> {
  body: Body;
  headers: Headers;
}

const base = '/api/v1';

/** Calls the API and answers the body. */
export async function call<Body>(path: string, options: CallOptions = {}): Promise<Body> {
  return (await callWhole<Body>(path, options)).body;
}

/** Calls the API and answers body and headers. */
export async function callWhole<Body>(
  path: string,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  const response = await send(path, options);
  const text = await response.text();
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (!response.ok) {
    const problem = problemOf(text);
    throw new ApiError(response.status, problem, requestId ?? problem.instance);
  }
  return { body: (text === '' ? undefined : JSON.parse(text)) as Body, headers: response.headers };
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const { method = 'GET', body, headers = {}, signal } = options;
  try {
    return await fetch(base + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      credentials: 'same-origin',
      cache: 'no-store', // else a request may wait 20 s for another of the same address to leave the browser's cache
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, { title: 'No answer from the server' }, undefined);
  }
}

function problemOf(text: string): Problem {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/** A query string of what is given; empty when nothing is. */
export function queryOf(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** A fresh key under which a command is carried out once, however often it is sent. */
export function idempotencyKey(): Record<string, string> {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { 'idempotency-key': key };
}
