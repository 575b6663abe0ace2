import {
  compile,
  hashOf,
  isObject,
  type Compilation,
  type CompileEnvironment,
  type Diagnostic,
  type Json,
  type Plan,
} from '@sojourn/engine';
import type { PluginRegistry } from '@sojourn/plugin-kit';
import {
  calendars,
  type CalledJourneysView,
  type ChangeJourneyRequest,
  type CountsView,
  type DraftView,
  type JourneyDocument,
  type JourneyView,
  type PublishRequest,
} from '@sojourn/schemas';
import type {
  DraftRecord,
  JourneyRecord,
  Page,
  PageRequest,
  Store,
  VersionRecord,
} from '@sojourn/store';
import { isTooDeep } from '../depth.ts';
import type { Clock } from '../ports.ts';
import {
  ConflictError,
  InvalidInputError,
  invalidAt,
  NotFoundError,
  PreconditionFailedError,
  TooLargeError,
} from '../problems.ts';
import { draftView, journeyView, stepCountsView } from '../wire.ts';
import type { Audit, Caller } from './audit.ts';
import { asCalled, calledJourneys } from './called-journeys.ts';
import type { JourneyCatalogue } from './catalogue.ts';
import type { Freezing } from './freezing.ts';

// Journeys, from the first draft to the versions that people walk.
//
//   J1. A draft is saved only on top of the revision it was made from. It need not be valid.
//   J2. Errors stop publication; a warning is published only with a reason.
//   J3. A version is appended under the next number, once, and never changes. What a crash left between the version and the
//       journey's record is made good by publishing again.
//   J4. What equals the latest version is not published: layout and notes do not count, the pins of plugin actions and of called
//       journeys and the days of calendars do.

export interface JourneysDependencies {
  store: Pick<Store, 'journeys' | 'runs' | 'connections'>;
  registry: PluginRegistry;
  catalogue: JourneyCatalogue;
  freezing: Pick<Freezing, 'want'>;
  audit: Audit;
  timeZone: string;
  clock: Clock;
}

/** What a change is based on: a revision, or whatever stands (`*`). */
export type Basis = number | 'any';

export interface Journeys {
  list(page: PageRequest): Promise<Page<JourneyView>>;
  get(key: string): Promise<JourneyView>;
  create(key: string, document: unknown, caller: Caller): Promise<JourneyView>;
  change(key: string, change: ChangeJourneyRequest, caller: Caller): Promise<JourneyView>;
  draft(key: string): Promise<DraftView>;
  saveDraft(key: string, basis: Basis, document: unknown, caller: Caller): Promise<DraftView>;
  /** Every finding about any JSON. */
  diagnose(document: unknown): Promise<Diagnostic[]>;
  publish(
    key: string,
    basis: Basis,
    request: PublishRequest,
    caller: Caller,
  ): Promise<VersionRecord>;
  versions(key: string): Promise<Omit<VersionRecord, 'plan' | 'document'>[]>;
  version(key: string, number: number): Promise<VersionRecord>;
  /** What a caller must know of a version, and of those that it calls in turn. */
  asCalled(key: string, number: number): Promise<CalledJourneysView>;
  counts(key: string, number: number): Promise<CountsView>;
}

const largestDraft = 2_000_000;
const deepestDocument = 200;

/** The service that keeps journeys. */
export function createJourneys(dependencies: JourneysDependencies): Journeys {
  const { store, registry, catalogue, freezing, audit, timeZone, clock } = dependencies;

  const journeyOf = async (key: string): Promise<JourneyRecord> => {
    const journey = await store.journeys.get(key);
    if (!journey) throw new NotFoundError('not-found', `there is no journey '${key}'`);
    return journey;
  };

  const viewOf = async (journey: JourneyRecord): Promise<JourneyView> => {
    const of = { journey: journey.key };
    const [active, held, ended, incidents] = await Promise.all([
      store.runs.count({ ...of, status: 'active' }),
      store.runs.count({ ...of, status: 'held' }),
      store.runs.count({ ...of, status: 'ended' }),
      store.runs.count({ ...of, incident: 'any' }),
    ]);
    return journeyView(journey, { active, held, ended, incidents });
  };

  const environment = async (document: unknown): Promise<CompileEnvironment> => ({
    manifests: registry.manifests(),
    connections: await store.connections.list(),
    journeys: (await calledJourneys(store.journeys, document)).journeys,
    calendars,
    timeZone,
    now: clock(),
  });

  const compiled = async (document: unknown): Promise<Compilation> =>
    isTooDeep(document, deepestDocument)
      ? { diagnostics: [tooDeep] }
      : compile(document, await environment(document));

  const diagnose = async (document: unknown): Promise<Diagnostic[]> =>
    (await compiled(document)).diagnostics;

  const draftOf = async (key: string): Promise<DraftRecord> => {
    const draft = await store.journeys.draft(key);
    if (!draft) throw new NotFoundError('not-found', `there is no journey '${key}'`);
    return draft;
  };

  return {
    async list(page) {
      const { items, ...rest } = await store.journeys.list(page);
      return { items: await Promise.all(items.map(viewOf)), ...rest };
    },
    get: async (key) => await viewOf(await journeyOf(key)),

    async create(key, document, caller) {
      const first = document === undefined ? smallestDocument(key) : draftable(key, document);
      const now = clock();
      const journey: JourneyRecord = {
        key,
        ...faceOf(key, first),
        state: 'draft',
        waits: 'run',
        createdAt: now,
        updatedAt: now,
      };
      if (!(await store.journeys.create(journey, first, caller.id)))
        throw new ConflictError('key-taken', `there is a journey '${key}' already`);
      await audit.note(caller, { what: 'journey-created', target: `journey/${key}` });
      return await viewOf(journey);
    },

    async change(key, { state, waits }, caller) {
      const before = await journeyOf(key);
      if (before.latestVersion === undefined)
        throw new ConflictError(
          'not-published',
          `journey '${key}' has no version: publish it, and it is live`,
        );
      const after = await store.journeys.update(key, {
        state,
        ...(waits === undefined ? {} : { waits }),
        updatedAt: clock(),
      });
      catalogue.forget();
      const isFrozen = (record: Pick<JourneyRecord, 'state' | 'waits'> | undefined): boolean =>
        record?.state === 'paused' && record.waits === 'freeze';
      if (isFrozen(before) !== isFrozen(after)) await freezing.want(key, isFrozen(after));
      await audit.note(caller, {
        what: 'journey-changed',
        target: `journey/${key}`,
        before: { state: before.state, waits: before.waits },
        after: { state, waits: waits ?? before.waits },
      });
      return await viewOf(after ?? before);
    },

    async draft(key) {
      const draft = await draftOf(key);
      return draftView(draft, await diagnose(draft.document));
    },

    async saveDraft(key, basis, given, caller) {
      const document = draftable(key, given);
      const journey = await journeyOf(key);
      const revision = basis === 'any' ? (await draftOf(key)).revision : basis;
      const answer = await store.journeys.saveDraft(key, revision, document, caller.id, clock());
      if (!answer) throw new NotFoundError('not-found', `there is no journey '${key}'`);
      if (!answer.saved) throw changedMeanwhile(revision, answer.draft); // J1
      await store.journeys.update(key, {
        updatedAt: clock(),
        ...(journey.state === 'draft' ? faceOf(key, document) : {}),
      });
      await audit.noteSpell(caller, {
        what: 'draft-saved',
        target: `journey/${key}`,
        before: { revision },
        after: { revision: answer.draft.revision },
      });
      return draftView(answer.draft, await diagnose(document));
    },

    diagnose,

    async publish(key, basis, request, caller) {
      const journey = await journeyOf(key);
      const draft = await draftOf(key);
      if (basis !== 'any' && basis !== draft.revision) throw changedMeanwhile(basis, draft);
      const { plan, diagnostics } = await compiled(draft.document);
      const reasons = requirePublishable(key, draft.document, plan, diagnostics, request); // J2
      const version = await append(journey, draft.document as unknown as JourneyDocument, {
        plan: reasons.plan,
        caller,
        note: request.note,
      });
      await audit.note(caller, {
        what: 'journey-published',
        target: `journey/${key}`,
        ...(journey.latestVersion === undefined
          ? {}
          : { before: { version: journey.latestVersion } }),
        after: {
          version: version.number,
          contentHash: version.contentHash,
          accepted: reasons.accepted,
        },
        ...(request.note === undefined ? {} : { why: request.note }),
      });
      return version;
    },

    async versions(key) {
      await journeyOf(key);
      return (await store.journeys.versions(key)).toReversed();
    },
    version: (key, number) => versionOf(key, number),
    asCalled: async (key, number) => ({
      items: await asCalled(store.journeys, await versionOf(key, number)),
    }),

    async counts(key, number) {
      const { plan } = await versionOf(key, number);
      const counts = await store.runs.counts(key, number);
      const steps = new Set([...Object.keys(plan.steps), ...Object.keys(counts)]);
      return {
        steps: Object.fromEntries([...steps].map((step) => [step, stepCountsView(counts[step])])),
      };
    },
  };

  async function versionOf(key: string, number: number): Promise<VersionRecord> {
    const version = await store.journeys.version(key, number);
    if (!version) throw new NotFoundError('not-found', `journey '${key}' has no version ${number}`);
    return version;
  }

  /** Appends the next version and opens it (J3, J4). */
  async function append(
    journey: JourneyRecord,
    document: JourneyDocument,
    given: { plan: Plan; caller: Caller; note: string | undefined },
  ): Promise<VersionRecord> {
    const { key } = journey;
    const contentHash = contentHashOf(document, given.plan);
    const latest = (await store.journeys.versions(key)).at(-1);
    if (latest?.contentHash === contentHash) {
      if (journey.latestVersion === latest.number)
        throw new ConflictError('nothing-changed', `version ${latest.number} is the same`);
      await open(key, document);
      return await versionOf(key, latest.number);
    }
    const version: VersionRecord = {
      journey: key,
      number: (latest?.number ?? 0) + 1,
      document,
      plan: given.plan,
      contentHash,
      publishedBy: given.caller.id,
      publishedAt: clock(),
      ...(given.note === undefined ? {} : { note: given.note }),
    };
    if (!(await store.journeys.addVersion(version)))
      throw new ConflictError(
        'version-taken',
        `somebody published version ${version.number} meanwhile: look at it, and publish again`,
      );
    await open(key, document);
    return version;
  }

  /** Makes the highest version the one that accepts entries. Two who publish at once both end with the higher one. */
  async function open(key: string, document: JourneyDocument): Promise<void> {
    for (;;) {
      const highest = (await store.journeys.versions(key)).at(-1)?.number;
      if (highest === undefined) return;
      const journey = await journeyOf(key);
      if (journey.latestVersion === highest) break;
      await store.journeys.update(key, {
        latestVersion: highest,
        ...(journey.state === 'draft' ? { state: 'live' } : {}),
        name: document.name,
        subjectType: document.subject,
        updatedAt: clock(),
      });
    }
    catalogue.forget();
  }
}

const tooDeep: Diagnostic = {
  code: 'schema/invalid',
  severity: 'error',
  pointer: '',
  message: `The document is nested more than ${deepestDocument} levels deep.`,
};

/** Checks what only publishing asks for; answers the plan and the warnings that were accepted. */
function requirePublishable(
  key: string,
  document: Json,
  plan: Plan | undefined,
  diagnostics: Diagnostic[],
  { accept = [] }: PublishRequest,
): { plan: Plan; accepted: { code: string; reason: string }[] } {
  if (!plan) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    throw new InvalidInputError(
      'journey-invalid',
      `the draft has ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}: mend them, and publish again`,
      errors.map(asFault),
      { diagnostics },
    );
  }
  if (plan.journey !== key) throw wrongKey(key, document);
  const warnings = diagnostics.filter(
    ({ severity, code }) => severity === 'warning' && !accept.some((item) => item.code === code),
  );
  if (warnings.length > 0)
    throw new InvalidInputError(
      'warnings-not-accepted',
      'the draft has warnings: accept each with a reason, or mend it',
      warnings.map(asFault),
      { diagnostics },
    );
  const accepted = accept.filter(({ code }) => diagnostics.some((found) => found.code === code));
  return { plan, accepted };
}

function asFault({ pointer, message, code }: Diagnostic): {
  pointer: string;
  detail: string;
  code: string;
} {
  return { pointer, detail: message, code };
}

/**
 * The SHA-256 of what a version means: the document without layout and notes, the schema version of every action, the plan of
 * every called journey, and calendars.
 */
function contentHashOf(document: JourneyDocument, plan: Plan): string {
  const { layout: _layout, notes: _notes, ...content } = document;
  const pins: Record<string, number | string> = {};
  for (const [id, step] of Object.entries(plan.steps)) {
    if (step.kind === 'action') pins[`${step.plugin}/${step.action}`] = step.schemaVersion;
    if (step.kind === 'call') pins[id] = step.planHash;
  }
  const { calendars: days } = plan;
  return hashOf({ content, pins, ...(days === undefined ? {} : { calendars: days }) });
}

function changedMeanwhile(yours: number, draft: DraftRecord): PreconditionFailedError {
  return new PreconditionFailedError(
    'draft-changed',
    `the draft stands at revision ${draft.revision}, not at ${yours}: look at it, and save on top of it`,
    { yours, theirs: draft.revision, updatedBy: draft.updatedBy },
  );
}

/** A document that may be a draft of this journey; throws otherwise. */
function draftable(key: string, document: unknown): Json {
  if (!isObject(document)) throw invalidAt('', 'a draft is a JSON object');
  if (isTooDeep(document, deepestDocument))
    throw invalidAt('', `is nested more than ${deepestDocument} levels deep`);
  if (JSON.stringify(document).length > largestDraft)
    throw new TooLargeError('body-too-large', 'a draft is at most 2 MB: split the journey');
  const draft = document as Json;
  if (document['key'] !== undefined && document['key'] !== key) throw wrongKey(key, draft);
  return draft;
}

function wrongKey(key: string, document: Json): Error {
  const given = isObject(document) ? document['key'] : undefined;
  return invalidAt('/key', `must be '${key}', the journey's key, not ${JSON.stringify(given)}`);
}

/** What lists show of a document, as far as it is sound. */
function faceOf(key: string, document: Json): Pick<JourneyRecord, 'name' | 'subjectType'> {
  const { name, subject } = isObject(document) ? document : {};
  return {
    name: isText(name) ? name : key,
    subjectType: typeof subject === 'string' && subject !== '' ? subject : 'patient',
  };
}

function isText(name: unknown): name is JourneyRecord['name'] {
  if (typeof name === 'string') return name !== '';
  if (!isObject(name)) return false;
  const texts = Object.values(name);
  return texts.length > 0 && texts.every((text) => typeof text === 'string');
}

/** The smallest journey there is: somebody is enrolled, and it ends. */
function smallestDocument(key: string): Json {
  return {
    format: 1,
    key,
    name: key,
    subject: 'patient',
    entry: [{ on: 'manual' }],
    start: 'done',
    steps: { done: { kind: 'end', outcome: 'completed' } },
    edges: [],
  };
}
