import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

// What every wrapped key and sealed secret looks like: 12 bytes nonce, the text, 16 bytes tag (AES-256-GCM).

/** Bytes that open with the same key and for the same place only. */
export function encrypt(key: Uint8Array, plain: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(place, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What was encrypted. Throws when it was with another key, for another place, or altered. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
  decipher.setAAD(Buffer.from(place, 'utf8'));
  decipher.setAuthTag(sealed.subarray(sealed.length - 16));
  return Buffer.concat([
    decipher.update(sealed.subarray(12, sealed.length - 16)),
    decipher.final(),
  ]);
}
