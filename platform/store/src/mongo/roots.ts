import { present } from '../json.ts';
import { createKeyWrapping } from '../keys.ts';
import type { ConnectionRecord } from '../ports.ts';
import type { EarlierContent, RootRecord, RootRows } from '../root-record.ts';
import { fixedRoots } from '../roots.ts';
import { createSealer, generationsIn, openSettings } from '../sealing.ts';
import { rowOfKey } from './keys.ts';
import { bytesOf, insertOnce, parse, replacing } from './queries.ts';
import type { ConnectionRow, Models, RootsRow } from './rows.ts';

const id = 'roots';

/** The record of the roots in MongoDB: one document, so that it changes whole. */
export function createRootRows({ roots }: Models): RootRows {
  return {
    async read() {
      const row = await roots.findById(id).lean<RootsRow>();
      if (row === null) return undefined;
      return present<RootRecord>({
        revision: row.revision,
        roots: row.roots.map(({ g, w }) => ({ generation: g, wrapped: bytesOf(w) })),
        renewing: row.renewing,
      });
    },
    async replace({ revision, roots: wrapped, renewing }) {
      const rows = wrapped.map((root) => ({ g: root.generation, w: Buffer.from(root.wrapped) }));
      const fields = { revision, roots: rows, renewing };
      if (revision === 1) return await insertOnce(roots, present<RootsRow>({ _id: id, ...fields }));
      const { matchedCount } = await roots.updateOne(
        { _id: id, revision: revision - 1 },
        replacing(fields),
      );
      return matchedCount === 1;
    },
  };
}

/** What a database holds that has no roots yet: that of an earlier release, or nothing. */
export async function earlierContentOf(models: Models): Promise<EarlierContent> {
  const found = await Promise.all(
    Object.values(models).map((model) => model.collection.findOne({}, { projection: { _id: 1 } })),
  );
  const row = rowOfKey(await models.subjectKeys.collection.findOne({ key: { $exists: true } }));
  const secret = await withSecret(models);
  return {
    isEmpty: found.every((item) => item === null),
    async opensUnder({ secret: bytes }) {
      const roots = fixedRoots(bytes);
      try {
        if (row) await createKeyWrapping(roots).opened(row);
        else if (secret) openSettings(createSealer(roots), secret.id, secret.settings);
        return true;
      } catch {
        return false; // another key sealed it
      }
    },
  };
}

/** A connection that has a secret. */
async function withSecret({ connections }: Models): Promise<ConnectionRecord | undefined> {
  const rows = await connections.find().lean<ConnectionRow[]>();
  return rows
    .map(({ record }) => parse<ConnectionRecord>(record))
    .find(({ settings }) => generationsIn(settings).length > 0);
}
