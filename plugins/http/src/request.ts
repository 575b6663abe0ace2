import { PluginError, type Json } from '@sojourn/plugin-kit';
import type { OutcomeRule } from './answer.ts';
import { headersOf, type ApiSettings } from './settings.ts';

/** Config of `http/request`, rendered and checked. */
export interface RequestConfig {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean>;
  headers?: Record<string, string>;
  body?: Json;
  deduplicates?: boolean;
  outcomes: OutcomeRule[];
}

/** A request as it is sent. */
export interface ApiRequest {
  url: URL;
  method: RequestConfig['method'];
  headers: Headers;
  body?: string;
  /** Whether sending it twice is the same as once: then one that was cut off is sent again. */
  isRepeatable: boolean;
}

/** Headers that say who asks, or how the line is used: those are the connection's, and ours. */
const refused = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'idempotency-key'],
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'expect'],
]);

/** Methods that do the same however often they come. */
const repeatable: readonly unknown[] = ['GET', 'HEAD', 'PUT', 'DELETE'];

/** Whether the same request may come twice. */
export function isRepeatable(config: { method?: unknown; deduplicates?: unknown }): boolean {
  return config.deduplicates === true || repeatable.includes(config.method);
}

/** Makes the request of a config. Throws `PluginError` of kind `config` when it cannot be sent. */
export function requestOf(
  config: RequestConfig,
  settings: ApiSettings,
  idempotencyKey: string,
): ApiRequest {
  const { method } = config;
  const headers = new Headers({ accept: 'application/json' });
  for (const [name, value] of Object.entries(config.headers ?? {})) set(headers, name, value);
  const body = bodyOf(config, headers);
  for (const [name, value] of headersOf(settings)) headers.set(name, value);
  if (method === 'POST' || method === 'PATCH') headers.set('idempotency-key', idempotencyKey);
  return {
    url: urlOf(config, settings.baseUrl),
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    isRepeatable: isRepeatable(config),
  };
}

/** The address: the connection's with the path added, and nothing in it that leads out of there. */
function urlOf({ path, query = {} }: RequestConfig, baseUrl: string): URL {
  const [plain = ''] = path.split(/[?#]/);
  if (plain.split(/[/\\]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment)))
    throw wrong('/path', "a part of it is '.' or '..'");
  const url = new URL(baseUrl.replace(/\/+$/, '') + path);
  url.hash = '';
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, String(value));
  return url;
}

function set(headers: Headers, name: string, value: string): void {
  const known = name.toLowerCase();
  if (refused.has(known))
    throw wrong(`/headers/${known}`, 'it cannot be set here: who asks is set in the connection');
  try {
    headers.set(name, value);
  } catch {
    throw wrong(`/headers/${known}`, 'its value cannot be sent'); // the reason would quote it
  }
}

function bodyOf({ method, body }: RequestConfig, headers: Headers): string | undefined {
  if (body === undefined || body === '') return undefined;
  if (method === 'GET' || method === 'HEAD') throw wrong('/body', `${method} has none`);
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  if (typeof body !== 'string') return JSON.stringify(body);
  if (/json/i.test(headers.get('content-type') ?? '')) requireJson(body);
  return body;
}

function requireJson(body: string): void {
  try {
    JSON.parse(body);
  } catch {
    throw wrong('/body', 'it is no JSON: write values between quotes, or as { "cel": … }');
  }
}

function wrong(pointer: string, detail: string): PluginError {
  return new PluginError({
    code: 'request-invalid',
    kind: 'config',
    detail: `${pointer}: ${detail}`,
  });
}
