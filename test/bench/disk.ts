import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './figures.ts';

/** Milliseconds that the disk alone took to keep a few bytes for good. */
export interface FlushFigures {
  count: number;
  p50: number;
  p99: number;
  most: number;
}

const everyMs = 50;

/**
 * Writes a few bytes into a directory and has the disk keep them (`fdatasync`), again and again, while something is measured: what is
 * stored before it is answered can be no faster than that. The figures come when it is told to end.
 */
export function watchDisk(directory: string): () => Promise<FlushFigures> {
  const ending = new AbortController();
  const flushes = flush(join(directory, 'flushes'), ending.signal);
  flushes.catch(() => undefined); // whoever asks for the figures hears why
  return async () => {
    ending.abort();
    const took = await flushes;
    return {
      count: took.length,
      p50: quantile(took, 0.5),
      p99: quantile(took, 0.99),
      most: quantile(took, 1),
    };
  };
}

async function flush(path: string, signal: AbortSignal): Promise<number[]> {
  const took: number[] = [];
  const file = await open(path, 'w');
  try {
    while (!signal.aborted) {
      const began = performance.now();
      await file.write('a few bytes', 0);
      await file.datasync();
      took.push(performance.now() - began);
      await delay(everyMs);
    }
  } finally {
    await file.close();
  }
  return took;
}
