import { checkValue } from '@sojourn/schemas';
import { openSocket } from '../host/open-socket.ts';
import {
  PluginError,
  type ActionDefinition,
  type JsonObject,
  type PerformResult,
  type PluginContext,
  type PluginDefinition,
  type PluginSubject,
} from '../contract.ts';

// A host for tests: it keeps the rules of the real one about attempts, and hears everything a plugin says.
//
//   T1. The intent is known before `perform`, the outcome after it. An intent without an outcome is asked for (`reconcile`); what
//       cannot be asked for is a person's to decide. Never a silent second send.
//   T2. What is thrown and is no `PluginError` leaves an unknown outcome, unless the provider honours the key.
//   T3. An outcome that stands is the answer to every further attempt under the same key.
//   T4. Nothing is reached but the provider.

/** What an action is asked to do in a test. */
export interface Task {
  config: JsonObject;
  subject: PluginSubject;
  key: string;
  purpose?: string;
  callbackUrl?: string;
  /** Milliseconds that an attempt may take. */
  withinMs?: number;
  signal?: AbortSignal;
}

/** How an effect ended. `person`: nobody knows what the world saw. */
export type Ending =
  PerformResult | { type: 'failed'; kind: string; code: string } | { type: 'person'; code: string };

/** What the host may do to an attempt: throw its answer away, as a crash does, or let it throw. */
export type Accident = 'killed' | 'throws';

/** Runs the actions of one plugin as the host does. */
export interface TestHost {
  /** One attempt, as the plugin answers or throws. */
  once(action: string, task: Task): Promise<PerformResult>;
  /** Attempts until the effect has ended, at most five. `before` is called before each, and may name an accident. */
  run(
    action: string,
    task: Task,
    before?: (attempt: number) => Promise<Accident | undefined>,
  ): Promise<Ending>;
  context(signal?: AbortSignal): PluginContext;
  /** Whatever the plugin has logged, thrown and answered, as text. */
  said: string[];
}

const mostAttempts = 5;

/** A host over one connection. `route` answers where a host and port really are; undefined: they are out of reach. */
export function createTestHost(
  plugin: PluginDefinition,
  connection: { type: string; settings: JsonObject },
  route: (host: string, port: number) => { host: string; port: number } | undefined,
): TestHost {
  const said: string[] = [];
  const intents = new Set<string>();
  const endings = new Map<string, Ending>();
  const say = (value: unknown): void => void said.push(textOf(value));

  const reach = (host: string, port: number): { host: string; port: number } => {
    const found = route(host, port);
    if (found) return found;
    throw new PluginError({
      code: 'egress-refused',
      kind: 'config',
      detail: `'${host}:${port}' may not be reached`,
    }); // T4
  };
  const context = (signal: AbortSignal = AbortSignal.timeout(10_000)): PluginContext => ({
    connection: { id: 'test', plugin: plugin.id, ...connection },
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const { host, port } = reach(url.hostname, Number(url.port || defaultPort(url.protocol)));
      url.hostname = host;
      url.port = String(port);
      return await fetch(url, { ...init, redirect: 'manual' });
    },
    resolve: async (host, port) => {
      const found = await Promise.resolve(reach(host, port));
      return { address: found.host, port: found.port };
    },
    connect: async (host, port, options) => {
      const { host: address, port: at } = reach(host, port);
      return await openSocket({ host, address, port: at, ...options }, signal);
    },
    log: { info: (...all) => say(all), warn: (...all) => say(all) },
    signal,
    clock: Date.now,
  });

  const once: TestHost['once'] = async (name, task) => {
    const action = actionOf(plugin, name);
    const { withinMs = 10_000 } = task;
    try {
      const result = await action.perform(
        {
          config: task.config,
          subject: task.subject,
          idempotencyKey: task.key,
          attempt: 1,
          deadline: Date.now() + withinMs,
          ...(task.purpose === undefined ? {} : { purpose: task.purpose }),
          ...(task.callbackUrl === undefined ? {} : { callbackUrl: task.callbackUrl }),
          links,
        },
        context(task.signal ?? AbortSignal.timeout(withinMs)),
      );
      say(result);
      return result;
    } catch (error) {
      say(error);
      throw error;
    }
  };

  const attempt = async (
    name: string,
    task: Task,
    accident: Accident | undefined,
  ): Promise<Ending | 'again'> => {
    const action = actionOf(plugin, name);
    const standing = endings.get(task.key);
    if (standing) return standing; // T3
    const isOpen = intents.has(task.key) && action.idempotency !== 'native';
    if (isOpen) {
      if (!action.reconcile) return { type: 'person', code: 'unknown-outcome' };
      try {
        const found = await action.reconcile(task.key, context(), task.config);
        say(found);
        if (found.type !== 'not-found') return found;
      } catch (error) {
        say(error);
        if (error instanceof PluginError && isPassing(error)) return 'again';
        return { type: 'person', code: 'unknown-outcome' };
      }
    }
    intents.add(task.key); // T1
    let result: PerformResult;
    try {
      result = await once(name, task);
      if (accident === 'killed') return 'again';
      if (accident === 'throws') throw new Error('an exception of its own');
    } catch (error) {
      const known = error instanceof PluginError ? error : undefined;
      if (known === undefined || known.kind === 'unknown-outcome') return 'again'; // T2
      intents.delete(task.key); // it had no effect, as it says
      return isPassing(known) ? 'again' : { type: 'failed', kind: known.kind, code: known.code };
    }
    return checked(action, result); // what is wrong with it is the plugin's fault, and no accident
  };

  return {
    once,
    context,
    said,
    async run(name, task, before = () => Promise.resolve(undefined)) {
      for (let number = 1; number <= mostAttempts; number += 1) {
        const ending = await attempt(name, task, await before(number));
        if (ending === 'again') continue;
        endings.set(task.key, ending);
        return ending;
      }
      return intents.has(task.key)
        ? { type: 'person', code: 'unknown-outcome' }
        : { type: 'failed', kind: 'retryable', code: 'attempts-spent' };
    },
  };
}

const isPassing = ({ kind }: PluginError): boolean =>
  kind === 'retryable' || kind === 'rate-limited';

function checked(action: ActionDefinition, result: PerformResult): Ending {
  if (result.type === 'accepted') {
    if (typeof result.reference === 'string' && result.reference !== '') return result;
    throw new Error('it was accepted without a reference: nobody can tell what will settle it');
  }
  const [fault] = checkValue(action.output, result.output);
  if (fault) throw new Error(`the output breaks its own schema: ${fault.pointer} ${fault.detail}`);
  return result;
}

function actionOf(plugin: PluginDefinition, name: string): ActionDefinition {
  const action = plugin.actions[name];
  if (!action) throw new Error(`plugin '${plugin.id}' has no action '${name}'`);
  return action;
}

/** An error with everything that a log may show of it: its causes, and fields of its own. */
function textOf(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify(value);
  const own = JSON.stringify(Object.fromEntries(Object.entries(value)));
  return `${value.name}: ${value.message} ${own} ${value.cause === undefined ? '' : textOf(value.cause)}`;
}

const defaultPort = (protocol: string): number => (protocol === 'https:' ? 443 : 80);

const links = {
  click: (target: string) => target,
  open: () => 'https://sojourn.example/t/open',
  unsubscribe: () => 'https://sojourn.example/u/out',
};
