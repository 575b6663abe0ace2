import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@sojourn/stack/servers';

const bin = fileURLToPath(new URL('../../platform/cli/bin/sojourn.mjs', import.meta.url));

/** The whole stack in a process of its own, as a user runs it, in a temporary home. */
export interface StackUnderTest {
  url: string;
  home: string;
  /** The sign-in link that the start printed. */
  signInLink(): string;
  output(): string;
  start(): Promise<void>;
  /** Ctrl-C. */
  stop(): Promise<void>;
  /** The terminal is closed: nobody reads what is said any more. */
  hangUp(): Promise<void>;
  /** `kill -9` of the Node process alone: its servers are left behind. */
  kill(): Promise<void>;
  pidOf(server: 'mongod' | 'temporal'): Promise<number>;
  /** A call of the API with the owner's token; a body that is text goes as it is. Rejects when the answer is no success, unless `expect` names its status. */
  call<Answer>(
    method: string,
    path: string,
    body?: unknown,
    options?: { headers?: Record<string, string>; expect?: number },
  ): Promise<Answer>;
  /** Creates a journey under its own key, and publishes its first version. */
  publish(document: object): Promise<void>;
  /** Stops whatever runs and removes the home. */
  remove(): Promise<void>;
}

/** A stack that has not been started. */
export async function stackUnderTest(env: Record<string, string> = {}): Promise<StackUnderTest> {
  const home = await mkdtemp(join(tmpdir(), 'sojourn-stack-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let child: ChildProcess | undefined;
  let output = '';

  const start = async (): Promise<void> => {
    output = '';
    const running = spawn(bin, ['start'], {
      env: {
        ...process.env,
        SOJOURN_HOME: home,
        SOJOURN_PORT: String(port),
        SOJOURN_DEMO: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = running;
    await new Promise<void>((resolve, reject) => {
      for (const stream of [running.stdout, running.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes('Sojourn is ready')) resolve();
        });
      }
      running.on('exit', (code) =>
        reject(new Error(`the stack ended with ${code ?? 'a signal'}:\n${output}`)),
      );
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };

  const call: StackUnderTest['call'] = async (method, path, body, options = {}) => {
    const token = (await readFile(join(home, 'token'), 'utf8')).trim();
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const fine = options.expect === undefined ? response.ok : response.status === options.expect;
    if (!fine) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as never;
  };

  return {
    url,
    home,
    start,
    output: () => output,
    signInLink: () => /http\S+\/sign-in\/\S+/.exec(output)?.[0] ?? '',
    stop: () => end('SIGINT'),
    hangUp: async () => {
      child?.stdout?.destroy();
      child?.stderr?.destroy();
      await end('SIGHUP');
    },
    kill: () => end('SIGKILL'),
    async pidOf(server) {
      const text = await readFile(join(home, 'pids', `${server}.pid`), 'utf8');
      return Number(/\d+/.exec(text)?.[0]);
    },
    call,
    async publish(document) {
      const { key } = document as { key: string };
      await call('POST', '/journeys', { key, document });
      await call('POST', `/journeys/${key}/versions`, {}, { headers: { 'if-match': '"1"' } });
    },
    async remove() {
      await end('SIGINT');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Asks again and again until the answer satisfies, at most so long. Answers the last answer. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  satisfies: (answer: Answer) => boolean,
  timeoutMs = 60_000,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return undefined;
    });
    if (answer !== undefined && satisfies(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`not within ${timeoutMs} ms; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
