import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Throws unless the file has this SHA-256. */
export async function verifySha256(path: string, expected: string): Promise<void> {
  const found = await sha256Of(path);
  if (found !== expected.toLowerCase())
    throw new Error(`its SHA-256 is ${found}, and ${expected} was expected`);
}
