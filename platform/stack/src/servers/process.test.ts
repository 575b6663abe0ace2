import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { StackError } from './errors.ts';
import { listening, freePort } from './ports.ts';
import { endOrphan, supervise, type ServerState, type Supervised } from './process.ts';
import { isAlive } from './processes.ts';

let directory: string;
let port: number;
let states: ServerState[];
let running: Supervised[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sojourn-process-'));
  port = await freePort();
  states = [];
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  await rm(directory, { recursive: true, force: true });
});

const listener = `require('node:net').createServer().listen(process.argv[1], '127.0.0.1')`;
const stubborn = `process.on('SIGTERM', () => {}); ${listener}`;

const optionsFor = (script: string) => ({
  name: 'child',
  command: process.execPath,
  args: ['-e', script, String(port)],
  logDirectory: directory,
  pidDirectory: directory,
  ready: (signal: AbortSignal) => listening(port, signal),
  readyTimeoutMs: 20_000,
  graceMs: 5_000,
  onState: (state: ServerState) => states.push(state),
  backOff: { firstMs: 10, longestMs: 50 },
});

async function start(script: string, change: { graceMs?: number } = {}): Promise<Supervised> {
  const server = await supervise({ ...optionsFor(script), ...change });
  running.push(server);
  return server;
}

/** Whether a port is free to listen on, a moment later: a process just begun needs a while to take it. */
async function isFree(wanted: number): Promise<boolean> {
  await delay(500);
  const server = createServer();
  const taken = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(wanted, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return taken;
}

const statuses = () => states.map(({ status }) => status);

describe('a supervised server', () => {
  it('is up once it is ready, and gone once it was stopped (P4)', async () => {
    const server = await start(listener);
    const pid = server.pid()!;
    expect(server.state().status).toBe('up');

    await server.stop();

    expect(isAlive(pid)).toBe(false);
    expect(statuses()).toEqual(['starting', 'up', 'down']);
  });

  it('is started again when it dies (P3)', async () => {
    const server = await start(listener);
    const first = server.pid()!;

    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(statuses().filter((s) => s === 'up')).toHaveLength(2), 20_000);

    expect(server.pid()).not.toBe(first);
    expect(states[2]).toMatchObject({ status: 'down', detail: 'ended by SIGKILL' });
  });

  it('leaves nothing behind when it is stopped while it starts again (P4)', async () => {
    const restarting = new Promise<void>((resolve) => {
      vi.spyOn(states, 'push').mockImplementation((...added) => {
        states.splice(states.length, 0, ...added);
        if (statuses().join() === 'starting,up,down,starting') resolve();
        return states.length;
      });
    });
    const server = await start(listener);
    process.kill(server.pid()!, 'SIGKILL');
    await restarting; // Its process is not begun or not known yet.

    await server.stop();

    expect(await isFree(port)).toBe(true);
    expect(statuses().at(-1)).toBe('down');
  });

  it('is killed when it does not end by itself', async () => {
    const server = await start(stubborn, { graceMs: 200 });
    const pid = server.pid()!;

    await server.stop();

    expect(isAlive(pid)).toBe(false);
  });

  it('that ends before it is ready fails its first start, with the end of its log (P3)', async () => {
    const error = (await start(`console.error('no such option'); process.exit(3)`).catch(
      (thrown: unknown) => thrown,
    )) as StackError;

    expect(error.code).toBe('server-failed');
    expect(error.message).toMatch(/ended with code 3.*no such option/s);
  });

  it('that cannot be run fails its first start', async () => {
    const options = { ...optionsFor(listener), command: join(directory, 'nothing') };

    await expect(supervise(options)).rejects.toThrow(/could not be run/);
  });

  it('is told nothing of our settings (P5)', async () => {
    vi.stubEnv('SOJOURN_KEY', 'the key');
    vi.stubEnv('MONGODB_URI', 'mongodb://somebody:secret@elsewhere');
    await start(`console.log(Object.keys(process.env).join()); ${listener}`);
    vi.unstubAllEnvs();

    const told = await readFile(join(directory, 'child.log'), 'utf8');
    expect(told).toContain('PATH');
    expect(told).not.toMatch(/SOJOURN_KEY|MONGODB_URI/);
  });

  it('keeps the log of the start before', async () => {
    await writeFile(join(directory, 'child.log'), 'before');

    await start(listener);

    expect(await readFile(join(directory, 'child.log.1'), 'utf8')).toBe('before');
  });
});

describe('a server left over by a killed launcher', () => {
  it('is ended before another is started (P1)', async () => {
    const left = await supervise(optionsFor(listener));
    const pidFile = await readFile(join(directory, 'child.pid'), 'utf8');
    const pid = left.pid()!;

    const next = start(listener); // The first supervisor may restart its own meanwhile: it is stopped below.
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
    await left.stop();
    await next;

    expect(pidFile).toMatch(String(pid));
  });

  it('is left alone when the process id belongs to somebody else (P2)', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const pidFile = join(directory, 'child.pid');
    await writeFile(pidFile, JSON.stringify({ pid: stranger.pid, began: '1', args: ['-e'] }));

    await endOrphan(pidFile, 1_000);

    expect(isAlive(stranger.pid!)).toBe(true);
    stranger.kill();
  });
});
