import { Worker } from 'node:worker_threads';
import { SimulationError, type Summary } from '@sojourn/engine/simulation';
import type { SimulationWork } from './work.ts';

/** What the thread says. An answer travels as its JSON text: it is sent on as it is. */
export type ThreadWord =
  | { type: 'progress'; done: number; of: number; summary: Summary }
  | { type: 'done'; text: string }
  | { type: 'refused'; pointer: string; detail: string };

/** A simulation under way. */
export interface RunningSimulation {
  /** The answer as JSON text. Rejects with a `SimulationError` when the request makes no sense, or when it was cancelled. */
  answer: Promise<string>;
  cancel(): void;
}

/** Thrown to whoever waits for a simulation that somebody stopped. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}

/** Runs a simulation in a thread of its own. */
export function runSimulation(
  work: SimulationWork,
  onProgress: (progress: Extract<ThreadWord, { type: 'progress' }>) => void,
): RunningSimulation {
  const thread = startThread(work);
  const answer = new Promise<string>((resolve, reject) => {
    thread.on('message', (word: ThreadWord) => {
      if (word.type === 'progress') onProgress(word);
      else if (word.type === 'done') resolve(word.text);
      else reject(new SimulationError(word.pointer, word.detail));
    });
    thread.on('error', reject);
    thread.on('exit', () => reject(new CancelledError('the simulation was stopped')));
  });
  return { answer, cancel: () => void thread.terminate() };
}

/** The built thread; or, where sources are run as they are, the source by way of the loader that runs them. */
function startThread(workerData: SimulationWork): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./thread.js', import.meta.url), { workerData });
  const source = JSON.stringify(new URL('./thread.ts', import.meta.url).href);
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`;
  return new Worker(bootstrap, {
    eval: true,
    workerData,
    execArgv: ['--conditions=@sojourn/source'],
  });
}
