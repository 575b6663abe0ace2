import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JourneyDocument } from '@sojourn/schemas';
import { lookIntoHome, mongodUri } from '@sojourn/stack/servers';
import { createMongoStore, type KeysStanding } from '@sojourn/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, stackUnderTest, type StackUnderTest } from '../support/stack.ts';

// The key of a deployment is exchanged, and everything wrapped anew, while people are on their way.

const bin = fileURLToPath(new URL('../../platform/cli/bin/sojourn.mjs', import.meta.url));
const token = 'tok-1a2b3c4d5e';
const keyOf = { first: 'the-first-key-77', second: 'the-second-key-88', wrong: 'no-key-99' };
const manyKeys = 3_000;

const document: JourneyDocument = {
  ...{ format: 1, key: 'renewed', name: 'Renewed', subject: 'patient' },
  ...{ entry: [{ on: 'manual' }], start: 'mail' },
  steps: {
    mail: {
      ...{ kind: 'action', uses: 'email/send', purpose: 'support' },
      with: { subject: 'Hi', body: 'Hello' },
    },
    wait: { kind: 'wait', for: [{ port: 'heard', event: 'said' }] },
    ask: {
      ...{ kind: 'action', uses: 'http/request', connection: 'outside' },
      with: {
        ...{ method: 'POST', path: '/people' },
        outcomes: [{ port: 'fine', path: '/status', equals: 'fine' }],
      },
    },
    done: { kind: 'end', outcome: 'completed' },
    odd: { kind: 'end', outcome: 'odd' },
  },
  edges: [
    { from: 'mail', port: 'sent', to: 'wait' },
    { from: 'wait', port: 'heard', to: 'ask' },
    { from: 'ask', port: 'fine', to: 'done' },
    { from: 'ask', port: 'other', to: 'odd' },
  ],
};

let api: Server;
let asked: (string | undefined)[] = [];
const env: Record<string, string> = {};
let stack: StackUnderTest;
beforeAll(async () => {
  api = createServer((request, response) => {
    if (request.url === '/v1/people') asked.push(request.headers.authorization);
    request.resume().on('end', () => response.end(JSON.stringify({ status: 'fine' })));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  env['SOJOURN_EGRESS_ALLOW'] = `127.0.0.1:${portOf(api)}`;
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** Runs `sojourn keys` as an operator does; `killAt` kills it with -9 as soon as it says such a thing. */
async function keys(
  words: string[],
  killAt?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [bin, 'keys', ...words], {
    env: { ...process.env, ...env, SOJOURN_HOME: stack.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    if (killAt?.test(err)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}
const standing = async () => JSON.parse((await keys(['--json'])).out) as KeysStanding;
const earlierIn = ({ newest, generations }: KeysStanding): number =>
  generations
    .filter(({ generation }) => generation < newest)
    .reduce((sum, { subjectKeys, secrets }) => sum + subjectKeys + secrets, 0);

async function manyPeople(deploymentKey: string): Promise<void> {
  const home = await lookIntoHome(stack.home);
  const store = await createMongoStore({
    uri: mongodUri(home.ports['mongo'] ?? 0, (await home.secret('mongo.password')) ?? ''),
    deploymentKey: createHash('sha256').update(deploymentKey).digest(),
  });
  try {
    const numbers = Array.from({ length: manyKeys }, (_, index) => index);
    await Promise.all(numbers.map((index) => store.subjectKeys.of('patient', `many-${index}`)));
  } finally {
    await store.close();
  }
}

async function enrol(key: string): Promise<string> {
  await stack.call('PUT', `/subjects/patient/${key}`, { email: `${key}@patients.example` });
  const run = await stack.call<{ id: string }>('POST', '/journeys/renewed/runs', {
    subject: `patient/${key}`,
  });
  await runUntil(run.id, ({ positions }) => positions[0]?.step === 'wait');
  return run.id;
}
interface Run {
  outcome: string | null;
  positions: { step: string }[];
}
const runUntil = (id: string, isSo: (run: Run) => boolean) =>
  eventually(() => stack.call<Run>('GET', `/runs/${id}`), isSo);
const hears = (key: string) =>
  stack.call('POST', '/events', {
    ...{ specversion: '1.0', id: `said-${key}`, source: 'test', type: 'said' },
    ...{ subject: `patient/${key}`, data: {} },
  });

/** The address to unsubscribe at in the mail to somebody. */
async function linkTo(key: string): Promise<string> {
  const mails = await readFile(join(stack.home, 'sandbox', 'mail', 'mail.jsonl'), 'utf8');
  const mail = mails.split('\n').find((line) => line.includes(`${key}@patients.example`));
  return /http:[^\s"<>\\]*\/u\/[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/.exec(mail ?? '')?.[0] ?? '';
}
const statusOf = async (link: string, method: string) => (await fetch(link, { method })).status;

async function filesOf(directory: string): Promise<string> {
  const names = await readdir(directory);
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join();
}

describe('a deployment whose key is exchanged', () => {
  it('goes on with everything it sealed, signed and began, and refuses the key before', async () => {
    env['SOJOURN_KEY'] = keyOf.first;
    stack = await stackUnderTest(env);
    try {
      await stack.start();
      await stack.call('POST', '/connections', {
        ...{ id: 'outside', plugin: 'http', type: 'api', name: 'Outside', default: true },
        settings: { baseUrl: `http://127.0.0.1:${portOf(api)}/v1`, auth: 'bearer', token },
      });
      await stack.publish(document);
      const mei = await enrol('mei');
      const oldLink = await linkTo('mei');
      expect(await statusOf(oldLink, 'GET')).toBe(200);
      await stack.stop();

      env['SOJOURN_KEY'] = keyOf.wrong;
      await expect(stack.start()).rejects.toThrow(
        /SOJOURN_KEY does not open[^]*Nothing was changed/,
      );
      env['SOJOURN_KEY'] = keyOf.second;
      env['SOJOURN_FORMER_KEY'] = keyOf.first;
      await stack.start();
      expect(stack.output()).toContain('the deployment has another key now');
      delete env['SOJOURN_FORMER_KEY'];
      await manyPeople(keyOf.second);
      expect(await standing()).toMatchObject({ newest: 1, isRenewing: false });

      const killed = await keys(['renew'], /generation 2: \d+ of/);
      expect(killed.code).toBeNull();
      const halfway = await standing();
      console.log(`killed with ${earlierIn(halfway)} of ${manyKeys} and more left`);
      expect(halfway).toMatchObject({ newest: 2, isRenewing: true });
      expect(earlierIn(halfway)).toBeGreaterThan(0);
      expect(halfway.generations[1]?.subjectKeys).toBeGreaterThan(0);
      const lin = await enrol('lin'); // by a process that runs all the while
      const newLink = await linkTo('lin');
      const began = Date.now();
      const renewed = await keys(['renew']);
      console.log(`gone on with in ${((Date.now() - began) / 1_000).toFixed(1)} s`);
      expect(renewed).toMatchObject({ code: 0 });
      expect(renewed.out).toMatch(/generation +2\n/);
      const settled = await standing();
      expect(settled).toMatchObject({ newest: 2, isRenewing: false });
      expect(earlierIn(settled)).toBe(0);
      await hears('lin');
      await runUntil(lin, ({ outcome }) => outcome === 'completed');
      await stack.stop();

      await stack.start(); // with the new key alone
      for (const link of [oldLink, newLink]) {
        expect(await statusOf(link, 'GET')).toBe(200);
        expect(await statusOf(link, 'POST')).toBe(200);
        expect(await statusOf(`${link.slice(0, -4)}AAAA`, 'POST')).toBe(404);
      }
      const consents = await stack.call('GET', '/subjects/patient/mei/consents');
      expect(JSON.stringify(consents)).toContain('unsubscribed');
      await hears('mei');
      await runUntil(mei, ({ outcome }) => outcome === 'completed');
      expect(asked).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
      await stack.stop();

      env['SOJOURN_KEY'] = keyOf.first;
      await expect(stack.start()).rejects.toThrow(/SOJOURN_KEY does not open/);
      const said = [
        stack.output(),
        killed.err,
        renewed.out,
        await filesOf(join(stack.home, 'logs')),
      ];
      env['SOJOURN_KEY'] = keyOf.second;
      await stack.start();
      expect(said.join()).not.toMatch(new RegExp([...Object.values(keyOf), token].join('|')));
    } finally {
      await stack.remove();
    }
  }, 300_000);
});

describe('a home whose key is exchanged', () => {
  it('has another one, wherever the exchange was cut off', async () => {
    delete env['SOJOURN_KEY'];
    asked = [];
    stack = await stackUnderTest(env);
    try {
      await stack.start();
      await stack.call('POST', '/connections', {
        ...{ id: 'outside', plugin: 'http', type: 'api', name: 'Outside', default: true },
        settings: { baseUrl: `http://127.0.0.1:${portOf(api)}/v1`, auth: 'bearer', token },
      });
      await stack.publish(document);
      const mei = await enrol('mei');
      const file = join(stack.home, 'secrets', 'deployment.key');
      const before = await readFile(file, 'utf8');

      expect((await keys(['exchange'])).code).toBe(2); // nobody is there to be asked
      expect(await readFile(file, 'utf8')).toBe(before);
      expect(await keys(['exchange', '--yes'])).toMatchObject({ code: 0 });
      const after = await readFile(file, 'utf8');
      expect(after).not.toBe(before);
      await hears('mei'); // what runs goes on
      await runUntil(mei, ({ outcome }) => outcome === 'completed');
      await stack.kill();

      await rename(file, `${file}.next`); // as a crash leaves it after the keys were wrapped anew
      await writeFile(file, before);
      await stack.start();
      expect(await readFile(file, 'utf8')).toBe(after);
      await stack.stop();

      await writeFile(`${file}.next`, 'one more'); // as a crash leaves it before
      await stack.start();
      expect(await readFile(file, 'utf8')).toBe('one more');
      expect(
        (await readdir(join(stack.home, 'secrets'))).filter((name) => /key\./.test(name)),
      ).toEqual([]);
      const lin = await enrol('lin');
      await hears('lin');
      await runUntil(lin, ({ outcome }) => outcome === 'completed');
      expect(asked).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
      await stack.stop();

      await writeFile(file, before);
      await expect(stack.start()).rejects.toThrow(/deployment.key does not open[^]*restore/);
    } finally {
      await stack.remove();
    }
  }, 300_000);
});
