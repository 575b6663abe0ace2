import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { sha256Of, verifySha256 } from './digest.ts';
import { extractFromZip } from './zip.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sojourn-zip-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

interface Member {
  name: string;
  content: string;
  deflate?: boolean;
}

async function aZip(members: Member[]): Promise<string> {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, content, deflate } of members) {
    const raw = Buffer.from(content);
    const data = deflate === true ? deflateRawSync(raw) : raw;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(deflate === true ? 8 : 0, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(name.length, 22);
    const extra = Buffer.from([1, 2, 3, 4]); // Only in the local header, as real archives have.
    const localCommon = Buffer.from(common);
    localCommon.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      localCommon,
      Buffer.from(name),
      extra,
      data,
    ]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    entries.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]),
    );
    parts.push(local);
    at += local.length;
  }
  const listing = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  const path = join(directory, 'made.zip');
  await writeFile(path, Buffer.concat([...parts, listing, end]));
  return path;
}

describe('a zip archive', () => {
  it('gives back a deflated member byte for byte', async () => {
    const content = 'binary '.repeat(10_000);
    const zip = await aZip([
      { name: 'a/readme', content: 'no' },
      { name: 'a/bin/mongod', content, deflate: true },
    ]);

    await extractFromZip(zip, '/bin/mongod', join(directory, 'out'));

    expect(await readFile(join(directory, 'out'), 'utf8')).toBe(content);
  });

  it('gives back a stored member and an empty one', async () => {
    const zip = await aZip([
      { name: 'x/stored', content: 'as it is' },
      { name: 'x/empty', content: '' },
    ]);

    await extractFromZip(zip, '/stored', join(directory, 'stored'));
    await extractFromZip(zip, '/empty', join(directory, 'empty'));

    expect(await readFile(join(directory, 'stored'), 'utf8')).toBe('as it is');
    expect(await readFile(join(directory, 'empty'), 'utf8')).toBe('');
  });

  it('refuses to choose between two members, or none', async () => {
    const zip = await aZip([
      { name: 'a/tool', content: '1' },
      { name: 'b/tool', content: '2' },
    ]);

    await expect(extractFromZip(zip, '/tool', join(directory, 'out'))).rejects.toThrow(/2 files/);
    await expect(extractFromZip(zip, '/other', join(directory, 'out'))).rejects.toThrow(/0 files/);
  });

  it('is not taken for one when it is something else', async () => {
    await writeFile(join(directory, 'text'), 'hello');

    await expect(
      extractFromZip(join(directory, 'text'), 'x', join(directory, 'out')),
    ).rejects.toThrow(/not a zip archive/);
  });
});

describe('a digest', () => {
  it('is that of the bytes, and another is refused with both', async () => {
    const file = join(directory, 'abc');
    await writeFile(file, 'abc');
    const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

    expect(await sha256Of(file)).toBe(digest);
    await verifySha256(file, digest.toUpperCase());
    await expect(verifySha256(file, '0'.repeat(64))).rejects.toThrow(digest);
  });
});
