import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@sojourn/stack/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

const execute = promisify(execFile);
const bin = fileURLToPath(new URL('../../platform/cli/bin/sojourn.mjs', import.meta.url));

interface Readiness {
  status: string;
  parts: { name: string; state: string; detail?: string }[];
}

let stack: StackUnderTest;
beforeAll(async () => {
  stack = await stackUnderTest();
  await stack.start();
});
afterAll(() => stack.remove());

async function readiness(): Promise<Readiness & { code: number }> {
  const response = await fetch(`${stack.url}/readyz`);
  return { code: response.status, ...((await response.json()) as Readiness) };
}

/** Runs the command in an environment; answers its exit code and what it said. */
async function run(
  command: string,
  env: Record<string, string>,
): Promise<{ code: number; said: string }> {
  try {
    const { stdout, stderr } = await execute(process.execPath, [bin, command], {
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

describe('a part that dies', () => {
  it.each([
    ['mongo', 'mongod'],
    ['temporal', 'temporal'],
  ] as const)('%s is started again, and the deployment says so meanwhile', async (name, server) => {
    expect(await readiness()).toMatchObject({ code: 200, status: 'ready' });

    process.kill(await stack.pidOf(server), 'SIGKILL');

    const down = await eventually(readiness, ({ code }) => code === 503, 20_000);
    expect(down.parts.find((part) => part.name === name)?.state).not.toBe('up');
    const up = await eventually(readiness, ({ code }) => code === 200, 60_000);
    expect(up.parts.find((part) => part.name === name)?.state).toBe('up');
  });

  it('is named by `sojourn status`', async () => {
    const { port } = new URL(stack.url);
    const { code, said } = await run('status', { SOJOURN_HOME: stack.home, SOJOURN_PORT: port });

    expect(code).toBe(0);
    for (const part of ['mongo', 'temporal', 'worker', 'sandbox'])
      expect(said).toMatch(new RegExp(`^${part} +up `, 'm'));
  });
});

describe('a start that is given up', () => {
  it.each([/starting \d/, /starting the worker/])(
    'at %s ends, and leaves no server behind',
    async (moment) => {
      const home = await mkdtemp(join(tmpdir(), 'sojourn-given-up-'));
      const child = spawn(process.execPath, [bin, 'start'], {
        env: {
          ...process.env,
          SOJOURN_HOME: home,
          SOJOURN_PORT: String(await freePort()),
          SOJOURN_DEMO: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const before = moment.test(said);
        said += chunk.toString();
        if (!before && moment.test(said)) child.kill('SIGINT');
      });
      const [code] = (await once(child, 'exit')) as [number | null];

      expect([code, said]).toEqual([130, expect.stringContaining('Stopped before it was ready')]);
      expect(await readdir(join(home, 'pids'))).toEqual([]);
      await rm(home, { recursive: true, force: true });
    },
  );
});

describe('a start whose terminal is closed', () => {
  it('stops, and leaves no server behind', async () => {
    const closed = await stackUnderTest();
    await closed.start();
    await closed.hangUp();
    expect(await readdir(join(closed.home, 'pids'))).toEqual([]);
    await closed.remove();
  });
});

describe('a start that cannot be', () => {
  it('is refused with words when the port is taken', async () => {
    const home = await mkdtemp(join(tmpdir(), 'sojourn-other-'));
    const { port } = new URL(stack.url);
    const { code, said } = await run('start', { SOJOURN_HOME: home, SOJOURN_PORT: port });
    await rm(home, { recursive: true, force: true });

    expect(code).toBe(1);
    expect(said).toContain('SOJOURN_PORT');
    expect(said).not.toContain('    at ');
  });

  it('is refused with words when another stack has the home', async () => {
    const { code, said } = await run('start', {
      SOJOURN_HOME: stack.home,
      SOJOURN_PORT: String(await freePort()),
    });

    expect(code).toBe(1);
    expect(said).toContain(stack.home);
    expect(said).not.toContain('    at ');
  });

  it('is refused with words when a newer release wrote the home', async () => {
    const home = await mkdtemp(join(tmpdir(), 'sojourn-later-'));
    await writeFile(
      join(home, 'home.json'),
      JSON.stringify({ formatVersion: 99, createdAt: '2030-01-01T00:00:00Z', ports: {} }),
    );
    const { code, said } = await run('start', {
      SOJOURN_HOME: home,
      SOJOURN_PORT: String(await freePort()),
    });
    await rm(home, { recursive: true, force: true });

    expect(code).toBe(1);
    expect(said).toContain('another release of Sojourn, in format 99');
    expect(said).not.toContain('    at ');
  });

  it('is refused with words when the home cannot be made', async () => {
    const { code, said } = await run('start', {
      SOJOURN_HOME: '/proc/sojourn',
      SOJOURN_PORT: String(await freePort()),
    });

    expect(code).toBe(1);
    expect(said).toContain('SOJOURN_HOME');
    expect(said).not.toContain('    at ');
  });

  it('says what is wrong with a setting', async () => {
    const { code, said } = await run('start', { SOJOURN_PORT: 'many' });

    expect(code).toBe(1);
    expect(said).toContain("SOJOURN_PORT is 'many'");
  });
});
