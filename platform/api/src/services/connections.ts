import { randomUUID } from 'node:crypto';
import { isObject, isZone, sameJson, type JsonObject } from '@sojourn/engine';
import { checkValue, PluginError, type PluginRegistry } from '@sojourn/plugin-kit';
import type { ConnectionInput } from '@sojourn/schemas';
import {
  openSettings,
  sealSettings,
  secretFields,
  type ConnectionRecord,
  type Sealer,
  type Store,
} from '@sojourn/store';
import { webhookUrlOf, type LinkSigner } from '../links.ts';
import type { ApiDependencies, Clock } from '../ports.ts';
import { ConflictError, InvalidInputError, NotFoundError, type InputFault } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { JourneyCatalogue } from './catalogue.ts';

// Connections: settings and credentials of channels.
//
//   V1. Secrets are sealed before they are stored, and never answered. `{ "sealed": true }` in a change keeps what is stored.
//      A kept secret stays with the server it was given for: where that changes, it is given again.
//   V2. One plugin has one default at most.
//   V3. What a live version uses is not deleted.

export interface ConnectionsDependencies {
  store: Pick<Store, 'connections' | 'leases'>;
  registry: PluginRegistry;
  sealer: Sealer;
  catalogue: JourneyCatalogue;
  signer: LinkSigner;
  /** The public address, without a slash at its end. */
  baseUrl: string;
  pluginContext: ApiDependencies['pluginContext'];
  audit: Audit;
  clock: Clock;
}

export type Health = NonNullable<ConnectionRecord['health']>;

export interface Connections {
  list(): Promise<ConnectionRecord[]>;
  get(id: string): Promise<ConnectionRecord>;
  create(input: ConnectionInput, caller: Caller): Promise<ConnectionRecord>;
  replace(id: string, input: ConnectionInput, caller: Caller): Promise<ConnectionRecord>;
  remove(id: string, caller: Caller): Promise<void>;
  /** Asks the providers that were not asked for a while, a few at a time. Answers how many those were. */
  checkDue(): Promise<number>;
  /** Where the connection's provider reports; undefined when its plugin takes no callbacks. */
  webhookOf(connection: ConnectionRecord): string | undefined;
  /** Asks the provider, and keeps the answer. */
  test(id: string, caller: Caller): Promise<Health>;
}

const checkMs = 10_000;
/** How often each connection is asked how it is by itself, how many at once, and how long one process does so before another may. */
const everyMs = 300_000;
const atOnce = 4;
const leaseMs = 30_000;
/** Settings that say which server is spoken to, and how safely. */
const destination = ['host', 'port', 'baseUrl', 'url', 'security'];

/** The service that keeps connections. */
export function createConnections(dependencies: ConnectionsDependencies): Connections {
  const { store, registry, sealer, signer, baseUrl, catalogue } = dependencies;
  const { pluginContext, audit, clock } = dependencies;

  const holder = randomUUID();

  const get = async (id: string): Promise<ConnectionRecord> => {
    const connection = await store.connections.get(id);
    if (!connection) throw new NotFoundError('not-found', `there is no connection '${id}'`);
    return connection;
  };

  /** The settings as they are stored; throws with every fault. */
  const sealed = (id: string, input: ConnectionInput, before?: ConnectionRecord): JsonObject => {
    const definition = registry.connectionType(input.plugin, input.type);
    if (!definition) {
      const known = registry.plugin(input.plugin) !== undefined;
      throw wrong([
        known
          ? { pointer: '/type', detail: `plugin '${input.plugin}' has no '${input.type}'` }
          : { pointer: '/plugin', detail: `there is no plugin '${input.plugin}'` },
      ]);
    }
    const secrets = secretFields(definition.schema);
    const stored = before?.settings ?? {};
    const opened: JsonObject = before ? openSettings(sealer, id, stored) : {};
    const faults: InputFault[] = [];
    const given = input.settings as JsonObject;
    const plain = before
      ? withKept({ given, opened, secrets, faults })
      : withKept({ given, secrets, faults });
    const notKept = faults.map(({ pointer }) => pointer);
    for (const fault of checkValue(definition.schema, plain)) {
      const pointer = `/settings${fault.pointer}`;
      if (!notKept.some((place) => isAt(pointer, place))) faults.push({ ...fault, pointer });
    }
    const zone = input.limits?.window?.timeZone;
    if (zone !== undefined && !isZone(zone))
      faults.push({ pointer: '/limits/window/timeZone', detail: `'${zone}' is no time zone` });
    if (faults.length > 0) throw wrong(faults);
    return asStored(sealSettings(sealer, id, plain, secrets), stored, given); // V1
  };

  /** Takes the default away from the others of the plugin (V2). */
  const onlyDefault = async ({ id, plugin }: ConnectionRecord): Promise<void> => {
    for (const other of await store.connections.list())
      if (other.plugin === plugin && other.id !== id && other.default)
        await store.connections.replace({ ...other, default: false, updatedAt: clock() });
  };

  const noted = (
    { id, plugin, type, name, default: isDefault }: ConnectionRecord,
    what: string,
    caller: Caller,
  ): Promise<void> =>
    audit.note(caller, {
      what,
      target: `connection/${id}`,
      after: { plugin, type, name, default: isDefault },
    });

  return {
    list: () => store.connections.list(),
    get,
    webhookOf: (connection) =>
      registry.plugin(connection.plugin)?.callbacks && webhookUrlOf(signer, baseUrl, connection),

    async create(input, caller) {
      const id = input.id ?? (await freeId(input.plugin));
      const now = clock();
      const connection: ConnectionRecord = {
        id,
        plugin: input.plugin,
        type: input.type,
        name: input.name,
        settings: sealed(id, input),
        limits: input.limits ?? {},
        default: input.default ?? false,
        createdAt: now,
        updatedAt: now,
      };
      if (!(await store.connections.insert(connection)))
        throw new ConflictError('id-taken', `there is a connection '${id}' already`);
      if (connection.default) await onlyDefault(connection);
      await noted(connection, 'connection-created', caller);
      return connection;
    },

    async replace(id, input, caller) {
      const before = await get(id);
      const faults: InputFault[] = [];
      if (input.id !== undefined && input.id !== id)
        faults.push({ pointer: '/id', detail: `must be '${id}', or be left out` });
      if (input.plugin !== before.plugin)
        faults.push({ pointer: '/plugin', detail: `must stay '${before.plugin}'` });
      if (input.type !== before.type)
        faults.push({ pointer: '/type', detail: `must stay '${before.type}'` });
      if (faults.length > 0) throw wrong(faults);
      const { health: _health, ...kept } = before;
      const connection: ConnectionRecord = {
        ...kept,
        name: input.name,
        settings: sealed(id, input, before),
        limits: input.limits ?? {},
        default: input.default ?? before.default,
        updatedAt: clock(),
      };
      await store.connections.replace(connection);
      if (connection.default) await onlyDefault(connection);
      await noted(connection, 'connection-changed', caller);
      return connection;
    },

    async remove(id, caller) {
      const connection = await get(id);
      const users = await journeysUsing(connection);
      if (users.length > 0)
        throw new ConflictError(
          'connection-in-use',
          `used by ${users.map((key) => `'${key}'`).join(', ')}: let them use another one first`,
          { journeys: users },
        );
      await store.connections.remove(id);
      await noted(connection, 'connection-deleted', caller);
    },

    async checkDue() {
      if (!(await store.leases.take('connection-checks', holder, clock(), clock() + leaseMs)))
        return 0; // another process does it
      const due = (await store.connections.list()).filter(
        ({ plugin, type, health }) =>
          registry.connectionType(plugin, type)?.check !== undefined &&
          (health?.at ?? 0) <= clock() - everyMs,
      );
      const some = due.slice(0, atOnce);
      await Promise.all(some.map(askProvider));
      return some.length;
    },

    async test(id, caller) {
      const health = await askProvider(await get(id));
      await audit.note(caller, {
        what: 'connection-tested',
        target: `connection/${id}`,
        after: { status: health.status },
      });
      return health;
    },
  };

  /** Asks a provider, and keeps the answer with the connection. */
  async function askProvider(connection: ConnectionRecord): Promise<Health> {
    const health: Health = { ...(await check(connection)), at: clock() };
    await store.connections.noteHealth(connection.id, health, connection.updatedAt);
    return health;
  }

  async function freeId(plugin: string): Promise<string> {
    const taken = new Set((await store.connections.list()).map(({ id }) => id));
    for (let number = 1; ; number += 1) {
      const id = `${plugin.slice(0, 55)}-${number}`;
      if (!taken.has(id)) return id;
    }
  }

  async function journeysUsing(connection: ConnectionRecord): Promise<string[]> {
    const uses = (step: { kind: string }): boolean => {
      if (step.kind !== 'action') return false;
      const action = step as unknown as {
        plugin: string;
        connection?: string;
        needsConnection: boolean;
      };
      if (action.connection !== undefined) return action.connection === connection.id;
      return connection.default && action.needsConnection && action.plugin === connection.plugin;
    };
    return (await catalogue.published())
      .filter(({ plan }) => Object.values(plan.steps).some(uses))
      .map(({ journey }) => journey.key);
  }

  async function check(connection: ConnectionRecord): Promise<Omit<Health, 'at'>> {
    const definition = registry.connectionType(connection.plugin, connection.type);
    const began = clock();
    const down = (detail: string): Omit<Health, 'at'> => ({
      status: 'down',
      latencyMs: clock() - began,
      detail,
    });
    if (!definition?.check)
      return { status: 'ok', latencyMs: 0, detail: 'this channel has no test' };
    try {
      const { status, latencyMs, detail } = await withLimit(
        definition.check(pluginContext(connection, connection.plugin, checkMs)),
      );
      return { status, latencyMs, ...(detail === undefined ? {} : { detail }) };
    } catch (error) {
      if (error instanceof PluginError) return down(error.message);
      return down(`the plugin threw ${error instanceof Error ? error.name : 'something'}`);
    }
  }
}

interface GivenSettings {
  given: JsonObject;
  /** What is stored, in clear; absent when nothing is. */
  opened?: JsonObject;
  secrets: readonly string[];
  faults: InputFault[];
}

/**
 * The settings in clear: in the place of `{ "sealed": true }` what is kept of them (V1). What cannot be kept becomes a fault. How
 * a server is found stands beside its secret, or beside the object that the secret is in.
 */
function withKept(
  { given, opened, secrets, faults }: GivenSettings,
  path = '',
  movedAbove?: string,
): JsonObject {
  const isSecret = (name: string): boolean => secrets.includes(`${path}${name}`);
  const says = destination.some(
    (name) => given[name] !== undefined || opened?.[name] !== undefined,
  );
  const moved =
    opened === undefined || !says
      ? movedAbove
      : destination.find(
          (name) =>
            !(isSecret(name) && isObject(given[name])) && // it is a secret itself, and kept
            !sameJson(opened[name] ?? null, given[name] ?? null),
        );
  const plain: JsonObject = {};
  for (const [name, value] of Object.entries(given)) {
    const before = opened?.[name];
    const at = `${path}${name}`;
    const fault = (detail: string) => faults.push({ pointer: `/settings/${at}`, detail });
    if (!isObject(value)) plain[name] = value;
    else if (!Object.hasOwn(value, 'sealed')) {
      const within = {
        secrets,
        faults,
        given: value,
        ...(isObject(before) ? { opened: before } : {}),
      };
      plain[name] = isSecret(name) ? value : withKept(within, `${at}/`, moved);
    } else if (isSecret(name) && value['sealed'] === true && before !== undefined) {
      if (moved !== undefined)
        fault(`'${moved}' changes, and a secret does not follow to another server: give it again`);
      plain[name] = before;
    } else fault('no secret is stored here: give it');
  }
  return plain;
}

/** Sealed settings in which what was kept is sealed as it was. */
function asStored(fresh: JsonObject, stored: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => {
      const [before, asked] = [stored[name], given[name]];
      if (!isObject(asked) || !isObject(before)) return [name, value];
      if (asked['sealed'] === true) return [name, before];
      return [name, isObject(value) ? asStored(value, before, asked) : value];
    }),
  );
}

const isAt = (pointer: string, place: string): boolean =>
  pointer === place || pointer.startsWith(`${place}/`);

function wrong(faults: InputFault[]): InvalidInputError {
  const first = faults[0];
  return new InvalidInputError(
    'connection-invalid',
    first ? `${first.pointer}: ${first.detail}` : 'the connection is wrong',
    faults,
  );
}

/** A plugin that does not keep to its signal is not waited for. */
async function withLimit<Answer>(work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new PluginError({
            code: 'timeout',
            kind: 'retryable',
            detail: 'no answer within 10 seconds',
          }),
        ),
      checkMs + 500,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
