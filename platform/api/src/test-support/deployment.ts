import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject, RunEvent, RunIncident } from '@sojourn/engine';
import {
  accepted,
  createRegistry,
  definePlugin,
  done,
  PluginError,
  refused,
  type PerformRequest,
  type ProviderReport,
  type RunningSandbox,
  type SandboxItem,
} from '@sojourn/plugin-kit';
import { createTestContext } from '@sojourn/plugin-kit/testing';
import type { JourneyDocument } from '@sojourn/schemas';
import { createMemoryStore, createSealer, openSettings, type Store } from '@sojourn/store';
import { createApi, type Api } from '../app.ts';
import { createLinkSigner, linksFor, type LinkSigner } from '../links.ts';
import type { ApiDependencies, ApiSettings } from '../ports.ts';
import { ensureOwner, issueSignIn, issueToken } from '../services/access.ts';
import { createIds } from '../services/ids.ts';

/** What the test's own channel was asked to send. */
export type Sent = PerformRequest[];

/** The test's own plugin: `email/send`, with a connection that has a secret. */
function emailOf(sent: Sent, asked: string[]) {
  return definePlugin({
    id: 'email',
    version: '1.0.0',
    apiVersion: 1,
    name: 'E-mail',
    connections: {
      smtp: {
        schema: {
          type: 'object',
          additionalProperties: false,
          required: ['host'],
          properties: {
            host: { type: 'string', minLength: 1 },
            password: { type: 'string', minLength: 4, 'x-secret': true },
            inbound: {
              type: 'object',
              additionalProperties: false,
              required: ['host', 'password'],
              properties: {
                host: { type: 'string', minLength: 1 },
                password: { type: 'string', minLength: 4, 'x-secret': true },
              },
            },
          },
        },
        check: ({ connection }) => {
          if (connection.settings['host'] === 'down.example')
            return Promise.reject(
              new PluginError({
                code: 'refused',
                kind: 'retryable',
                detail: 'nobody answers there',
              }),
            );
          return Promise.resolve({ status: 'ok', latencyMs: 3 });
        },
      },
    },
    actions: {
      send: {
        title: 'Send an e-mail',
        schemaVersion: 1,
        connection: 'smtp',
        config: {
          type: 'object',
          additionalProperties: false,
          required: ['subject', 'body'],
          properties: {
            to: { type: 'string' },
            subject: { type: 'string', minLength: 1, 'x-template': true },
            body: { type: 'string', 'x-template': true },
          },
        },
        output: { type: 'object' },
        outcomes: ['sent'],
        whenSuppressed: 'sent',
        settles: 'now',
        contact: true,
        perform: (request) => {
          sent.push(request);
          return Promise.resolve(done('sent', { messageId: '<m@example>' }));
        },
      },
      ask: {
        title: 'Ask by e-mail',
        schemaVersion: 1,
        connection: 'smtp',
        config: {
          type: 'object',
          additionalProperties: false,
          properties: { yes: { type: 'string' } },
        },
        output: { type: 'object' },
        outcomes: ['yes', 'other'],
        settles: 'later',
        perform: () => Promise.resolve(accepted('ref-ask')),
        options: {
          lists: ({ search, config }, { connection }) => {
            if (search === 'slow') return new Promise(() => undefined);
            if (search === 'broken') throw new TypeError('a secret');
            asked.push(search);
            return Promise.resolve({
              items: [{ value: search, label: `${connection.id} ${JSON.stringify(config)}` }],
            });
          },
        },
        answer: ({ text }, written) =>
          text === '?'
            ? undefined
            : { outcome: text === written['yes'] ? 'yes' : 'other', output: { text } },
      },
    },
    events: { 'email.replied': { schema: {} }, 'email.stopped': { schema: {} } },
    callbacks: {
      verify: ({ headers }, connection) =>
        Promise.resolve(headers['x-signature'] === connection.settings['password']),
      receive({ body }) {
        const text = new TextDecoder().decode(body);
        return Promise.resolve(
          text === 'garbled' ? refused('no JSON') : (JSON.parse(text) as ProviderReport[]),
        );
      },
    },
  });
}

/** A deployment in memory, behind a real server. */
export interface Deployment {
  url: string;
  store: Store;
  api: Api;
  dependencies: ApiDependencies;
  signer: LinkSigner;
  token: string;
  signIn: () => Promise<string>;
  /** What runs were told, in order. */
  told: { runId: string; message: RunEvent }[];
  /** The runs whose host was ended from outside, in order. */
  terminated: string[];
  /** While true, runs cannot be told. */
  away: { host: boolean };
  sent: Sent;
  /** What choices were looked for, in order. */
  searched: string[];
  mail: SandboxItem[];
  logged: { level: string; values: object; message: string }[];
  /** The instant that the deployment takes for now; tests move it. */
  now: { at: number };
  /** Calls the API as the owner. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  close(): Promise<void>;
}

type Row = Record<string, unknown>;

/** An answer's body, as far as tests look into it. */
export interface Body extends Row {
  id: string;
  code: string;
  text: string;
  errors: { pointer: string; detail: string; code?: string }[];
  items: Row[];
  groups: Row[];
  results: { line: number; reason?: string }[];
  refused: { index: number; code: string }[];
  diagnostics: { code: string }[];
  document: Row;
  steps: Record<string, Row>;
  components: { schemas: Row };
  paths: Record<string, Record<string, { operationId: string }>>;
}

/** An answer, read. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

/** Starts a deployment. */
export async function aDeployment(
  options: { settings?: Partial<ApiSettings>; sandbox?: boolean } = {},
): Promise<Deployment> {
  const store = createMemoryStore();
  const now = { at: Date.parse('2026-11-24T08:00:00Z') };
  const clock = (): number => now.at;
  const sealer = createSealer(store.roots);
  const signer = createLinkSigner(store.roots);
  const told: Deployment['told'] = [];
  const terminated: string[] = [];
  const away = { host: false };
  const sent: Sent = [];
  const searched: string[] = [];
  const mail: SandboxItem[] = [];
  const logged: Deployment['logged'] = [];
  const keep = (level: string) => (values: object, message: string) =>
    void logged.push({ level, values, message });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const dependencies: ApiDependencies = {
    store,
    host: {
      async tell(runId, message) {
        if (away.host) throw new Error('the host is away');
        told.push({ runId, message });
        return (await store.runs.get(runId))?.status === 'ended' ? 'ended' : 'told';
      },
      terminate(runId) {
        if (away.host) return Promise.reject(new Error('the host is away'));
        terminated.push(runId);
        return Promise.resolve();
      },
    },
    registry: createRegistry([emailOf(sent, searched)]),
    sealer,
    ids: createIds(randomBytes(32)),
    signer,
    plans: {
      async byHash(hash) {
        const plan = await store.journeys.planByHash(hash);
        if (!plan) throw new Error(`there is no plan ${hash}`);
        return plan;
      },
    },
    sandboxes: options.sandbox === true ? new Map([['email', sandboxOf(mail)]]) : new Map(),
    pluginContext: (record, plugin, limit) =>
      createTestContext({
        ...{ plugin, clock, ...(typeof limit === 'number' ? {} : { signal: limit }) },
        ...(record
          ? {
              id: record.id,
              type: record.type,
              settings: openSettings(sealer, record.id, record.settings),
            }
          : {}),
      }),
    status: () => [{ name: 'temporal', state: 'up', since: now.at }],
    settings: {
      baseUrl: url,
      timeZone: 'UTC',
      version: '0.1.0',
      demo: false,
      requestsPerMinute: 1_000_000,
      ...options.settings,
    },
    log: { info: keep('info'), warn: keep('warn'), error: keep('error') },
    clock,
  };
  const api = createApi(dependencies);
  server.on('request', api.handler);
  const owner = await ensureOwner(store.access, clock);
  const token = await issueToken(store.access, owner.id, clock);

  const call: Deployment['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path.startsWith('/') ? path : `/api/v1/${path}`}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    return {
      status: response.status,
      headers: response.headers,
      body: readAs(await response.text()),
    };
  };

  return {
    url,
    store,
    api,
    dependencies,
    signer,
    token,
    signIn: () => issueSignIn(store.access, owner.id, clock),
    told,
    terminated,
    away,
    sent,
    searched,
    mail,
    logged,
    now,
    call,
    async close() {
      await api.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readAs(text: string): Body {
  try {
    return (text === '' ? {} : JSON.parse(text)) as Body;
  } catch {
    return { text } as Body;
  }
}

/** A sandbox whose mails can bounce. */
function sandboxOf(mail: SandboxItem[]): RunningSandbox {
  return {
    connection: { type: 'smtp', settings: { host: 'sandbox.example' } },
    items: ({ to, limit }) =>
      Promise.resolve(mail.filter((item) => to === undefined || item.to === to).slice(0, limit)),
    item: (id) => Promise.resolve(mail.find((item) => item.id === id)),
    act: (id, { type }) => {
      if (type !== 'bounce') return Promise.reject(new Error(`'${type}' is nothing one can do`));
      return Promise.resolve([
        {
          type: 'happened',
          eventId: `${id}/bounce`,
          eventType: 'email.bounced',
          data: { kind: 'hard' },
        },
      ]);
    },
    behave: () => undefined,
    watch: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A document with defaults: a welcome mail, a wait, an end. */
export function aDocument(parts: Partial<JourneyDocument> = {}): JourneyDocument {
  return {
    format: 1,
    key: 'adherence',
    name: 'Adherence',
    subject: 'patient',
    entry: [{ on: 'event', event: 'prescription.filled' }, { on: 'manual' }],
    exits: [{ id: 'withdrawn', event: 'consent.withdrawn', outcome: 'withdrawn' }],
    start: 'welcome',
    steps: {
      welcome: {
        kind: 'action',
        name: 'Welcome',
        uses: 'email/send',
        connection: 'default-email',
        purpose: 'support',
        with: { subject: 'Hello {{ subject.givenName }}', body: 'Welcome' },
      },
      pause: { kind: 'wait', for: [{ port: 'later', after: 'P3D' }] },
      done: { kind: 'end', outcome: 'completed' },
    },
    edges: [
      { from: 'welcome', port: 'sent', to: 'pause' },
      { from: 'pause', port: 'later', to: 'done' },
    ],
    ...parts,
  };
}

/** Makes the connection and publishes a document; answers the version. */
export async function publish(
  deployment: Deployment,
  document: JourneyDocument = aDocument(),
): Promise<Answer> {
  const { call } = deployment;
  await call('POST', 'connections', {
    id: 'default-email',
    plugin: 'email',
    type: 'smtp',
    name: 'Mail',
    settings: { host: 'mail.example', password: 'secret-word' },
    default: true,
  });
  await call('POST', 'journeys', { key: document.key, document });
  return await call('POST', `journeys/${document.key}/versions`, {}, { 'if-match': '"1"' });
}

/** Enrols somebody and answers the run's id. */
export async function enrol(
  deployment: Deployment,
  key = 'p-1',
  journey = 'adherence',
): Promise<string> {
  const { body } = await deployment.call('POST', `journeys/${journey}/runs`, {
    subject: `patient/${key}`,
  });
  return body.id;
}

/** Stores that a run stands in an incident, as its host would. */
export async function standInIncident(
  deployment: Deployment,
  runId: string,
  incident: { code: string; step?: string; fingerprint?: string },
): Promise<string> {
  const { code, step = 'welcome', fingerprint = 'f1' } = incident;
  const id = `${runId}/${step}#1/3`;
  const { at } = deployment.now;
  await stand(deployment, runId, step, [
    { id, step, visit: 1, code, fingerprint, detail: 'it failed', at },
  ]);
  return id;
}

/** Stores that a run stands at a step, as its host would. */
export async function stand(
  { store, now }: Deployment,
  runId: string,
  step: string,
  incidents: RunIncident[] = [],
): Promise<void> {
  const run = await store.runs.get(runId);
  const state = await store.runs.state(runId);
  if (!run || !state) throw new Error(`there is no run ${runId}`);
  const waitingFor = incidents.length > 0 ? 'person' : 'effect';
  await store.runs.checkpoint({
    runId,
    journey: run.journey,
    version: run.version,
    state: { ...state, revision: state.revision + 1 },
    trail: [],
    positions: [{ step, visit: 1, since: now.at, waitingFor }],
    incidents,
  });
}

/** The links of a message of a run, as its mail would carry them. */
export function linksOf(
  { signer, url }: Deployment,
  runId: string,
  purpose?: string,
): ReturnType<typeof linksFor> {
  return linksFor(signer, url, {
    runId,
    effect: 'welcome#1',
    plugin: 'email',
    channel: 'email',
    ...(purpose === undefined ? {} : { purpose }),
  });
}

/** Stores that the message of a run is being sent. */
export async function beginMessage(
  { store, now }: Deployment,
  runId: string,
  change: { effect?: string; action?: string; connection?: string } = {},
): Promise<string> {
  const { effect = 'welcome#1', action = 'send', connection = 'default-email' } = change;
  const { at } = now;
  const id = `${runId}/${effect}`;
  await store.effects.begin({ id, runId, plugin: 'email', action, connection, at, leaseUntil: at });
  return id;
}

/** Stores that the message of a run was accepted by its provider now. */
export async function settleMessage({ store, now }: Deployment, runId: string): Promise<void> {
  await store.effects.settle(`${runId}/welcome#1`, {
    type: 'effect.settled',
    at: now.at,
    effect: 'welcome#1',
    outcome: 'sent',
    output: { messageId: '<m@example>' } satisfies JsonObject,
  });
}
