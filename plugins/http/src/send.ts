import {
  errorOfLine,
  errorOfStatus,
  pauseOf,
  type PluginContext,
  type PluginError,
} from '@sojourn/plugin-kit';
import { readAnswer, type Answer } from './answer.ts';
import type { ApiRequest } from './request.ts';

// Sends a request once, and says what a failure means for the next attempt (F1 and F2 are the kit's, `http-errors.ts`).
//
//   F3. A redirect is followed by a request that only reads, and only to the same origin: credentials go nowhere else.

const mostRedirects = 5;

/** An answer, with how long the API asks to be left alone. */
export interface Sent {
  answer: Answer;
  retryAfterMs?: number;
}

/** Sends it and reads the answer, of whatever status. Throws `PluginError` when there is none. */
export async function send(request: ApiRequest, context: PluginContext): Promise<Sent> {
  try {
    const response = await follow(request, context);
    const retryAfterMs = pauseOf(response.headers.get('retry-after'), context.clock());
    const answer = await readAnswer(response);
    return { answer, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    throw errorOfLine(error, { ...request, signal: context.signal });
  }
}

/** What an answer means that no outcome is for. */
export function errorOf(
  { answer: { status }, retryAfterMs }: Sent,
  request: ApiRequest,
): PluginError {
  return errorOfStatus(status, {
    isRepeatable: request.isRepeatable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
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
