import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { systemCodeOf } from './errors.ts';
import { isAlive, startMarkOf } from './processes.ts';

// A lock is a file that names its holder.
//
// Invariants
//   L1. It appears complete: it is written aside and linked into place, so nobody reads half a lock.
//   L2. A holder that is dead, or whose process id now belongs to a later process, holds nothing.
//   L3. A dead holder's lock is removed only under a lock of its own, after looking again: of two who find the same dead
//       holder, the slower one would else remove the lock of the faster one.

const noProcess = -1;

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
      if (standing !== 'nobody' && (await holds(standing))) return { heldBy: standing.pid };
      await removeDead(path);
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

/** Removes a lock whose holder is dead (L3). */
async function removeDead(path: string): Promise<void> {
  const removal = await tryLock(`${path}.removal`);
  if ('heldBy' in removal) {
    await delay(10);
    return;
  }
  try {
    const standing = await readHolder(path);
    if (standing !== 'nobody' && !(await holds(standing))) await rm(path, { force: true });
  } finally {
    await removal.release();
  }
}

/** Who is named in the lock; a file that names nobody counts as a dead holder. */
async function readHolder(path: string): Promise<Holder | 'nobody'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 'nobody';
    throw error;
  }
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    const { pid, began } = value ?? {};
    if (typeof pid === 'number') return { pid, ...(began === undefined ? {} : { began }) };
  } catch {
    // Not ours to understand.
  }
  return { pid: noProcess };
}

async function holds(holder: Holder): Promise<boolean> {
  if (holder.pid === noProcess || !isAlive(holder.pid)) return false;
  return holder.began === undefined || holder.began === (await startMarkOf(holder.pid));
}
