import { randomUUID } from 'node:crypto';
import { instantText, isObject, type Json, type JsonObject } from '@sojourn/engine';
import { enrolRequestValidator, faultsOf, type EnrolRequest, type JobView } from '@sojourn/schemas';
import { SubjectErasedError, type Sealer, type Store } from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import { invalidAt, NotFoundError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { JourneyCatalogue } from './catalogue.ts';
import type { Enrolment } from './enrolment.ts';
import { nameHash } from './ids.ts';
import { openJourney, subjectOfRequest } from './enrolments.ts';
import { createPace } from './pace.ts';

// Enrolling many: paced, so that everybody else's messages are not held up.
//
//   K1. Lines are stored before the first one is enrolled, so that a job goes on after a restart.
//   K3. They are sealed while they wait, and taken away when they were enrolled.
//   K2. A line is a cause of its own, named by job and number: doing it again changes nothing.
//   K4. At a pace that leaves the machine to others (`pace.ts`).

export interface BulkDependencies {
  store: Pick<Store, 'settings' | 'runs'>;
  sealer: Sealer;
  enrolment: Enrolment;
  catalogue: JourneyCatalogue;
  audit: Audit;
  log: Log;
  clock: Clock;
  /** Resolves after so many milliseconds, or at once when the service is closed. */
  pause: (ms: number) => Promise<void>;
}

export interface Bulk {
  /** Begins a job; the same idempotency key is the same job. */
  begin(
    journey: string,
    ndjson: string,
    idempotencyKey: string | undefined,
    caller: Caller,
  ): Promise<JobView>;
  job(id: string): Promise<JobView>;
  /** Goes on with what a restart cut off. */
  resume(): Promise<void>;
  close(): void;
}

type JobResult = JobView['results'][number];

interface Job extends Omit<JobView, 'results' | 'createdAt'> {
  createdAt: number;
  chunks: number;
}

const chunkSize = 200;
const mostLines = 200_000;
const openJobs = 'bulk-jobs-open';

/** The service that enrols many. */
export function createBulk(dependencies: BulkDependencies): Bulk {
  const { store, sealer, enrolment, catalogue, audit, log, clock, pause } = dependencies;
  const { settings } = store;
  let closed = false;
  const names = {
    job: (id: string) => `bulk-job/${id}`,
    lines: (id: string, chunk: number) => `bulk-job/${id}/lines/${chunk}`,
    results: (id: string, chunk: number) => `bulk-job/${id}/results/${chunk}`,
  };

  const read = async (id: string): Promise<Job | undefined> =>
    (await settings.get(names.job(id))) as unknown as Job | undefined;
  const write = (name: string, value: unknown): Promise<void> => settings.put(name, value as Json);
  const resultsOf = async (id: string, chunk: number): Promise<JobResult[]> =>
    ((await settings.get(names.results(id, chunk))) ?? []) as unknown as JobResult[];

  const viewOf = async (job: Job): Promise<JobView> => {
    const { chunks, createdAt, ...rest } = job;
    const results: JobResult[] = [];
    for (let chunk = 0; chunk < chunks; chunk += 1)
      results.push(...(await resultsOf(job.id, chunk)));
    const entered = results.filter(({ result }) => result === 'entered').length;
    return {
      ...rest,
      done: results.length,
      entered,
      refused: results.length - entered,
      createdAt: instantText(createdAt),
      results,
    };
  };

  const work = async (job: Job): Promise<void> => {
    const pace = createPace({ runs: store.runs, pause, isClosed: () => closed });
    for (let chunk = 0; chunk < job.chunks; chunk += 1) {
      const place = names.lines(job.id, chunk);
      const lines = linesIn(await settings.get(place), place);
      const results = await resultsOf(job.id, chunk);
      for (let index = results.length; index < lines.length; index += 1) {
        if (closed) return;
        const line = chunk * chunkSize + index + 1;
        const result = await enrolLine(job, line, lines[index] ?? '');
        results.push(result);
        if (result.runId !== undefined) pace.began(result.runId);
        if (index % 10 === 9 || index === lines.length - 1)
          await write(names.results(job.id, chunk), results);
        await pace.next(); // K4
      }
      if (lines.length > 0) await write(place, []); // K3
    }
    await write(names.job(job.id), { ...job, state: 'done' });
    await listed((ids) => ids.filter((id) => id !== job.id));
  };

  /** The lines of a chunk, sealed (K3). */
  const sealed = (id: string, chunk: number, lines: readonly string[]): string => {
    const own = lines.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
    return sealer.seal(JSON.stringify(own), names.lines(id, chunk));
  };
  /** As they stand: of a job begun by an earlier release in clear. */
  const linesIn = (stored: Json | undefined, place: string): string[] =>
    typeof stored === 'string'
      ? (JSON.parse(sealer.open(stored, place)) as string[])
      : ((stored ?? []) as string[]);

  const start = (job: Job): void => {
    work(job).catch((error: unknown) =>
      log.error(
        { job: job.id, error: error instanceof Error ? error.stack : String(error) },
        'a job stopped; it goes on at the next start',
      ),
    );
  };

  async function enrolLine(job: Job, line: number, text: string): Promise<JobResult> {
    const refuse = (reason: string, detail: string): JobResult => ({
      line,
      result: 'refused',
      reason,
      detail,
    });
    const request = parseLine(text);
    if (typeof request === 'string') return refuse('input-invalid', request);
    try {
      const open = await openJourney(catalogue, job.journey);
      const cause = { type: 'bulk' as const, id: `${job.id}/${line}` }; // K2
      const data = (request.data ?? {}) as JsonObject;
      const entry = await enrolment.enrol(open, subjectOfRequest(request), data, cause);
      return entry.result === 'entered'
        ? { line, result: 'entered', ...(entry.runId === undefined ? {} : { runId: entry.runId }) }
        : refuse(entry.reason ?? 'refused', entry.detail ?? '');
    } catch (error) {
      if (error instanceof SubjectErasedError)
        return refuse('subject-erased', 'the person was erased');
      log.error(
        { job: job.id, line, error: error instanceof Error ? error.stack : String(error) },
        'a line could not be enrolled',
      );
      return refuse('internal', 'this line failed with us: enrol it again');
    }
  }

  async function listed(change: (ids: string[]) => string[]): Promise<void> {
    const ids = ((await settings.get(openJobs)) ?? []) as string[];
    await settings.put(openJobs, change(ids));
  }

  return {
    async begin(journey, ndjson, idempotencyKey, caller) {
      await openJourney(catalogue, journey);
      const id = `job-${idempotencyKey === undefined ? randomUUID() : nameHash(journey, idempotencyKey)}`;
      const known = await read(id);
      if (known) return await viewOf(known);
      const lines = ndjson.split(/\r?\n/).filter((line) => line.trim() !== '');
      if (lines.length === 0) throw invalidAt('', 'give one JSON object a line');
      if (lines.length > mostLines) throw invalidAt('', `has more than ${mostLines} lines`);
      const chunks = Math.ceil(lines.length / chunkSize);
      for (let chunk = 0; chunk < chunks; chunk += 1)
        await write(names.lines(id, chunk), sealed(id, chunk, lines)); // K1
      const job: Job = {
        id,
        journey,
        state: 'running',
        total: lines.length,
        done: 0,
        entered: 0,
        refused: 0,
        createdAt: clock(),
        chunks,
      };
      await listed((ids) => [...ids.filter((other) => other !== id), id]);
      const { stored } = await settings.putOnce(names.job(id), job as unknown as Json);
      if (stored) {
        await audit.note(caller, {
          what: 'bulk-enrolment',
          target: `journey/${journey}`,
          after: { job: id, total: lines.length },
        });
        start(job);
      }
      return await viewOf(job);
    },

    async job(id) {
      const job = await read(id);
      if (!job) throw new NotFoundError('not-found', `there is no job '${id}'`);
      return await viewOf(job);
    },

    async resume() {
      for (const id of ((await settings.get(openJobs)) ?? []) as string[]) {
        const job = await read(id);
        if (job?.state === 'running') start(job);
      }
    },

    close() {
      closed = true;
    },
  };
}

/** The request of a line, or what is wrong with it. */
function parseLine(text: string): EnrolRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the line is no JSON';
  }
  if (!isObject(value)) return 'the line is no JSON object';
  const fault = faultsOf(enrolRequestValidator, value)[0];
  return fault ? `${fault.pointer || '/'}: ${fault.detail}` : (value as unknown as EnrolRequest);
}
