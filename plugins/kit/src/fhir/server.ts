import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderMood } from '../contract.ts';
import { isSameText } from '../signature.ts';
import type { FhirResource } from './resource.ts';

/** A request, as FHIR means it. */
export interface FhirRequest {
  method: string;
  type: string;
  id: string | undefined;
  query: Record<string, string>;
  headers: Record<string, string | undefined>;
  body: unknown;
}

export interface FhirAnswer {
  status: number;
  resource: FhirResource;
}

/** Why a server does not do what it is asked: an issue type of FHIR, and a code of its own. */
export class FhirFault extends Error {
  readonly status: number;
  readonly issue: string;
  readonly code: string | undefined;

  constructor(status: number, issue: string, code?: string) {
    super(code ?? issue);
    this.name = 'FhirFault';
    this.status = status;
    this.issue = issue;
    this.code = code;
  }
}

export interface FhirServerOptions {
  port: number;
  token: string;
  mood: () => ProviderMood;
  /** Throws `FhirFault`. */
  answer: (request: FhirRequest) => FhirAnswer;
}

const mostBytes = 1_048_576;
const root = '/fhir';

const moods = {
  busy: new FhirFault(429, 'throttled'),
  broken: new FhirFault(500, 'exception'),
  unauthorised: new FhirFault(401, 'login'),
  refusing: new FhirFault(400, 'business-rule', 'not-wanted'),
} as const;

const capabilities = {
  ...{ resourceType: 'CapabilityStatement', status: 'active', kind: 'instance' },
  ...{ fhirVersion: '4.0.1', format: ['json'] },
};

/** Serves FHIR R4 JSON on a loopback port, to whoever has the token. */
export async function serveFhir(
  options: FhirServerOptions,
): Promise<{ baseUrl: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(request, options).then(
      ({ status, resource }) => write(response, status, resource),
      (error: unknown) => {
        if (error instanceof FhirFault) write(response, error.status, outcomeOf(error));
        else write(response, 500, outcomeOf(new FhirFault(500, 'exception', String(error)))); // ours: said whole
      },
    );
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${root}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(
  request: IncomingMessage,
  { token, mood, answer }: FhirServerOptions,
): Promise<FhirAnswer> {
  const text = await textOf(request);
  const now = mood();
  if (now !== 'well') throw moods[now];
  if (!isSameText(request.headers.authorization ?? '', `Bearer ${token}`)) throw moods.unauthorised;
  const url = new URL(request.url ?? '', 'http://sandbox');
  const [, type = '', id] =
    /^\/fhir\/([A-Za-z]+)(?:\/([A-Za-z0-9.-]{1,64}))?$/.exec(url.pathname) ?? [];
  if (type === 'metadata') return { status: 200, resource: capabilities };
  if (type === '') throw new FhirFault(404, 'not-found');
  const { method = '', headers } = request;
  return answer({
    ...{ method, type, id, body: jsonOf(text) },
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value?.toString()]),
    ),
  });
}

function write(response: ServerResponse, status: number, resource: FhirResource): void {
  response
    .writeHead(status, {
      'content-type': 'application/fhir+json',
      ...(status === 429 ? { 'retry-after': '1' } : {}),
      ...(status === 201
        ? { location: `${root}/${resource.resourceType}/${resource.id ?? ''}` }
        : {}),
    })
    .end(JSON.stringify(resource));
}

function outcomeOf({ issue, code }: FhirFault): FhirResource & { issue: object[] } {
  const details = code === undefined ? {} : { details: { coding: [{ code }] } };
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: issue, ...details }],
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    read += chunk.byteLength;
    if (read > mostBytes) throw new FhirFault(413, 'too-long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new FhirFault(400, 'structure');
  }
}
