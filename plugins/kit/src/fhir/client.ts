import { createHash } from 'node:crypto';
import { PluginError, type ConnectionHealth, type Json, type PluginContext } from '../contract.ts';
import { errorOfLine, errorOfStatus, pauseOf } from '../http-errors.ts';
import { idIn } from './elements.ts';
import {
  effectSystem,
  type FhirBundle,
  type FhirResource,
  type OperationOutcome,
} from './resource.ts';

// A FHIR R4 server, as a plugin asks it.
//
//   H1. A creation may come twice: it carries the effect's name, hashed, as identifier, as condition and as Idempotency-Key.
//   H2. What a search finds is looked at: a server that does not know a parameter leaves it out, and finds somebody else's.
//   H3. An error carries the server's code, never its words.
//   H4. The next page is where the server says, within itself: an address elsewhere is not followed, and gets no token.

/** Settings of a connection `fhir`. */
export interface FhirSettings {
  baseUrl: string;
  token: string;
  signingSecret: string;
}

/** A FHIR server, asked with the credentials of a connection. Everything throws `PluginError`. */
export interface FhirClient {
  /** Creates it, unless something with this key is there already: answers what is there. */
  create<Resource extends FhirResource>(
    resource: Resource,
    more: { key: string; headers?: Record<string, string> },
  ): Promise<Resource & { id: string }>;
  /** What was created under a key; undefined when there is nothing. */
  find(type: string, key: string): Promise<(FhirResource & { id: string }) | undefined>;
  /** What answers a request, such as an EnrollmentResponse; undefined when nothing does yet. */
  answerTo(
    request: { type: string; id: string },
    type: string,
  ): Promise<(FhirResource & { id: string }) | undefined>;
  /** One page of what a search finds; `next` is where the page after it is. */
  page(
    type: string,
    from: { query: Record<string, string> } | { next: string },
  ): Promise<{ found: (FhirResource & { id: string })[]; next?: string }>;
  /** Sets a request's status to `cancelled`. Answers whether that was still possible. */
  cancel(type: string, id: string): Promise<boolean>;
  check(): Promise<ConnectionHealth>;
}

/** How the provider knows an effect: nothing can be read from it. */
export function effectKeyOf(idempotencyKey: string): string {
  return createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40);
}

/** Opens nothing: asks when it is told to. */
export function createFhirClient(context: PluginContext): FhirClient {
  const { baseUrl, token } = context.connection.settings as unknown as FhirSettings;

  const ask = async (
    path: string,
    { method = 'GET', body, type = 'application/fhir+json', headers = {} }: Asked = {},
  ): Promise<{ status: number; body: unknown; retryAfterMs: number | undefined }> => {
    try {
      const response = await context.fetch(`${baseUrl.replace(/\/+$/, '')}/${path}`, {
        method,
        headers: {
          ...{ authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
          ...(body === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        redirect: 'manual',
        signal: context.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const retryAfterMs = pauseOf(response.headers.get('retry-after'), context.clock());
      return { status: response.status, body: jsonOf(await response.text()), retryAfterMs };
    } catch (error) {
      throw errorOfLine(error, { isRepeatable: true, signal: context.signal }); // H1
    }
  };
  const must = async (path: string, asked?: Asked): Promise<unknown> => {
    const answer = await ask(path, asked);
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    throw errorOfStatus(answer.status, {
      isRepeatable: true,
      code: codeOf(answer.body, answer.status), // H3
      detail: `the FHIR server answered ${answer.status}`,
      ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
    });
  };

  const searched = async (
    type: string,
    path: string,
  ): Promise<{ found: Found[]; next?: string }> => {
    const bundle = await must(path);
    if (!isResource(bundle, 'Bundle', false)) throw unreadable();
    const { entry, link } = bundle as FhirBundle;
    const entries = Array.isArray(entry) ? entry : [];
    const links = Array.isArray(link) ? link : [];
    const next = within(baseUrl, links.find(({ relation }) => relation === 'next')?.url);
    return {
      found: entries
        .map(({ resource }) => resource)
        .filter((resource): resource is Found => isResource(resource, type)),
      ...(next === undefined ? {} : { next }),
    };
  };
  const pathOf = (type: string, query: Record<string, string>): string =>
    `${type}?${new URLSearchParams(query).toString()}`;
  const search = async (type: string, query: Record<string, string>): Promise<Found[]> =>
    (await searched(type, pathOf(type, query))).found;

  return {
    async create(resource, { key, headers = {} }) {
      const created = await must(resource.resourceType, {
        method: 'POST',
        body: resource,
        headers: {
          'idempotency-key': key,
          'if-none-exist': new URLSearchParams({
            identifier: `${effectSystem}|${key}`,
          }).toString(),
          prefer: 'return=representation',
          ...headers,
        },
      });
      if (!isResource(created, resource.resourceType)) throw unreadable();
      return created as typeof resource & { id: string };
    },

    async find(type, key) {
      const found = await search(type, { identifier: `${effectSystem}|${key}` });
      return found.find(({ identifier }) => {
        const identifiers = Array.isArray(identifier) ? (identifier as unknown[]) : [];
        return identifiers.some(
          (one) => JSON.stringify(one) === JSON.stringify({ system: effectSystem, value: key }),
        ); // H2
      });
    },

    async answerTo(request, type) {
      const reference = `${request.type}/${request.id}`;
      const found = await search(type, { request: reference });
      return found.find(
        (resource) =>
          idIn(resource['request'] as { reference?: string }, request.type) === request.id,
      ); // H2
    },

    async page(type, from) {
      if ('query' in from) return await searched(type, pathOf(type, from.query));
      const path = within(baseUrl, from.next);
      if (path === undefined) throw unreadable();
      return await searched(type, path);
    },

    async cancel(type, id) {
      const answer = await ask(`${type}/${encodeURIComponent(id)}`, {
        method: 'PATCH',
        type: 'application/json-patch+json',
        body: [{ op: 'replace', path: '/status', value: 'cancelled' }],
      });
      if (answer.status >= 200 && answer.status < 300) return true;
      if ([404, 409, 410, 422].includes(answer.status)) return false;
      throw errorOfStatus(answer.status, {
        isRepeatable: true,
        code: codeOf(answer.body, answer.status),
        detail: `the FHIR server answered ${answer.status}`,
        ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
      });
    },

    async check() {
      const began = context.clock();
      const found = await must('metadata');
      const latencyMs = context.clock() - began;
      const version =
        isResource(found, 'CapabilityStatement', false) && 'fhirVersion' in found
          ? String(found.fhirVersion)
          : '';
      return version.startsWith('4.')
        ? { status: 'ok', latencyMs, detail: `it speaks FHIR ${version}` }
        : { status: 'down', latencyMs, detail: 'it does not say that it speaks FHIR R4' };
    },
  };
}

/** What an address is within a server, as a path from its base; undefined when it leads elsewhere (H4). */
function within(baseUrl: string, url: string | undefined): string | undefined {
  const base = `${baseUrl.replace(/\/+$/, '')}/`;
  if (url === undefined || !URL.canParse(url, base)) return undefined;
  const { href } = new URL(url, base);
  const root = new URL(base).href;
  if (href.startsWith(root)) return href.slice(root.length);
  return href.startsWith(`${root.slice(0, -1)}?`) ? href.slice(root.length - 1) : undefined;
}

type Found = FhirResource & { id: string } & Record<string, unknown>;

interface Asked {
  method?: string;
  body?: object;
  type?: string;
  headers?: Record<string, string>;
}

/** The server's own code, else the issue's type, else the status. */
function codeOf(body: unknown, status: number): string {
  const [issue] = isResource(body, 'OperationOutcome', false)
    ? ((body as OperationOutcome).issue ?? [])
    : [];
  const own = issue?.details?.coding?.[0]?.code;
  const isCode = (text: unknown): text is string =>
    typeof text === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(text);
  if (isCode(own)) return own;
  return isCode(issue?.code) ? `fhir-${issue.code}` : `http-${status}`;
}

function isResource(value: unknown, type: string, hasId = true): value is FhirResource {
  if (typeof value !== 'object' || value === null) return false;
  const { resourceType, id } = value as Partial<FhirResource>;
  return resourceType === type && (!hasId || typeof id === 'string');
}

function unreadable(): PluginError {
  return new PluginError({
    code: 'fhir-answer-invalid',
    kind: 'retryable',
    detail: 'the answer of the FHIR server is not what was asked for',
  });
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
