import { parentPort, workerData } from 'node:worker_threads';
import { SimulationError } from '@sojourn/engine/simulation';
import { working, type SimulationWork } from './work.ts';
import type { ThreadWord } from './run.ts';

// A simulation in a thread of its own: a long one must not keep the server from answering.

const tellEveryMs = 250;

const say = (word: ThreadWord): void => parentPort?.postMessage(word);
let told = Date.now();
try {
  const walk = working(workerData as SimulationWork);
  for (;;) {
    const next = walk.next();
    if (next.done === true) {
      say({ type: 'done', text: JSON.stringify(next.value) });
      break;
    }
    if (Date.now() - told < tellEveryMs) continue;
    told = Date.now();
    const progress = next.value;
    say({
      type: 'progress',
      done: progress.done,
      of: progress.of,
      summary: progress.partial(),
    });
  }
} catch (error) {
  if (!(error instanceof SimulationError)) throw error;
  say({ type: 'refused', pointer: error.pointer, detail: error.message });
}
