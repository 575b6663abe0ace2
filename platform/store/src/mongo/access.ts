import type { Json } from '@sojourn/engine';

import { present } from '../json.ts';
import { SubjectErasedError, type SubjectKey } from '../keys.ts';
import { subjectOf } from '../names.ts';
import { pageOf } from '../pages.ts';
import type { Roots } from '../roots.ts';
import { generationsIn } from '../sealing.ts';
import type { Seals } from '../seals.ts';
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
import { insertOnce, olderThan, parse, replacing, upsertOrUpdate } from './queries.ts';
import { erasedValue, openText, sealing } from './sealed.ts';
import type {
  AuditRow,
  ConnectionRow,
  CredentialRow,
  Models,
  SettingRow,
  UserRow,
} from './rows.ts';

/** Connections in MongoDB. */
export function createConnections(
  { connections }: Models,
  roots: Pick<Roots, 'known' | 'of'>,
): ConnectionStore {
  const fields = ({ health, ...connection }: ConnectionRecord) => ({
    plugin: connection.plugin,
    default: connection.default,
    changed: connection.updatedAt,
    record: JSON.stringify(connection),
    health: health === undefined ? undefined : JSON.stringify(health),
  });
  const read = ({ record, health }: ConnectionRow): ConnectionRecord =>
    present<ConnectionRecord>({
      ...parse<ConnectionRecord>(record),
      ...(health === undefined
        ? {}
        : { health: parse<NonNullable<ConnectionRecord['health']>>(health) }),
    });
  /** Learns of the generations that a connection is sealed under: what opens it asks nobody. */
  const learn = async (record: ConnectionRecord): Promise<ConnectionRecord> => {
    for (const generation of generationsIn(record.settings))
      if (!roots.known(generation)) await roots.of(generation).catch(() => undefined); // opening says what is wrong
    return record;
  };
  const recordOf = async (row: ConnectionRow | null) =>
    row === null ? undefined : await learn(read(row));

  return {
    insert: (connection) =>
      insertOnce(
        connections,
        present<ConnectionRow>({ _id: connection.id, ...fields(connection) }),
      ),
    get: async (id) => await recordOf(await connections.findById(id).lean<ConnectionRow>()),
    async list() {
      const rows = await connections.find().sort({ _id: 1 }).lean<ConnectionRow[]>();
      return await Promise.all(rows.map((row) => learn(read(row))));
    },
    async replace(connection) {
      const { matchedCount } = await connections.updateOne(
        { _id: connection.id },
        replacing(fields(connection)),
      );
      return matchedCount === 1;
    },
    async noteHealth(id, health, updatedAt) {
      const { matchedCount } = await connections.updateOne(
        { _id: id, changed: updatedAt },
        { $set: { health: JSON.stringify(health) } },
      );
      return matchedCount === 1;
    },
    async amend(id, change) {
      const row = await connections.findById(id).lean<ConnectionRow>();
      if (row === null) return false;
      const { settings, ...rest } = await learn(parse<ConnectionRecord>(row.record));
      const record = JSON.stringify({ ...rest, settings: await change(settings) });
      const { matchedCount } = await connections.updateOne(
        { _id: id, record: row.record }, // its text as it was read: nobody has changed anything
        { $set: { record } },
      );
      return matchedCount === 1;
    },
    remove: async (id) => (await connections.deleteOne({ _id: id })).deletedCount === 1,
    defaultOf: async (plugin) =>
      await recordOf(
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

type Values = Pick<AuditRecord, 'before' | 'after' | 'why'>;

/** The audit log in MongoDB. */
export function createAudit({ audit }: Models, seals: Seals): AuditStore {
  /** The key of whom a change is about; undefined when it is about nobody, or somebody who was erased. */
  const keyOf = async (target: string): Promise<SubjectKey | undefined> => {
    const [kind, ...rest] = target.split('/');
    try {
      if (kind === 'subject') return await seals.ofSubject(subjectOf(rest.join('/')));
      if (kind === 'run') return await seals.ofRun(rest.join('/'));
    } catch (error) {
      if (!(error instanceof SubjectErasedError)) throw error;
    }
    return undefined;
  };
  const open = async ({ _id, record, d }: AuditRow): Promise<AuditRecord> => {
    const known = parse<AuditRecord>(record);
    if (d === undefined) return known;
    const text = await openText(seals, d, `${_id} d`);
    return { ...known, ...(text === undefined ? { after: erasedValue } : parse<Values>(text)) };
  };

  return {
    async append(record) {
      const { id, at, target, before, after, why, ...rest } = record;
      const key = await keyOf(target);
      const row = { _id: id, at, target };
      await insertOnce<AuditRow>(
        audit,
        key === undefined
          ? { ...row, record: JSON.stringify(record) } // names and counts; see the audit service
          : {
              ...row,
              record: JSON.stringify({ id, at, target, ...rest }),
              d: sealing(seals, key, id)({ before, after, why }, 'd'),
            },
      );
    },
    async list({ target }, page) {
      const rows = await audit
        .find({ $and: [target === undefined ? {} : { target }, olderThan(page, 'at')] })
        .sort({ at: -1, _id: -1 })
        .limit(page.limit + 1)
        .lean<AuditRow[]>();
      const records = await Promise.all(rows.map(open));
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

/** Leases in MongoDB. */
export function createLeases({ leases }: Models): LeaseStore {
  return {
    async take(name, holder, at, until) {
      const isFree = { _id: name, $or: [{ holder }, { until: { $lte: at } }] };
      const { matchedCount, upsertedCount } = await upsertOrUpdate((upsert) =>
        leases.updateOne(isFree, { $set: { holder, until } }, { upsert }),
      );
      return matchedCount + upsertedCount === 1;
    },
    async drop(name, holder) {
      await leases.deleteOne({ _id: name, holder });
    },
  };
}
