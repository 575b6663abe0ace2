import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import { lookIntoHome, mongodUri } from '@sojourn/stack/servers';

/** Every row of every collection of a running stack, as its bytes. */
export async function rowsKept(path: string): Promise<{ collection: string; bytes: Buffer }[]> {
  const home = await lookIntoHome(path);
  const uri = mongodUri(home.ports['mongo'] ?? 0, (await home.secret('mongo.password')) ?? '');
  const client = await MongoClient.connect(uri);
  try {
    const rows: { collection: string; bytes: Buffer }[] = [];
    for (const { name } of await client.db().listCollections().toArray())
      for await (const row of client.db().collection(name).find())
        rows.push({ collection: name, bytes: Buffer.from(BSON.serialize(row)) });
    return rows;
  } finally {
    await client.close();
  }
}

/** The files of a stopped stack, by their place in its home: all but MongoDB's own, and what the sandbox took for the world. */
export async function filesKept(home: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const found = new Map<string, Buffer>();
  for (const entry of entries.filter((item) => item.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const place = path.slice(home.length + 1);
    if (!/^(mongo|sandbox)/.test(place)) found.set(place, await readFile(path));
  }
  return found;
}
