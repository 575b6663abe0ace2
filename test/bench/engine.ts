import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the engine does by itself, as it is built. */
export interface EngineFigures {
  /** Transitions of the reference plan in a second of CPU. */
  transition: number;
  /** To compile 2,000 steps, median of five, in milliseconds. */
  compile: number;
  simulation: {
    people: number;
    seconds: number;
    cpuSeconds: number;
    /** Heap after a quarter of the people, and at the end. */
    quarterMiB: number;
    endMiB: number;
    stepsEntered: number;
  };
}

/** Measures the engine in a process of its own, on one core. */
export async function benchEngine(people: number): Promise<EngineFigures> {
  const file = fileURLToPath(new URL('./engine-process.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', file, String(people)],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  );
  return JSON.parse(stdout) as EngineFigures;
}
