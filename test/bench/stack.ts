import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@sojourn/stack/servers';

const execute = promisify(execFile);

/** What the embedded stack takes, as a user starts it. */
export interface StackFigures {
  firstStartMs: number;
  nextStartMs: number;
  /** Resident memory when idle, in MiB, by process. */
  residentMiB: Record<string, number>;
  residentTotalMiB: number;
}

/** Starts the stack as `npm start` does, twice, and looks at its memory when it has been idle. */
export async function benchStack(idleMs: number): Promise<StackFigures> {
  const home = await mkdtemp(join(tmpdir(), 'sojourn-bench-home-'));
  const env = { ...process.env, SOJOURN_HOME: home, SOJOURN_PORT: String(await freePort()) };
  try {
    const first = await start(env);
    await stop(first.child);
    const next = await start(env);
    await delay(idleMs);
    const residentMiB = await residentOf(next.child, home);
    await stop(next.child);
    const residentTotalMiB = Object.values(residentMiB).reduce((sum, value) => sum + value, 0);
    return { firstStartMs: first.ms, nextStartMs: next.ms, residentMiB, residentTotalMiB };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function start(env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; ms: number }> {
  const began = Date.now();
  const child = spawn('npm', ['start'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a process group of its own, as a terminal makes one
  });
  await new Promise<void>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Sojourn is ready')) resolve();
    });
    child.on('exit', () => reject(new Error(`npm start ended:\n${output}`)));
  });
  return { child, ms: Date.now() - began };
}

/** Stops it as Ctrl-C does: the signal goes to the whole process group, since npm does not pass it on. */
async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) throw new Error('npm start has no process');
  const ended = new Promise((resolve) => child.on('exit', resolve));
  process.kill(-pid, 'SIGINT');
  await ended;
}

/** Resident memory of a process and everything below it, by name. */
async function residentOf(child: ChildProcess, home: string): Promise<Record<string, number>> {
  const { stdout } = await execute('ps', ['-eo', 'pid=,ppid=,rss=,args=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .map((match) => ({
      pid: Number(match?.[1]),
      parent: Number(match?.[2]),
      kiB: Number(match?.[3]),
      command: match?.[4] ?? '',
    }));
  const pids = new Set([child.pid]);
  for (let size = 0; size !== pids.size;) {
    size = pids.size;
    for (const row of rows) if (pids.has(row.parent)) pids.add(row.pid);
  }
  const resident: Record<string, number> = {};
  for (const { pid, kiB, command } of rows) {
    if (!pids.has(pid) && !command.includes(home)) continue;
    const name = command.includes('mongod')
      ? 'MongoDB'
      : command.includes('start-dev')
        ? 'Temporal'
        : command.includes('scripts/start.mjs')
          ? 'Sojourn (API, worker, sandbox)'
          : 'npm and shell';
    resident[name] = Math.round(((resident[name] ?? 0) + kiB / 1024) * 10) / 10;
  }
  return resident;
}
