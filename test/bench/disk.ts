import { readFile } from 'node:fs/promises';

/** How long somebody waited for the disk while something was measured, in ms. */
export interface DiskStalls {
  total: number;
  /** The most within a fifth of a second. */
  worst: number;
}

const everyMs = 200;

/**
 * Watches how long the machine's processes wait for its disk: a figure of what is stored before it is answered can be no better
 * than that. Linux alone says so (Pressure Stall Information); elsewhere the answer is undefined.
 */
export function watchDisk(): () => Promise<DiskStalls | undefined> {
  const readings: Promise<number | undefined>[] = [stalledMs()];
  const timer = setInterval(() => readings.push(stalledMs()), everyMs);
  return async () => {
    clearInterval(timer);
    const known = (await Promise.all([...readings, stalledMs()])).filter((ms) => ms !== undefined);
    const [first] = known;
    const last = known.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const steps = known.slice(1).map((ms, index) => ms - (known[index] ?? ms));
    return { total: last - first, worst: Math.max(...steps) };
  };
}

/** Since the machine was started. */
async function stalledMs(): Promise<number | undefined> {
  const text = await readFile('/proc/pressure/io', 'utf8').catch(() => ''); // no such file: no such figure
  const microseconds = /^some .*total=(\d+)/m.exec(text)?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / 1_000;
}
