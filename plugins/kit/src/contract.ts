import type { Socket } from 'node:net';

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
  /**
   * Where a provider may report the end of this very effect: the address is made before the call, so that a report may overtake the
   * answer. Absent when the plugin takes no callbacks.
   */
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
  /** What they are made from: a plugin in a process of its own makes them there. */
  readonly grant?: LinkGrant;
}

/** The right to make the links of one message, and of no other. */
export interface LinkGrant {
  baseUrl: string;
  /** In hex. */
  key: string;
  runId: string;
  effect: string;
  plugin: string;
  channel: string;
  purpose: string;
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
  /** Opens a socket to a host that the egress rule allows; with `tls` only to one whose certificate names that host. */
  connect(host: string, port: number, options?: { tls?: boolean }): Promise<Socket>;
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

/**
 * Whom a report is about, when no reference says so: somebody known by type and key, or by an attribute that they have, such as
 * `{ attribute: 'phone', value: '+886912345678' }`.
 */
export type ReportSubject = { type: string; key: string } | { attribute: string; value: string };

/** Something that a person wrote to us. */
export interface InboundMessage {
  /** As it was written, without what was quoted. */
  text: string;
  /** BCP 47, when the channel tells. */
  language?: string;
}

/** The end of an effect. */
export interface SettledReport {
  type: 'settled';
  /** The provider's own id of this report: the same again is the same report. */
  eventId: string;
  /** The provider's own id of what it accepted. Absent: it came to the effect's own `callbackUrl`. */
  reference?: string;
  outcome: string;
  output: JsonObject;
}

/** Something that happened, whether a run waits for it or not. */
export interface HappenedReport {
  type: 'happened';
  /** The provider's own id of this report: the same again is the same report. */
  eventId: string;
  /** One of the plugin's events. */
  eventType: string;
  subject?: ReportSubject;
  /** What it is about: the provider's own id of what it accepted. */
  reference?: string;
  data: JsonObject;
  /** What a person wrote: it is kept, attached to whom and what it belongs to, and heard by the step that asked. */
  message?: InboundMessage;
}

/** What a provider reports later. */
export type ProviderReport = SettledReport | HappenedReport;

/** Why a verified callback is not taken: the provider is told. */
export interface Refusal {
  type: 'refused';
  reason: string;
}

/** An effect ended. `reference` is undefined when it came to the effect's own `callbackUrl`. */
export function settled(
  reference: string | undefined,
  outcome: string,
  output: JsonObject,
  { eventId }: { eventId: string },
): SettledReport {
  return {
    type: 'settled',
    eventId,
    ...(reference === undefined ? {} : { reference }),
    outcome,
    output,
  };
}

/** Something happened. */
export function happened(
  eventType: string,
  subject: ReportSubject | undefined,
  data: JsonObject,
  more: { eventId: string; reference?: string; message?: InboundMessage },
): HappenedReport {
  return { type: 'happened', eventType, ...(subject ? { subject } : {}), data, ...more };
}

/** A callback that is genuine but cannot be taken. `reason` names no person and no secret. */
export function refused(reason: string): Refusal {
  return { type: 'refused', reason };
}

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

/** A plugin in a process of its own answers a moment later. */
export type Awaitable<Value> = Value | Promise<Value>;

/** How what somebody wrote ends the step that asked. */
export interface HeardAnswer {
  outcome: string;
  output: JsonObject;
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
  /** Undoes a done effect. */
  compensate?(
    done: { idempotencyKey: string; outcome: string; output: JsonObject },
    context: PluginContext,
  ): Promise<void>;
  /**
   * What somebody wrote, as an answer to what this action asked: how the step ends, or undefined when it says nothing to it. Pure.
   * `written` is the step's config as it is written: not rendered.
   */
  answer?(message: InboundMessage, written: JsonObject): Awaitable<HeardAnswer | undefined>;
  /** Choices for the fields of the form that say `x-options: <name>`. Answers within three seconds; kept for a minute. */
  options?: Record<string, (query: OptionQuery, context: PluginContext) => Promise<OptionPage>>;
  /** What a person would get, for a canvas to show. Pure; sends nothing. */
  preview?(request: { config: JsonObject; subject: PluginSubject }): Awaitable<JsonObject>;
  /** `migrations[n]` makes the config of schema version n of that of n − 1. Pure. */
  migrations?: Record<number, (config: JsonObject) => Awaitable<JsonObject>>;
  /** Schema versions before this one that runs may still need, by their number. */
  earlier?: Record<number, ActionDefinition>;
}

/** What is looked for among the choices of a field. */
export interface OptionQuery {
  /** What was typed; empty at first. */
  search: string;
  /** Where the page before ended. */
  cursor?: string;
  /** The form as it stands. */
  config: JsonObject;
}

/** Some choices. */
export interface OptionPage {
  items: { value: string; label: string }[];
  nextCursor?: string;
}

/** A type of connection: its manifest and how it is checked and listened to. */
export interface ConnectionDefinition extends Omit<ConnectionType, 'checks'> {
  check?(context: PluginContext): Promise<ConnectionHealth>;
  /**
   * Channels that answer on a line of their own. Yields until `context.signal` aborts. When it is asked for the next report, the one
   * before is stored: only then may the provider be told so. Whatever it throws, it is begun again.
   */
  listen?(context: PluginContext): AsyncIterable<ProviderReport>;
}

/** How a plugin takes what its provider reports over HTTP. */
export interface CallbackDefinition {
  /** Whether the provider of this connection made it, body and all. Asked before anything else. */
  verify(request: RawRequest, connection: OpenConnection): Promise<boolean>;
  /** `asked` is the step whose own address it came to; undefined at a connection's one address. */
  receive(
    request: RawRequest,
    context: PluginContext,
    asked?: AskedStep,
  ): Promise<ProviderReport[] | Refusal>;
}

/** A step that waits for its end. */
export interface AskedStep {
  action: string;
  /** Its config as it is written: not rendered. */
  written: JsonObject;
}

/** A stand-in for the outside world that speaks the real protocol. */
export interface SandboxDefinition {
  /** Starts it on a free loopback port, with its data under `directory`. What it had answered for is there after any crash. */
  start(options: SandboxOptions): Promise<RunningSandbox>;
}

export interface SandboxOptions {
  directory: string;
  port?: number;
}

/** One thing in the outside world: a mail, a text, an order … as the sandbox's page shows it. */
export type SandboxItem = JsonObject & {
  id: string;
  /** To whom or for whom, as the provider knows them. */
  to: string;
  /** RFC 3339: when it came. */
  at?: string;
  /** How it stands, in the provider's own word: `new`, `packed`, `delivered` … */
  state?: string;
  /** What the other side can do with it now, the usual first. */
  moves?: SandboxMove[];
};

/** Something that the other side can do. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no JSON value to TypeScript
export type SandboxMove = {
  type: string;
  title: Record<string, string>;
  /** Whether it is one of the ways in which things go wrong. */
  harm?: boolean;
  /** A JSON Schema of what is said with it, with defaults: `{ text }` of an answer. */
  input?: JsonObject;
};

/**
 * How a provider treats what comes: as it should, with no time (429), broken (500), as somebody it does not know (401), or as
 * something it does not want (400). Each in the words of its own protocol.
 */
export type ProviderMood = 'well' | 'busy' | 'broken' | 'unauthorised' | 'refusing';

/** How a provider reports: as it should, every report twice, late, or the later report first. */
export type ReportingHabit = 'well' | 'twice' | 'late' | 'out-of-order';

export interface RunningSandbox {
  /** Settings of a connection that leads into it. */
  connection: { type: string; settings: JsonObject };
  /** What has arrived, newest first; to one address when `to` is given. */
  items(filter: { to?: string; limit: number }): Promise<SandboxItem[]>;
  item(id: string): Promise<SandboxItem | undefined>;
  /**
   * Plays the other side. Answers what no line of the provider carries to us; what it reports by itself, over the real protocol, is
   * not in it. Throws with the reason when it cannot be done.
   */
  act(id: string, action: { type: string } & JsonObject): Promise<ProviderReport[]>;
  /** What somebody of the other side does by themselves: writes a text, sends a mail. Absent: nobody does. */
  begin?(action: { type: string } & JsonObject): Promise<SandboxItem>;
  /** How the provider treats what comes from now on. */
  behave(mood: ProviderMood): void;
  /** How the provider reports from now on. Absent: it reports nothing by itself. */
  report?(habit: ReportingHabit): void;
  /** Tells the provider its one address for callbacks. Absent: it calls back where it is told with each request, or not at all. */
  callBack?(url: string): void;
  /** Calls back for every arrival, and for every change of one, until the returned function is called. */
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
