import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { systemCodeOf } from './errors.ts';
import { isAlive, startMarkOf } from './processes.ts';

// A lock is a file that names its holder.
//
// Invariants
//   L1. It appears complete: it is written aside and linked into place, so nobody reads half a lock.
//   L2. A holder that is dead, or whose process id now belongs to a later process, holds nothing.

interface Holder {
  pid: number;
  /** When the process began, as the system tells it: tells a process from a later one with the same id. */
  began?: string;
}

export type LockAttempt = { release: () => Promise<void> } | { heldBy: number };

/** Takes the lock, or says which process holds it. */
export async function tryLock(path: string): Promise<LockAttempt> {
  const own = `${path}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
  const began = await startMarkOf(process.pid);
  const holder: Holder = { pid: process.pid, ...(began === undefined ? {} : { began }) };
  await writeFile(own, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (;;) {
      try {
        await link(own, path); // L1
        return { release: () => rm(path, { force: true }) };
      } catch (error) {
        if (systemCodeOf(error) !== 'EEXIST') throw error;
      }
      const standing = await readHolder(path);
      if (standing !== undefined && (await holds(standing))) return { heldBy: standing.pid };
      await setAside(path, standing);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes the lock as soon as its holder gives it back, or throws after `timeoutMs`. */
export async function lockWithin(path: string, timeoutMs: number): Promise<() => Promise<void>> {
  const giveUpAt = Date.now() + timeoutMs;
  for (;;) {
    const attempt = await tryLock(path);
    if ('release' in attempt) return attempt.release;
    if (Date.now() > giveUpAt)
      throw new Error(`process ${attempt.heldBy} has held ${path} for ${timeoutMs / 1000} s`);
    await delay(200);
  }
}

/** Moves a dead holder's lock away. Another process may have done so and locked meanwhile: then its lock is put back. */
async function setAside(path: string, dead: Holder | undefined): Promise<void> {
  const aside = `${path}.stale.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && (moved.pid !== dead?.pid || moved.began !== dead.began))
    await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value)) return undefined;
    if (typeof value.pid !== 'number') return undefined;
    const began = 'began' in value && typeof value.began === 'string' ? value.began : undefined;
    return { pid: value.pid, ...(began === undefined ? {} : { began }) };
  } catch {
    return undefined; // Gone meanwhile, or not ours to understand: either way nobody holds it (L2).
  }
}

async function holds(holder: Holder): Promise<boolean> {
  if (!isAlive(holder.pid)) return false;
  return holder.began === undefined || holder.began === (await startMarkOf(holder.pid));
}
