import type {
  ActionManifest,
  ConnectionType,
  EventManifest,
  PluginManifest,
} from '@sojourn/schemas';

// Terminology
//   plugin       a package that teaches Sojourn one channel: a manifest and a few functions
//   action       one thing a plugin can do; its `outcomes` become the ports of a step
//   connection   a configured set of credentials and settings; opened only for the call
//   reference    the provider's own id of what it accepted
//   receipt      what a provider answered at once; a *callback* is what it reports later
//
// Plugin code runs in activities, never inside a workflow. Retries are the host's: a client library's own must be off.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** A person or account, as a plugin sees it. */
export interface PluginSubject {
  type: string;
  key: string;
  attributes: JsonObject;
}

/** What an action is asked to do. */
export interface PerformRequest<Config = JsonObject> {
  /** Rendered and checked against the action's schema. */
  config: Config;
  subject: PluginSubject;
  /** `runId/stepId#visit`: the same on every retry, crash and replay. Hand it to the provider. */
  idempotencyKey: string;
  /** From 1. */
  attempt: number;
  /** Milliseconds since 1970: no later than this. */
  deadline: number;
  /** Where a provider may report later. */
  callbackUrl?: string;
  /** Why this person is contacted; absent for actions that contact nobody. */
  purpose?: string;
  links: LinkMaker;
}

/** Makes the signed links that messages carry. */
export interface LinkMaker {
  /** Leads to `target` and reports `<plugin>.clicked`. */
  click(target: string): string;
  /** The address of a picture of one pixel that reports `<plugin>.opened`. */
  open(): string;
  /** A page to unsubscribe from this channel; POST to it unsubscribes at once (RFC 8058). */
  unsubscribe(): string;
}

/** An opened connection: settings with their secrets in clear. Never log it. */
export interface OpenConnection<Settings = JsonObject> {
  id: string;
  plugin: string;
  type: string;
  settings: Settings;
}

/** What plugin code may touch. */
export interface PluginContext<Settings = JsonObject> {
  connection: OpenConnection<Settings>;
  /** As everywhere, but it reaches only what the egress rule allows, and answers a redirect instead of following it. */
  fetch: typeof globalThis.fetch;
  /** Resolves a host and refuses what the egress rule forbids, before a socket is opened. Answers the address to connect to. */
  resolve(host: string, port: number): Promise<{ address: string; port: number }>;
  log: PluginLog;
  /** Aborted at the deadline, and when the host stops. */
  signal: AbortSignal;
  clock: () => number;
}

export interface PluginLog {
  info(message: string, values?: Record<string, Json>): void;
  warn(message: string, values?: Record<string, Json>): void;
}

/** What `perform` answers. */
export type PerformResult =
  { type: 'done'; outcome: string; output: JsonObject } | { type: 'accepted'; reference: string };

/** The action ended. */
export function done(outcome: string, output: JsonObject = {}): PerformResult {
  return { type: 'done', outcome, output };
}

/** The provider took it and will report the end later. */
export function accepted(reference: string): PerformResult {
  return { type: 'accepted', reference };
}

/** What `reconcile` answers: what became of an earlier attempt with the same key. */
export type Reconciliation = PerformResult | { type: 'not-found' };

/** What a provider reports later, with the provider's own id of the report. */
export type ProviderReport =
  | { type: 'settled'; eventId: string; reference: string; outcome: string; output: JsonObject }
  | {
      type: 'happened';
      eventId: string;
      eventType: string;
      subject?: string;
      reference?: string;
      data: JsonObject;
    };

/** A raw callback, before anything is believed of it. */
export interface RawRequest {
  method: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  body: Uint8Array;
}

export interface ConnectionHealth {
  status: 'ok' | 'degraded' | 'down';
  latencyMs: number;
  detail?: string;
}

export type PluginErrorKind =
  'retryable' | 'rate-limited' | 'permanent' | 'auth' | 'config' | 'unknown-outcome';

/** The one error a plugin throws. `detail` names no recipient, no content and no secret. */
export class PluginError extends Error {
  readonly code: string;
  readonly kind: PluginErrorKind;
  readonly retryAfterMs: number | undefined;

  constructor(options: {
    code: string;
    kind: PluginErrorKind;
    detail: string;
    retryAfterMs?: number;
    cause?: unknown;
  }) {
    super(options.detail, { cause: options.cause });
    this.name = 'PluginError';
    this.code = options.code;
    this.kind = options.kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** An action: its manifest and what it does. */
export interface ActionDefinition extends ActionManifest {
  perform(request: PerformRequest, context: PluginContext): Promise<PerformResult>;
  /**
   * Asked after an unknown outcome, with the step's config as it is written: not rendered. Throw `PluginError` of kind
   * `unknown-outcome` when the provider cannot be asked.
   */
  reconcile?(
    idempotencyKey: string,
    context: PluginContext,
    written: JsonObject,
  ): Promise<Reconciliation>;
  /** The run left the step: is it still possible to stop it? */
  cancel?(reference: string, context: PluginContext): Promise<boolean>;
  /** What a person would get, for a canvas to show. Pure; sends nothing. */
  preview?(request: { config: JsonObject; subject: PluginSubject }): JsonObject;
  /** `migrations[n]` makes the config of schema version n of that of n − 1. Pure. */
  migrations?: Record<number, (config: JsonObject) => JsonObject>;
}

/** A type of connection: its manifest and how it is checked and listened to. */
export interface ConnectionDefinition extends Omit<ConnectionType, 'checks'> {
  check?(context: PluginContext): Promise<ConnectionHealth>;
  /** Channels that answer on a line of their own. Yields until `context.signal` aborts. */
  listen?(context: PluginContext): AsyncIterable<ProviderReport>;
}

export interface CallbackDefinition {
  verify(request: RawRequest, connection: OpenConnection): Promise<boolean>;
  receive(request: RawRequest, context: PluginContext): Promise<ProviderReport[]>;
}

/** A stand-in for the outside world that speaks the real protocol. */
export interface SandboxDefinition {
  /** Starts it on a free loopback port, with its data under `directory`. */
  start(options: { directory: string; port?: number }): Promise<RunningSandbox>;
}

/** One thing that arrived in the outside world: a mail, a text … as the sandbox's page shows it. */
export type SandboxItem = JsonObject & { id: string; to: string };

/**
 * How a provider treats what comes: as it should, with no time (429), broken (500), as somebody it does not know (401), or as
 * something it does not want (400). Each in the words of its own protocol.
 */
export type ProviderMood = 'well' | 'busy' | 'broken' | 'unauthorised' | 'refusing';

export interface RunningSandbox {
  /** Settings of a connection that leads into it. */
  connection: { type: string; settings: JsonObject };
  /** What has arrived, newest first; to one address when `to` is given. */
  items(filter: { to?: string; limit: number }): Promise<SandboxItem[]>;
  item(id: string): Promise<SandboxItem | undefined>;
  /** Plays the other side: what its doing makes the provider report. Throws with the reason when it cannot be done. */
  act(id: string, action: { type: string } & JsonObject): Promise<ProviderReport[]>;
  /** How the provider treats what comes from now on. */
  behave(mood: ProviderMood): void;
  /** Calls back for every arrival, until the returned function is called. */
  watch(onArrival: (item: SandboxItem) => void): () => void;
  close(): Promise<void>;
}

/** A plugin: data that can be sent to a browser, and functions that run in activities. */
export interface PluginDefinition extends Omit<
  PluginManifest,
  'actions' | 'connections' | 'events'
> {
  connections?: Record<string, ConnectionDefinition>;
  actions: Record<string, ActionDefinition>;
  events?: Record<string, EventManifest>;
  callbacks?: CallbackDefinition;
  sandbox?: SandboxDefinition;
}
