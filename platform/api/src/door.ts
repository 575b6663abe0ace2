import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { MisdirectedError, NotAllowedError, UnauthenticatedError } from './problems.ts';
import type { Access } from './services/access.ts';
import type { Caller } from './services/audit.ts';

// Who is let in.
//
//   D1. Only our own host names are answered, so that a page elsewhere cannot reach us under a name of its own (DNS rebinding).
//   D2. A change that comes with a cookie comes from our own pages. A browser says where it comes from; a request that says
//       nothing comes from no page.
//   D3. A bearer token is asked first. One that is unknown lets nobody in, whatever cookie stands beside it.

const cookieName = 'sojourn';
const loopback = ['127.0.0.1', 'localhost', '[::1]'];

/** The session's secret in a request's cookie. */
export function cookieOf(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === cookieName) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** The header that begins a session. */
export function sessionCookie(secret: string, maxAgeMs: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${Math.floor(maxAgeMs / 1000)}${secure}`;
}

/** The header that ends one. */
export function clearedCookie(isSecure: boolean): string {
  return sessionCookie('', 0, isSecure);
}

/** Refuses host names that are not ours (D1). */
export function checkHost(baseUrl: string): RequestHandler {
  const own = new URL(baseUrl).host;
  return (request, _response, next) => {
    const given = (request.headers.host ?? '').toLowerCase();
    if (given === own || hostsHere(request).includes(given)) {
      next();
      return;
    }
    throw new MisdirectedError('host-unknown', 'this server does not answer under that name');
  };
}

/** Refuses changes that a page of another site sends along with our cookie (D2). */
export function checkOrigin(baseUrl: string): RequestHandler {
  const own = new URL(baseUrl).origin;
  const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
  return (request, _response, next) => {
    if (safe.has(request.method) || cookieOf(request) === undefined) {
      next();
      return;
    }
    const { origin } = request.headers;
    const site = request.get('sec-fetch-site');
    const isOurs =
      origin === undefined
        ? site === undefined || site === 'same-origin' || site === 'none'
        : origin === own || hostsHere(request).some((host) => origin === `http://${host}`);
    if (isOurs) {
      next();
      return;
    }
    throw new NotAllowedError('origin-refused', 'changes are taken from our own pages only');
  };
}

/** This machine's names for the port that was asked. */
function hostsHere({ socket }: Request): string[] {
  const port = socket.localPort ?? 0;
  return loopback.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

/** Finds out who asks, and remembers it (D3). Whether that is needed is for each route to say. */
export function recognise(access: Access): RequestHandler {
  return async (request, response, next) => {
    const caller = await callerOf(request);
    if (caller) response.locals['caller'] = caller;
    next();

    async function callerOf({ headers }: Request): Promise<Caller | undefined> {
      const requestId = response.locals['requestId'] as string;
      const bearer = /^Bearer +([\w.~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
      const session = cookieOf(request);
      const user =
        headers.authorization !== undefined
          ? bearer !== undefined && (await access.userOf(bearer, 'token'))
          : session !== undefined && (await access.userOf(session, 'session'));
      return user ? { id: user.id, name: user.name, requestId } : undefined;
    }
  };
}

/** Refuses whoever is unknown. */
export const requireCaller: RequestHandler = (_request, response, next) => {
  if (response.locals['caller'] !== undefined) {
    next();
    return;
  }
  response.set('www-authenticate', 'Bearer');
  throw new UnauthenticatedError('sign-in-needed', 'sign in, or send a bearer token');
};
