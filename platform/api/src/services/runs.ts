import { randomUUID } from 'node:crypto';
import {
  configFaults,
  effectName,
  inputOf,
  instantText,
  sameJson,
  type Json,
  type JsonObject,
  type PlanStep,
  type RunCommand,
  type RunEvent,
  type RunIncident,
  type Token,
} from '@sojourn/engine';
import type { PluginRegistry } from '@sojourn/plugin-kit';
import type {
  CommandRequest,
  IncidentGroupView,
  IncidentPage,
  IncidentView,
  ResolutionRequest,
} from '@sojourn/schemas';
import type { Page, PageRequest, RunFilter, RunRecord, Store } from '@sojourn/store';
import type { ApiDependencies, Clock } from '../ports.ts';
import { ConflictError, invalidAt, NotFoundError } from '../problems.ts';
import { subjectText } from '../wire.ts';
import type { Audit, Caller } from './audit.ts';
import type { Enrolment } from './enrolment.ts';
import { nameHash } from './ids.ts';

// Runs, and what an operator may say to them.
//
//   C1. The same idempotency key is the same command: it is put into the inbox once.
//   C2. A command is refused by the run's record when it plainly no longer applies. The run itself decides when it is told.
//   C3. After an unknown outcome a retry needs a confirmation: the person may be contacted twice.
//   C4. A retry first reopens the effect, so that the same idempotency key may be used again; then the run is told. One with an
//       edited input is another effect: the earlier one stays as it is.
//   C5. An edited input is checked as a designer's is, before the run is told.

export interface RunsDependencies {
  store: Pick<Store, 'runs' | 'effects' | 'intake'>;
  plans: ApiDependencies['plans'];
  registry: Pick<PluginRegistry, 'action'>;
  enrolment: Enrolment;
  audit: Audit;
  clock: Clock;
}

/** A command that was taken. */
export interface TakenCommand {
  id: string;
  runId: string;
  type: RunCommand['type'];
}

export interface Runs {
  list(filter: RunFilter, page: PageRequest): Promise<Page<RunRecord>>;
  get(id: string): Promise<RunRecord>;
  trail(id: string, page: PageRequest): ReturnType<Store['runs']['trail']>;
  command(
    id: string,
    request: CommandRequest,
    idempotencyKey: string | undefined,
    caller: Caller,
  ): Promise<TakenCommand>;
  /** Incidents, those of the latest runs first; the first page tells which are alike, most people first. */
  incidents(
    filter: { fingerprint?: string; journey?: string },
    page: PageRequest,
  ): Promise<IncidentPage>;
  resolve(
    incidentId: string,
    request: ResolutionRequest,
    idempotencyKey: string | undefined,
    caller: Caller,
  ): Promise<TakenCommand>;
}

/** Incidents after which nobody knows whether the provider did it. */
const unknownOutcomes = new Set([
  'unknown-outcome',
  'smtp-unknown-outcome',
  'host-failure',
  'plugin-threw',
]);
const mostIncidentRuns = 5_000;
const shownRuns = 20;

/** The service that shows runs and takes commands. */
export function createRuns(dependencies: RunsDependencies): Runs {
  const { store, plans, registry, enrolment, audit, clock } = dependencies;

  const get = async (id: string): Promise<RunRecord> => {
    const run = await store.runs.get(id);
    if (!run) throw new NotFoundError('not-found', `there is no run '${id}'`);
    return run;
  };

  const command: Runs['command'] = async (id, request, idempotencyKey, caller) => {
    const run = await get(id);
    const name = `command-${idempotencyKey === undefined ? randomUUID() : nameHash(idempotencyKey)}`;
    const taken: TakenCommand = { id: name, runId: id, type: request.type };
    const messageId = `${id}/${name}`;
    const known = (await store.intake.messagesOf(id)).find((message) => message.id === messageId);
    if (known) {
      requireSameCommand(known.message, request);
      if (!known.delivered) await enrolment.deliver(id, messageId, known.message);
      return taken; // C1
    }
    await requireApplies(run, request); // C2
    if (request.type === 'retry') await reopen(run, request); // C3, C4
    const message: RunEvent = {
      type: 'command.given',
      at: clock(),
      id: name,
      command: commandOf(request, caller),
    };
    if (await store.intake.put({ id: messageId, runId: id, at: clock(), message })) {
      const { type, step, visit, port, outcome, input, reason } = request;
      await audit.note(caller, {
        what: `run-${type}`,
        target: `run/${id}`,
        before: { status: run.status, incidents: run.incidents.length },
        after: {
          ...(step === undefined ? {} : { step }),
          ...(visit === undefined ? {} : { visit }),
          ...(port === undefined ? {} : { port }),
          ...(outcome === undefined ? {} : { outcome }),
          ...(input === undefined ? {} : { edited: Object.keys(input) }), // the values may be personal
        },
        why: reason,
      });
    }
    await enrolment.deliver(id, messageId, message);
    return taken;
  };

  async function requireApplies(run: RunRecord, request: CommandRequest): Promise<void> {
    const refusal = refusalOf(run, request);
    if (refusal !== undefined) throw new ConflictError('no-longer-applies', refusal);
    const incident = addressed(run, request)[0];
    if (request.input !== undefined) await requireInput(run, request, incident);
    if (request.type !== 'skip') return;
    if (request.port === undefined)
      throw invalidAt('/port', 'say by which port the step is left', 'command-invalid');
    const { steps } = await plans.byHash(run.planHash);
    if (incident && !leads(steps[incident.step], request.port))
      throw invalidAt(
        '/port',
        `port '${request.port}' of step '${incident.step}' leads nowhere`,
        'command-invalid',
      );
  }

  /** Refuses an edited input that the step's action would not take (C5). */
  async function requireInput(
    run: RunRecord,
    request: CommandRequest,
    incident: RunIncident | undefined,
  ): Promise<void> {
    const input = (request.input ?? {}) as JsonObject;
    const refuse = (at: string, why: string) => invalidAt(at, why, 'command-invalid');
    if (request.type !== 'retry' || !incident)
      throw refuse('/input', 'only a retry takes an edited input');
    if (addressed(run, request).length > 1)
      throw refuse('/step', 'an edited input is for one step: say for which');
    const { steps } = await plans.byHash(run.planHash);
    const step = steps[incident.step];
    if (step?.kind !== 'action' && step?.kind !== 'call')
      throw refuse('/input', `step '${incident.step}' is no action: it takes no input`);
    if (step.kind === 'call') return;
    const token = await tokenOf(run, incident);
    const edited = { times: 0, input: { ...token?.edited?.input, ...input } };
    const config = inputOf(step.with, { edited });
    const schema = registry.action(step.plugin, step.action)?.config ?? {};
    const fault = configFaults(schema, config)[0];
    if (fault) throw refuse(`/input${fault.pointer}`, fault.detail);
  }

  async function tokenOf(run: RunRecord, incident: RunIncident): Promise<Token | undefined> {
    const state = await store.runs.state(run.id);
    return state?.tokens.find(
      ({ step, visit }) => step === incident.step && visit === incident.visit,
    );
  }

  /** The effect that an incident is about. */
  async function effectOf(run: RunRecord, incident: RunIncident): Promise<string> {
    const { step, visit } = incident;
    return `${run.id}/${effectName((await tokenOf(run, incident)) ?? { step, visit })}`;
  }

  async function reopen(run: RunRecord, request: CommandRequest): Promise<void> {
    const incidents = addressed(run, request);
    for (const incident of incidents) {
      if (request.confirm !== true && (await isUnknown(run, incident)))
        throw new ConflictError(
          'confirmation-needed',
          `nobody knows whether step '${incident.step}' was done: look, and confirm that it may be done again`,
          { incident: incident.id },
        );
    }
    if (request.input !== undefined) return;
    for (const incident of incidents) await store.effects.reopen(await effectOf(run, incident));
  }

  async function isUnknown(run: RunRecord, incident: RunIncident): Promise<boolean> {
    if (unknownOutcomes.has(incident.code)) return true;
    const outcome = (await store.effects.get(await effectOf(run, incident)))?.outcome;
    return outcome?.type === 'effect.failed' && outcome.kind === 'unknown-outcome';
  }

  async function groupsOf(
    filter: RunFilter,
    isMeant: (incident: RunIncident) => boolean,
  ): Promise<IncidentGroupView[]> {
    const groups = new Map<string, IncidentGroupView>();
    let cursor: string | undefined;
    let seen = 0;
    do {
      const page = await store.runs.list(filter, {
        limit: 200,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const run of page.items)
        for (const incident of run.incidents) if (isMeant(incident)) addTo(groups, run, incident);
      seen += page.items.length;
      cursor = page.nextCursor;
    } while (cursor !== undefined && seen < mostIncidentRuns);
    return [...groups.values()].sort((one, other) => other.count - one.count);
  }

  return {
    list: (filter, page) => store.runs.list(filter, page),
    get,
    async trail(id, page) {
      await get(id);
      return await store.runs.trail(id, page);
    },
    command,

    async incidents({ fingerprint, journey }, page) {
      const filter = {
        incident: fingerprint ?? 'any',
        ...(journey === undefined ? {} : { journey }),
      };
      const isMeant = (incident: RunIncident): boolean =>
        fingerprint === undefined || incident.fingerprint === fingerprint;
      const found = await store.runs.list(filter, page);
      return {
        items: found.items.flatMap((run) =>
          run.incidents.filter(isMeant).map((incident) => incidentView(run, incident)),
        ),
        groups: page.cursor === undefined ? await groupsOf(filter, isMeant) : [],
        nextCursor: found.nextCursor ?? null,
      };
    },

    async resolve(incidentId, request, idempotencyKey, caller) {
      const run = await store.runs.get(incidentId.split('/', 1)[0] ?? '');
      const named = /^[^/]+\/(.+)#(\d+)\/\d+$/.exec(incidentId);
      if (!run || !named)
        throw new NotFoundError('not-found', `there is no incident '${incidentId}'`);
      const incident = run.incidents.find(({ id }) => id === incidentId);
      const step = named[1] ?? '';
      const visit = Number(named[2]);
      const asked: CommandRequest = { ...request, step, visit };
      if (!incident && idempotencyKey === undefined)
        throw new ConflictError('no-longer-applies', 'the incident was resolved meanwhile');
      return await command(run.id, asked, idempotencyKey, caller);
    },
  };
}

function refusalOf(run: RunRecord, request: CommandRequest): string | undefined {
  if (run.status === 'ended') return 'the run has ended';
  switch (request.type) {
    case 'hold':
      return run.status === 'held' ? 'the run is held already' : undefined;
    case 'resume':
      return run.status === 'held' ? undefined : 'the run is not held';
    case 'retry':
    case 'skip':
      return addressed(run, request).length > 0 ? undefined : 'no incident stands there';
    case 'end':
      return undefined;
  }
}

/** The incidents that a command means: all, or those of a step, or of one visit of it. */
function addressed(run: RunRecord, { step, visit }: CommandRequest): RunIncident[] {
  return run.incidents.filter(
    (incident) =>
      (step === undefined || incident.step === step) &&
      (visit === undefined || incident.visit === visit),
  );
}

function leads(step: PlanStep | undefined, port: string): boolean {
  return step !== undefined && Object.hasOwn(step.to, port);
}

function commandOf(request: CommandRequest, caller: Caller): RunCommand {
  const { type, reason, step, visit, port, outcome, input } = request;
  return {
    type,
    by: caller.id,
    reason,
    ...(step === undefined ? {} : { step }),
    ...(visit === undefined ? {} : { visit }),
    ...(port === undefined ? {} : { port }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(input === undefined ? {} : { input: input as JsonObject }),
  };
}

function requireSameCommand(message: RunEvent, request: CommandRequest): void {
  const given = message.type === 'command.given' ? message.command : undefined;
  const isSame =
    given?.type === request.type &&
    given.step === request.step &&
    given.port === request.port &&
    sameJson(given.input ?? null, (request.input ?? null) as Json);
  if (!isSame)
    throw new ConflictError(
      'idempotency-key-reused',
      'another command was given under this Idempotency-Key',
    );
}

function incidentView(run: RunRecord, incident: RunIncident): IncidentView {
  return {
    ...incident,
    at: instantText(incident.at),
    runId: run.id,
    journey: run.journey,
    version: run.version,
    subject: subjectText(run.subject),
  };
}

function addTo(
  groups: Map<string, IncidentGroupView>,
  run: RunRecord,
  { fingerprint, code, step, detail, at: instant }: RunIncident,
): void {
  const at = instantText(instant);
  const name = `${run.journey}/${fingerprint}`;
  const { journey } = run;
  const group = groups.get(name) ?? {
    fingerprint,
    code,
    journey,
    step,
    count: 0,
    oldestAt: at,
    newestAt: at,
    detail,
    runs: [],
  };
  groups.set(name, group);
  group.count += 1;
  if (at < group.oldestAt) group.oldestAt = at;
  if (at > group.newestAt) group.newestAt = at;
  if (group.runs.length < shownRuns && !group.runs.includes(run.id)) group.runs.push(run.id);
}
