import type { Json } from '@sojourn/engine';

import { present } from '../json.ts';
import { pageOf } from '../pages.ts';
import type {
  AccessStore,
  AuditRecord,
  AuditStore,
  ConnectionRecord,
  ConnectionStore,
  CredentialRecord,
  SettingsStore,
  UserRecord,
} from '../ports.ts';
import { insertOnce, olderThan, parse } from './queries.ts';
import type {
  AuditRow,
  ConnectionRow,
  CredentialRow,
  Models,
  SettingRow,
  UserRow,
} from './rows.ts';

/** Connections in MongoDB. */
export function createConnections({ connections }: Models): ConnectionStore {
  const fields = (connection: ConnectionRecord) => ({
    plugin: connection.plugin,
    default: connection.default,
    record: JSON.stringify(connection),
  });
  const recordOf = (row: ConnectionRow | null) =>
    row === null ? undefined : parse<ConnectionRecord>(row.record);

  return {
    insert: (connection) => insertOnce(connections, { _id: connection.id, ...fields(connection) }),
    get: async (id) => recordOf(await connections.findById(id).lean<ConnectionRow>()),
    async list() {
      const rows = await connections.find().sort({ _id: 1 }).lean<ConnectionRow[]>();
      return rows.map(({ record }) => parse<ConnectionRecord>(record));
    },
    async replace(connection) {
      const { matchedCount } = await connections.updateOne(
        { _id: connection.id },
        { $set: fields(connection) },
      );
      return matchedCount === 1;
    },
    remove: async (id) => (await connections.deleteOne({ _id: id })).deletedCount === 1,
    defaultOf: async (plugin) =>
      recordOf(
        await connections.findOne({ plugin, default: true }).sort({ _id: 1 }).lean<ConnectionRow>(),
      ),
  };
}

/** People and their credentials in MongoDB. */
export function createAccess({ users, credentials }: Models): AccessStore {
  const userOf = (row: UserRow | null) =>
    row === null ? undefined : parse<UserRecord>(row.record);
  const valid = (hash: string, now: number) => ({
    _id: hash,
    $or: [{ expiresAt: { $exists: false } }, { expiresAt: { $gt: new Date(now) } }],
  });

  return {
    async putUser(user) {
      await users.updateOne(
        { _id: user.id },
        { $set: { createdAt: user.createdAt, record: JSON.stringify(user) } },
        { upsert: true },
      );
    },
    user: async (id) => userOf(await users.findById(id).lean<UserRow>()),
    owner: async () => userOf(await users.findOne().sort({ createdAt: 1 }).lean<UserRow>()),
    async putCredential({ hash, kind, userId, createdAt, expiresAt }) {
      await credentials.replaceOne(
        { _id: hash },
        {
          ...{ kind, userId, createdAt },
          ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
        },
        { upsert: true },
      );
    },
    credential: async (hash, now) =>
      credentialOf(await credentials.findOne(valid(hash, now)).lean<CredentialRow>()),
    takeCredential: async (hash, now) =>
      credentialOf(await credentials.findOneAndDelete(valid(hash, now)).lean<CredentialRow>()),
  };
}

function credentialOf(row: CredentialRow | null): CredentialRecord | undefined {
  if (row === null) return undefined;
  return present<CredentialRecord>({
    hash: row._id,
    kind: row.kind as CredentialRecord['kind'],
    userId: row.userId,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt?.getTime(),
  });
}

/** The audit log in MongoDB. */
export function createAudit({ audit }: Models): AuditStore {
  return {
    async append(record) {
      const { id, at, target } = record;
      await insertOnce(audit, { _id: id, at, target, record: JSON.stringify(record) });
    },
    async list({ target }, page) {
      const rows = await audit
        .find({ $and: [target === undefined ? {} : { target }, olderThan(page, 'at')] })
        .sort({ at: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<AuditRow[]>();
      const records = rows.map(({ record }) => parse<AuditRecord>(record));
      return pageOf(records, page, ({ at, id }) => [at, id]);
    },
  };
}

/** Values under names in MongoDB. */
export function createSettings({ settings }: Models): SettingsStore {
  const find = async (name: string): Promise<Json | undefined> => {
    const row = await settings.findById(name).lean<SettingRow>();
    return row === null ? undefined : parse<Json>(row.value);
  };
  return {
    get: find,
    async put(name, value) {
      await settings.updateOne(
        { _id: name },
        { $set: { value: JSON.stringify(value) } },
        { upsert: true },
      );
    },
    async putOnce(name, value) {
      const stored = await insertOnce(settings, { _id: name, value: JSON.stringify(value) });
      return { stored, value: stored ? value : ((await find(name)) ?? value) };
    },
  };
}
