import { randomUUID } from 'node:crypto';
import { instantText, type PolicyInForce } from '@sojourn/engine';
import {
  prepareSimulation,
  SimulationError,
  type SimulationRequest,
  type Summary,
} from '@sojourn/engine/simulation';
import type { PluginRegistry } from '@sojourn/plugin-kit';
import { calendars, faultsOf, manifestValidator, policyValidator } from '@sojourn/schemas';
import type { Store } from '@sojourn/store';
import { isTooDeep } from '../depth.ts';
import type { Clock } from '../ports.ts';
import { ConflictError, InvalidInputError, NotFoundError, TooManyError } from '../problems.ts';
import { CancelledError, runSimulation, type RunningSimulation } from '../simulations/run.ts';
import type { SimulationWork } from '../simulations/work.ts';
import { calledJourneys } from './called-journeys.ts';

// Simulations. Nothing outside the thread is touched: no store, no plugin, no run.
//
//   M1. Up to 1,000 people are answered at once; more become a job. One job runs at a time, the others wait their turn.
//   M2. Jobs are kept in memory, the latest 20: the same request gives the same answer again.

export interface SimulationsDependencies {
  store: Pick<Store, 'journeys' | 'connections' | 'policies'>;
  registry: PluginRegistry;
  timeZone: string;
  clock: Clock;
}

/** A simulation too long to wait for. */
export interface SimulationJob {
  id: string;
  journey: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  of: number;
  createdAt: string;
  /** What is known so far. */
  summary?: Summary;
  problem?: { pointer: string; detail: string };
}

export interface Simulations {
  /** The answer as JSON text, or the job that will have it. */
  begin(
    journey: string,
    request: unknown,
  ): Promise<{ type: 'answer'; text: string } | { type: 'job'; job: SimulationJob }>;
  job(journey: string, id: string): { job: SimulationJob };
  /** The answer of a job that is done, as JSON text. */
  answer(journey: string, id: string): string;
  cancel(journey: string, id: string): void;
  close(): void;
}

const answeredAtOnce = 1_000;
const mostJobs = 20;
const mostAtOnce = 4;
const deepestRequest = 200;

interface KnownJob {
  job: SimulationJob;
  work: SimulationWork;
  running?: RunningSimulation;
  text?: string;
}

/** The service that simulates. */
export function createSimulations({
  store,
  registry,
  timeZone,
  clock,
}: SimulationsDependencies): Simulations {
  const jobs = new Map<string, KnownJob>();
  const atOnce = new Set<RunningSimulation>();

  /** The document that is meant: the one given, a version's, or the draft. */
  async function documentOf(journey: string, request: SimulationRequest): Promise<unknown> {
    if (request.document !== undefined) return request.document;
    if (request.version !== undefined) {
      const version = await store.journeys.version(journey, request.version);
      if (version) return version.document;
      throw new NotFoundError(
        'not-found',
        `journey '${journey}' has no version ${request.version}`,
      );
    }
    const draft = await store.journeys.draft(journey);
    if (draft) return draft.document;
    throw new NotFoundError('not-found', `there is no journey '${journey}'`);
  }

  const inForce = async (): Promise<PolicyInForce[]> =>
    (await store.policies.list()).map(({ document, revision }) => ({ ...document, revision }));

  async function prepare(journey: string, request: SimulationRequest): Promise<SimulationWork> {
    if (isTooDeep(request, deepestRequest))
      throw refused([{ pointer: '', detail: 'is nested too deep' }]);
    checkParts(request);
    const document = await documentOf(journey, request);
    const called = await calledJourneys(store.journeys, document);
    const manifests =
      (request.manifests as ReturnType<PluginRegistry['manifests']> | undefined) ??
      registry.manifests();
    const prepared = prepareSimulation(document, request, {
      compile: {
        manifests,
        journeys: called.journeys,
        calendars,
        timeZone,
        now: clock(),
        // Connections are a deployment's: a document that is only tried may name what is not there yet.
        ...(request.document === undefined ? { connections: await store.connections.list() } : {}),
      },
      policies: request.document === undefined ? await inForce() : [],
      plans: called.plans,
    });
    if (!prepared.ok)
      throw new InvalidInputError(
        'journey-invalid',
        'the document has errors: mend them, and simulate again',
        prepared.diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(({ pointer, message, code }) => ({
            pointer: `/document${pointer}`,
            detail: message,
            code,
          })),
        { diagnostics: prepared.diagnostics },
      );
    const {
      document: _document,
      manifests: _manifests,
      journeys: _journeys,
      policies: _policies,
      ...rest
    } = request;
    return {
      request: rest,
      plan: prepared.plan,
      plans: [...prepared.plans],
      policies: prepared.policies,
      manifests,
      hashes: prepared.hashes,
    };
  }

  async function answerNow(work: SimulationWork): Promise<string> {
    if (atOnce.size >= mostAtOnce)
      throw new TooManyError(
        'busy',
        `${mostAtOnce} simulations are under way: try again in a moment`,
      );
    const running = runSimulation(work, () => undefined);
    atOnce.add(running);
    try {
      return await running.answer;
    } catch (error) {
      throw asProblem(error);
    } finally {
      atOnce.delete(running);
    }
  }

  /** Runs the first job that waits, when none is running (M1). */
  function next(): void {
    if ([...jobs.values()].some(({ job }) => job.state === 'running')) return;
    const known = [...jobs.values()].find(({ job }) => job.state === 'waiting');
    if (!known) return;
    const { job } = known;
    job.state = 'running';
    known.running = runSimulation(known.work, ({ done, of, summary }) =>
      Object.assign(job, { done, of, summary }),
    );
    void known.running.answer
      .then(
        (text) => {
          known.text = text;
          Object.assign(job, { state: 'done', done: job.of });
        },
        (error: unknown) => {
          if (job.state === 'cancelled' || error instanceof CancelledError) job.state = 'cancelled';
          else
            Object.assign(job, {
              state: 'failed',
              problem:
                error instanceof SimulationError
                  ? { pointer: error.pointer, detail: error.message }
                  : { pointer: '', detail: 'the simulation broke off' },
            });
        },
      )
      .finally(next);
  }

  const known = (journey: string, id: string): KnownJob => {
    const job = jobs.get(id);
    if (job?.job.journey === journey) return job;
    throw new NotFoundError(
      'not-found',
      `there is no simulation '${id}' of '${journey}': the latest ${mostJobs} are kept, until the next start`,
    );
  };

  return {
    async begin(journey, given) {
      const request = given as SimulationRequest;
      const work = await prepare(journey, request);
      const of = (request.people?.length ?? 0) + (request.cohort?.size ?? 0);
      if (of <= answeredAtOnce) return { type: 'answer', text: await answerNow(work) };
      const job: SimulationJob = {
        id: randomUUID(),
        journey,
        state: 'waiting',
        done: 0,
        of,
        createdAt: instantText(clock()),
      };
      jobs.set(job.id, { job, work });
      for (const [id, old] of jobs) {
        if (jobs.size <= mostJobs) break;
        if (old.job.state !== 'running' && old.job.state !== 'waiting') jobs.delete(id);
      }
      if (jobs.size > mostJobs) {
        jobs.delete(job.id);
        throw new TooManyError('busy', `${mostJobs} simulations wait already: cancel one, or wait`);
      }
      next();
      return { type: 'job', job };
    },
    job: (journey, id) => ({ job: known(journey, id).job }),
    answer(journey, id) {
      const { job, text } = known(journey, id);
      if (text !== undefined) return text;
      throw new ConflictError('not-done', `the simulation is ${job.state}: there is no answer`);
    },
    cancel(journey, id) {
      const { job, running } = known(journey, id);
      if (job.state !== 'waiting' && job.state !== 'running') return;
      job.state = 'cancelled';
      running?.cancel();
      next();
    },
    close() {
      for (const running of atOnce) running.cancel();
      for (const { running } of jobs.values()) running?.cancel();
    },
  };
}

/** Checks the policies and manifests that a request brings along. */
function checkParts(request: SimulationRequest): void {
  const faults = [
    ...(request.policies ?? []).flatMap((policy, index) =>
      faultsOf(policyValidator, policy).map((fault) => ({
        ...fault,
        pointer: `/policies/${index}${fault.pointer}`,
      })),
    ),
    ...(request.manifests ?? []).flatMap((manifest, index) =>
      faultsOf(manifestValidator, manifest).map((fault) => ({
        ...fault,
        pointer: `/manifests/${index}${fault.pointer}`,
      })),
    ),
  ];
  if (faults.length > 0) throw refused(faults);
}

function refused(faults: { pointer: string; detail: string }[]): InvalidInputError {
  return new InvalidInputError(
    'input-invalid',
    'the simulation cannot be run as it is asked',
    faults.map((fault) => ({ ...fault, code: 'invalid' })),
  );
}

function asProblem(error: unknown): unknown {
  return error instanceof SimulationError
    ? refused([{ pointer: error.pointer, detail: error.message }])
    : error;
}
