import { instantText, isObject, type RunIncident, type TrailEntry } from '@sojourn/engine';
import type {
  AuditView,
  ConnectionView,
  ConsentView,
  DraftView,
  EntryView,
  JourneyView,
  PolicyView,
  ReportView,
  RunIncidentView,
  RunView,
  StepCountsView,
  SubjectView,
  TaskMomentView,
  TaskView,
  TrailEntryView,
  VersionView,
} from '@sojourn/schemas';
import {
  shownSettings,
  type AuditRecord,
  type ConnectionRecord,
  type ConsentRecord,
  type DraftRecord,
  type EntryRecord,
  type JourneyRecord,
  type Page,
  type PolicyRecord,
  type ReportRecord,
  type RunRecord,
  type StepCounts,
  type SubjectRecord,
  type TaskMoment,
  type TaskRecord,
  type VersionRecord,
} from '@sojourn/store';
import type { Diagnostic } from '@sojourn/engine';
import { rungOf } from './services/task-rules.ts';

// Records as the API shows them: instants as RFC 3339 text, subjects as `type/key`. What the contract names without a
// question mark is always there, null when there is none.

/** `type/key`. */
export function subjectText({ type, key }: { type: string; key: string }): string {
  return `${type}/${key}`;
}

/** The parts of `type/key`. */
export function subjectParts(text: string): { type: string; key: string } {
  const at = text.indexOf('/');
  return { type: text.slice(0, at), key: text.slice(at + 1) };
}

/** A page of views. */
export function pageView<Item, View>(
  page: Page<Item>,
  view: (item: Item) => View,
): { items: View[]; nextCursor: string | null } {
  return { items: page.items.map(view), nextCursor: page.nextCursor ?? null };
}

/** A journey with the counts of its people. */
export function journeyView(
  { key, name, subjectType, state, waits, latestVersion, createdAt, updatedAt }: JourneyRecord,
  people: JourneyView['people'],
): JourneyView {
  return {
    key,
    name,
    subjectType,
    state,
    waits,
    latestVersion: latestVersion ?? null,
    createdAt: instantText(createdAt),
    updatedAt: instantText(updatedAt),
    people,
  };
}

/** A draft with its findings. */
export function draftView(
  { journey, revision, document, updatedAt, updatedBy }: DraftRecord,
  diagnostics: Diagnostic[],
): DraftView {
  return {
    journey,
    revision,
    document,
    diagnostics: diagnostics,
    updatedAt: instantText(updatedAt),
    updatedBy,
  };
}

/** A version, with its document when the record has one. */
export function versionView(
  version: Omit<VersionRecord, 'plan' | 'document'> & { document?: VersionRecord['document'] },
): VersionView {
  const { journey, number, contentHash, publishedBy, publishedAt, note, document } = version;
  return {
    journey,
    number,
    contentHash,
    publishedBy,
    publishedAt: instantText(publishedAt),
    ...(note === undefined ? {} : { note }),
    ...(document === undefined ? {} : { document: { ...document } }),
  };
}

/** The counts of one step. */
export function stepCountsView(counts: StepCounts | undefined): StepCountsView {
  const { here = 0, entered = 0, left = {}, incidents = 0, nextDueAt } = counts ?? {};
  return { here, entered, left, incidents, nextDueAt: instantOrNull(nextDueAt) };
}

/** A subject. */
export function subjectView({
  type,
  key,
  attributes,
  revision,
  createdAt,
  updatedAt,
}: SubjectRecord): SubjectView {
  return {
    type,
    key,
    attributes,
    revision,
    createdAt: instantText(createdAt),
    updatedAt: instantText(updatedAt),
  };
}

/** A policy: its document, and when and by whom it became so. */
export function policyView({ document, revision, updatedAt, updatedBy }: PolicyRecord): PolicyView {
  return { ...document, revision, updatedAt: instantText(updatedAt), updatedBy };
}

/** A consent. */
export function consentView({
  purpose,
  channel,
  state,
  at,
  source,
  proof,
}: ConsentRecord): ConsentView {
  return {
    purpose,
    channel,
    state,
    at: instantText(at),
    source,
    ...(proof === undefined ? {} : { proof }),
  };
}

/** An entry, or its refusal. */
export function entryView({ subject, at, ...entry }: EntryRecord): EntryView {
  return { ...entry, subject: subjectText(subject), at: instantText(at) };
}

/** A run. */
export function runView(run: RunRecord): RunView {
  const { id, journey, version, subject, key, status, outcome, startedAt, endedAt } = run;
  return {
    id,
    journey,
    version,
    subject: subjectText(subject),
    key,
    status,
    outcome: outcome ?? null,
    startedAt: instantText(startedAt),
    endedAt: instantOrNull(endedAt),
    positions: run.positions.map(({ step, visit, since, until, waitingFor }) => ({
      step,
      visit,
      since: instantText(since),
      ...(until === undefined ? {} : { until: instantText(until) }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
    })),
    incidents: run.incidents.map(runIncidentView),
  };
}

function runIncidentView({ at, ...incident }: RunIncident): RunIncidentView {
  return { ...incident, at: instantText(at) };
}

/** One decision of a trail. */
export function trailEntryView({ at, ...entry }: TrailEntry): TrailEntryView {
  return { ...entry, at: instantText(at) };
}

/** A task. */
export function taskView(task: TaskRecord): TaskView {
  const { effect, runId, subject, outcomes, createdAt, dueAt, ...more } = task;
  const { notBefore, history = [], assignee, claimedAt, closedAt, appointment, ...rest } = more;
  const [, step = null, visit = null] = /^[^/]*\/(.*)#(\d+)/.exec(effect ?? '') ?? [];
  return {
    ...rest,
    runId: runId ?? null,
    step,
    visit: visit === null ? null : Number(visit),
    subject: subject === undefined ? null : subjectText(subject),
    outcomes: outcomes.map(({ port, label, again }) => ({
      ...{ port, label: label ?? port, backAfter: rungOf(task, port) ?? null },
      needsForm: task.form !== undefined && again === undefined,
    })),
    createdAt: instantText(createdAt),
    dueAt: instantOrNull(dueAt),
    ...(appointment
      ? {
          appointment: {
            ...appointment,
            ...{ start: instantText(appointment.start), end: instantText(appointment.end) },
          },
        }
      : {}),
    notBefore: instantOrNull(notBefore),
    history: history.map(momentView),
    assignee: assignee ?? null,
    claimedAt: instantOrNull(claimedAt),
    closedAt: instantOrNull(closedAt),
  };
}

/** Something that happened to a task. */
function momentView({ at, ...moment }: TaskMoment): TaskMomentView {
  if (moment.type !== 'attempted') return { ...moment, at: instantText(at) };
  return { ...moment, at: instantText(at), backAt: instantText(moment.backAt) };
}

/** What a provider reported. */
export function reportView(report: ReportRecord): ReportView {
  const { id, plugin, connection, kind, eventType, at, status, isMessage, content = {} } = report;
  const { effect, reference, subject } = report;
  const [, runId = null, step = null, visit = null] =
    /^([^/]*)\/(.*)#(\d+)/.exec(effect ?? '') ?? [];
  const { message, outcome, output, data } = content;
  return {
    ...{ id, plugin, connection, status, isMessage, runId, step },
    type: kind === 'settled' ? 'settled' : (eventType ?? ''),
    at: instantText(at),
    reference: reference ?? null,
    visit: visit === null ? null : Number(visit),
    subject: subject === undefined ? null : subjectText(subject),
    ...(isObject(message) && typeof message['text'] === 'string' ? { text: message['text'] } : {}),
    ...(typeof outcome === 'string' ? { outcome } : {}),
    ...(isObject(output) ? { output } : {}),
    ...(isObject(data) ? { data } : {}),
  };
}

/** A connection without its secrets. `webhook`: where its provider reports. */
export function connectionView(
  connection: ConnectionRecord,
  webhook: string | undefined,
): ConnectionView {
  const { id, plugin, type, name, settings, limits, health, createdAt, updatedAt } = connection;
  return {
    id,
    plugin,
    type,
    name,
    settings: shownSettings(settings),
    limits,
    default: connection.default,
    webhook: webhook ?? null,
    health: health ? { ...health, at: instantText(health.at) } : null,
    createdAt: instantText(createdAt),
    updatedAt: instantText(updatedAt),
  };
}

/** An entry of the audit log. */
export function auditView({ at, ...record }: AuditRecord): AuditView {
  return { ...record, at: instantText(at) };
}

function instantOrNull(at: number | undefined): string | null {
  return at === undefined ? null : instantText(at);
}
