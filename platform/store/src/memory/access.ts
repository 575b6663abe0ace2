/* eslint-disable @typescript-eslint/require-await -- The port answers promises; memory has nothing to wait for. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@sojourn/engine';

import type {
  AccessStore,
  AuditRecord,
  AuditStore,
  ConnectionRecord,
  ConnectionStore,
  CredentialRecord,
  LeaseStore,
  SettingsStore,
  UserRecord,
} from '../ports.ts';
import { createTable, latestFirst } from './table.ts';

/** Connections in memory. */
export function createConnections(): ConnectionStore {
  const connections = createTable<ConnectionRecord>();
  const sorted = (test: (connection: ConnectionRecord) => boolean) =>
    connections.where(test).toSorted((a, b) => (a.id < b.id ? -1 : 1));

  return {
    insert: async (connection) => connections.insert(connection.id, connection),
    get: async (id) => connections.get(id),
    list: async () => sorted(() => true),
    async replace(connection) {
      if (connections.get(connection.id) === undefined) return false;
      connections.put(connection.id, connection);
      return true;
    },
    async noteHealth(id, health, updatedAt) {
      const connection = connections.get(id);
      if (connection?.updatedAt !== updatedAt) return false;
      connections.put(id, { ...connection, health });
      return true;
    },
    async amend(id, change) {
      const before = connections.get(id);
      if (!before) return false;
      const settings = await change(before.settings);
      const standing = connections.get(id);
      if (!standing || !sameButHealth(standing, before)) return false;
      connections.put(id, { ...standing, settings });
      return true;
    },
    remove: async (id) => connections.remove(id),
    defaultOf: async (plugin) =>
      sorted((connection) => connection.plugin === plugin && connection.default)[0],
  };
}

const sameButHealth = (one: ConnectionRecord, other: ConnectionRecord): boolean =>
  isDeepStrictEqual({ ...one, health: undefined }, { ...other, health: undefined });

/** People and their credentials in memory. */
export function createAccess(): AccessStore {
  const users = createTable<UserRecord>();
  const credentials = createTable<CredentialRecord>();
  const valid = (hash: string, now: number) => {
    const credential = credentials.get(hash);
    return credential === undefined || (credential.expiresAt ?? Infinity) <= now
      ? undefined
      : credential;
  };

  return {
    putUser: async (user) => users.put(user.id, user),
    user: async (id) => users.get(id),
    owner: async () => users.where(() => true).toSorted((a, b) => a.createdAt - b.createdAt)[0],
    putCredential: async (credential) => credentials.put(credential.hash, credential),
    credential: async (hash, now) => valid(hash, now),
    async takeCredential(hash, now) {
      const credential = valid(hash, now);
      if (credential !== undefined) credentials.remove(hash);
      return credential;
    },
  };
}

/** The audit log in memory. */
export function createAudit(): AuditStore {
  const records = createTable<AuditRecord>();
  return {
    append: async (record) => void records.insert(record.id, record),
    list: async ({ target }, page) =>
      latestFirst(
        records.where((record) => target === undefined || record.target === target),
        page,
        ({ at, id }) => [at, id],
      ),
  };
}

/** Values under names in memory. */
export function createSettings(): SettingsStore {
  const values = createTable<{ value: Json }>();
  return {
    get: async (name) => values.get(name)?.value,
    put: async (name, value) => values.put(name, { value }),
    async putOnce(name, value) {
      const stored = values.insert(name, { value });
      return { stored, value: values.get(name)?.value ?? value };
    },
  };
}

/** Leases in memory. */
export function createLeases(): LeaseStore {
  const leases = createTable<{ holder: string; until: number }>();
  return {
    async take(name, holder, at, until) {
      const standing = leases.get(name);
      if (standing && standing.holder !== holder && standing.until > at) return false;
      leases.put(name, { holder, until });
      return true;
    },
    async drop(name, holder) {
      if (leases.get(name)?.holder === holder) leases.remove(name);
    },
  };
}
