import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import type { Egress } from './egress.ts';

// The `fetch` of plugins.
//
//   G1. The address that was checked is the one that is connected to: a name is resolved once.
//   G2. A redirect is an answer like any other: whoever follows it asks again, and is checked again.
//   G3. Each request has a line of its own: one that an earlier request left open may be closed on the other side just then.

// Node reads its fetch with the first of these: with the process, then, and not while somebody waits for an answer.
const { Headers, Request, Response } = globalThis;

const withoutBody = new Set([204, 205, 304]);

/** A `fetch` that reaches only what the egress rule allows. Rejects with the rule's `PluginError`. */
export function guardedFetch(egress: Egress): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const isSecure = url.protocol === 'https:';
    if (!isSecure && url.protocol !== 'http:')
      throw new TypeError(`plugins speak http and https, not ${url.protocol}`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const { address, port } = await egress.resolve(host, Number(url.port) || (isSecure ? 443 : 80)); // G1
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const options = {
      host: address,
      port,
      method: request.method,
      path: url.pathname + url.search,
      headers: {
        'accept-encoding': 'identity',
        ...Object.fromEntries(request.headers),
        host: url.host,
        ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
      },
      signal: request.signal,
      agent: false, // G3
    };
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = isSecure
        ? requestSecure({ ...options, ...(isIP(host) ? {} : { servername: host }) })
        : requestPlain(options);
      outgoing.on('response', resolve).on('error', reject).end(body);
    });
    return responseOf(message, request.method); // G2
  };
}

function responseOf(message: IncomingMessage, method: string): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', headersDistinct } = message;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  if (method === 'HEAD' || withoutBody.has(status)) {
    message.resume();
    return new Response(null, { status, statusText, headers });
  }
  return new Response(Readable.toWeb(message) as ReadableStream, { status, statusText, headers });
}
