import type { ConnectionLimits, JourneyDocument, PluginManifest } from '@sojourn/schemas';

// The shapes the API speaks: the store's records with instants as RFC 3339 text.

export interface Page<Item> {
  items: Item[];
  nextCursor?: string | null;
}

export interface Me {
  id: string;
  name: string;
  role: string;
  deployment: { sandbox: boolean; demo: boolean; version: string };
}

export interface PartStatus {
  name: string;
  state: 'up' | 'starting' | 'down';
  since?: string;
  detail?: string;
}

export type JourneyState = 'draft' | 'live' | 'paused' | 'closed';

export interface JourneyInfo {
  key: string;
  name: JourneyDocument['name'];
  subjectType: string;
  state: JourneyState;
  waits?: 'run' | 'freeze';
  latestVersion?: number | null;
  createdAt: string;
  updatedAt: string;
}

export interface Draft {
  journey?: string;
  revision: number;
  document: unknown;
  updatedAt?: string;
  updatedBy?: string;
}

export interface VersionInfo {
  journey: string;
  number: number;
  contentHash?: string;
  publishedBy: string;
  publishedAt: string;
  note?: string | null;
}

export interface Version extends VersionInfo {
  document: JourneyDocument;
}

export interface StepCounts {
  here: number;
  entered: number;
  left: Record<string, number>;
  incidents: number;
  nextDueAt?: string | null;
}

export interface Counts {
  steps: Record<string, StepCounts>;
}

export interface Position {
  step: string;
  visit: number;
  since: string;
  until?: string | null;
  waitingFor?: string | null;
}

export interface Incident {
  id: string;
  step: string;
  visit: number;
  code: string;
  fingerprint: string;
  detail: string;
  at: string;
}

export interface Run {
  id: string;
  journey: string;
  version: number;
  subject: { type: string; key: string } | string;
  key: string;
  status: 'active' | 'held' | 'ended';
  outcome?: string | null;
  startedAt: string;
  endedAt?: string | null;
  positions: Position[];
  incidents: Incident[];
}

export interface TrailEntry {
  seq: number;
  at: string;
  step?: string | null;
  visit?: number | null;
  what: string;
  because: Record<string, unknown>;
}

/** An incident in the list: what the run says of it, and whose run it is. */
export interface ListedIncident extends Incident {
  runId: string;
  journey: string;
  version: number;
  subject?: Run['subject'];
}

export interface Connection {
  id: string;
  plugin: string;
  type: string;
  name: string;
  settings: Record<string, unknown>;
  limits?: ConnectionLimits;
  default: boolean;
  health?: Health | null;
}

export interface Health {
  status: 'ok' | 'degraded' | 'down';
  latencyMs: number;
  detail?: string;
  at?: string;
}

export interface SubjectInfo {
  type: string;
  key: string;
  attributes: Record<string, unknown>;
}

export interface Mail {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html?: string | null;
  links: (string | { url: string; text?: string })[];
  receivedAt: string;
  headers: Record<string, string | string[]>;
}

export interface Preview {
  subject: string;
  html: string;
  text: string;
  to?: string;
}

export type Plugin = PluginManifest;

/** `type/key` of a subject, however it was given. */
export function subjectText(subject: Run['subject'] | undefined): string {
  if (subject === undefined) return '';
  return typeof subject === 'string' ? subject : `${subject.type}/${subject.key}`;
}
