import { PluginError, type PluginErrorKind } from './contract.ts';

// What an answer over HTTP, or none, means for the next attempt.
//
//   F1. What broke before anything was sent may be tried again. What broke afterwards has an unknown outcome, unless the same
//       request may come twice.
//   F2. No error names an address, a header or a body: they may be about a person, or secret.

const longestPauseMs = 86_400_000;

/** The error of an answer whose status is no success. `isRepeatable`: the same request may come twice. */
export function errorOfStatus(
  status: number,
  {
    isRepeatable,
    retryAfterMs,
    code = `http-${status}`,
    detail = `the API answered ${status}`,
  }: { isRepeatable: boolean; retryAfterMs?: number; code?: string; detail?: string },
): PluginError {
  const make = (kind: PluginErrorKind, more = ''): PluginError =>
    new PluginError({
      ...{ code, kind, detail: `${detail}${more}` },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) return make('rate-limited');
  if (status === 401 || status === 403) return make('auth', ': it refused the credentials');
  if (status === 408 || status === 425) return make('retryable');
  if ((status === 502 || status === 504) && !isRepeatable)
    return make('unknown-outcome', ': nobody knows whether the request reached it'); // F1
  if (status >= 500) return make('retryable');
  return make('permanent', status < 400 ? ': it leads elsewhere, and no outcome is for that' : '');
}

/** The error of a line that broke, or was never open (F1, F2). What is a `PluginError` already stays what it is. */
export function errorOfLine(
  error: unknown,
  { isRepeatable, signal }: { isRepeatable: boolean; signal: AbortSignal },
): PluginError {
  if (error instanceof PluginError) return error;
  const code = codeOf(error);
  const make = (name: string, kind: PluginErrorKind, detail: string): PluginError =>
    new PluginError({ code: name, kind, detail });
  if (unsent.has(code)) return make('api-unreachable', 'retryable', 'the API cannot be reached');
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code))
    return make('api-certificate', 'config', 'the certificate of the API is not trusted');
  const how = signal.aborted ? 'the API did not answer in time' : 'the line to the API broke';
  return isRepeatable
    ? make('api-broken', 'retryable', how)
    : make('api-unknown-outcome', 'unknown-outcome', `${how}: nobody knows what it did`);
}

/** How long a `Retry-After` asks for, in seconds or as a date: a second at least, a day at most. */
export function pauseOf(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const pauseMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(pauseMs) ? Math.min(Math.max(pauseMs, 1_000), longestPauseMs) : undefined;
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
