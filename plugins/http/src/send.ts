import { PluginError, type PluginContext } from '@sojourn/plugin-kit';
import { readAnswer, type Answer } from './answer.ts';
import type { ApiRequest } from './request.ts';

// Sends a request once, and says what a failure means for the next attempt.
//
//   F1. What broke before anything was sent may be tried again. What broke afterwards has an unknown outcome, unless the same
//       request may come twice.
//   F2. No error names an address, a header or a body: they may be about a person, or secret.
//   F3. A redirect is followed by a request that only reads, and only to the same origin: credentials go nowhere else.

const mostRedirects = 5;
const longestPauseMs = 86_400_000;

/** An answer, with how long the API asks to be left alone. */
export interface Sent {
  answer: Answer;
  retryAfterMs?: number;
}

/** Sends it and reads the answer, of whatever status. Throws `PluginError` when there is none. */
export async function send(request: ApiRequest, context: PluginContext): Promise<Sent> {
  try {
    const response = await follow(request, context);
    const retryAfterMs = pauseIn(response.headers.get('retry-after'), context.clock());
    const answer = await readAnswer(response);
    return { answer, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    throw brokenLine(error, request, context);
  }
}

/** What an answer means that no outcome is for. */
export function errorOf(
  { answer: { status }, retryAfterMs }: Sent,
  request: ApiRequest,
): PluginError {
  const make = (kind: PluginError['kind'], more = ''): PluginError =>
    new PluginError({
      code: `http-${status}`,
      kind,
      detail: `the API answered ${status}${more}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) return make('rate-limited');
  if (status === 401 || status === 403) return make('auth', ': it refused the credentials');
  if (status === 408 || status === 425) return make('retryable');
  if ((status === 502 || status === 504) && !request.isRepeatable)
    return make('unknown-outcome', ': nobody knows whether the request reached it'); // F1
  if (status >= 500) return make('retryable');
  return make('permanent', status < 400 ? ': it leads elsewhere, and no outcome is for that' : '');
}

async function follow({ url, method, headers, body }: ApiRequest, context: PluginContext) {
  let at = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await context.fetch(at, {
      method,
      headers,
      redirect: 'manual',
      signal: context.signal,
      ...(body === undefined ? {} : { body }),
    });
    const next = nextOf(response, at);
    const isRead = method === 'GET' || method === 'HEAD';
    if (!next || !isRead || next.origin !== url.origin || redirects === mostRedirects)
      return response; // F3
    await response.body?.cancel();
    at = next;
  }
}

function nextOf({ status, headers }: Response, at: URL): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined;
  return URL.canParse(location, at.href) ? new URL(location, at) : undefined;
}

/** What a broken line means (F1, F2). */
function brokenLine(error: unknown, request: ApiRequest, { signal }: PluginContext): PluginError {
  if (error instanceof PluginError) return error;
  const code = codeOf(error);
  const make = (name: string, kind: PluginError['kind'], detail: string): PluginError =>
    new PluginError({ code: name, kind, detail });
  if (unsent.has(code)) return make('api-unreachable', 'retryable', 'the API cannot be reached');
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code))
    return make('api-certificate', 'config', 'the certificate of the API is not trusted');
  const how = signal.aborted ? 'the API did not answer in time' : 'the line to the API broke';
  return request.isRepeatable
    ? make('api-broken', 'retryable', how)
    : make('api-unknown-outcome', 'unknown-outcome', `${how}: nobody knows what it did`);
}

/** Codes of lines that were never open. */
const unsent = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
]);

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string') return at.code;
  return '';
}

/** `Retry-After`: seconds, or a date. */
function pauseIn(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1_000), longestPauseMs) : undefined;
}
