import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunningSandbox, SandboxItem } from '../contract.ts';
import { startStandIn } from './stand-in.ts';

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`./test-data/${name}.ts`, import.meta.url));
const log = { info: () => undefined, warn: () => undefined };

let directory: string;
let standIn: RunningSandbox;
const arrived: SandboxItem[] = [];

beforeAll(async () => {
  vi.stubEnv('SOJOURN_KEY', 'the key of the deployment');
  directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
  standIn = await startStandIn({ path: pathOf('played-plugin'), directory, port: 0, log });
  standIn.watch((item) => arrived.push(item));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
  await rm(directory, { recursive: true });
});

const address = (): string => standIn.connection.settings['baseUrl'] as string;
const moodSaid = async (): Promise<string> => await (await fetch(address())).text();

describe('the outside world of a plugin, in a process of its own', () => {
  it('is played and watched like any other, and holds nothing of ours (W1)', async () => {
    const item = await standIn.begin?.({ type: 'arrive', to: 'ada' });

    expect(item).toMatchObject({ id: 'i1', to: 'ada' });
    expect(item?.['holds']).not.toContain('SOJOURN_KEY');
    expect(await standIn.items({ to: 'bob', limit: 5 })).toEqual([]);
    expect(await standIn.act('i1', { type: 'read' })).toEqual([]);
    expect(await standIn.item('i1')).toMatchObject({ state: 'read' });
    await vi.waitFor(() => expect(arrived).toHaveLength(2));
    expect(Object.keys(standIn)).not.toContain('callBack');
  });

  it('says in its own words what cannot be done', async () => {
    await expect(standIn.act('i1', { type: 'burn' })).rejects.toThrow("nobody can 'burn' it");
  });

  it('comes back when it ended by itself, with what it kept and as it was told to be (W2)', async () => {
    const { port } = new URL(address());
    await standIn.close();
    standIn = await startStandIn({
      ...{ path: pathOf('played-plugin'), directory, port: Number(port), log },
    });
    standIn.behave('busy');
    expect(await moodSaid()).toBe('busy');

    await expect(standIn.act('i1', { type: 'die' })).rejects.toThrow('the sandbox ended');
    await expect(moodSaid()).rejects.toThrow();

    await vi.waitFor(async () => expect(await moodSaid()).toBe('busy'), { timeout: 10_000 });
    expect(await standIn.item('i1')).toMatchObject({ to: 'ada', state: 'read' });
  });

  it('is refused when the plugin has none', async () => {
    await expect(
      startStandIn({ path: pathOf('odd-plugin'), directory, port: 0, log }),
    ).rejects.toThrow('the plugin has no sandbox');
  });
});
