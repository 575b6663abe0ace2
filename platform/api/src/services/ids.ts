import { createHash, createHmac } from 'node:crypto';

// Names that must be the same whenever they are made again, and tell nothing to whoever sees them.

/** Makes ids under a secret that is never rotated: with another secret, the same people would enter again. */
export interface Ids {
  /** The id of a run: an HMAC of journey key, run key and ordinal. Opaque, and not to be guessed. */
  run(journey: string, key: string, ordinal: number): string;
}

/** Ids under the deployment's identity secret. */
export function createIds(secret: Uint8Array): Ids {
  return {
    run: (journey, key, ordinal) =>
      `r-${createHmac('sha256', secret)
        .update(JSON.stringify([journey, key, ordinal]))
        .digest('hex')
        .slice(0, 32)}`,
  };
}

/** Our id of an event: events are unique by source and id. */
export function eventIdOf(source: string, id: string): string {
  return `e-${createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex')
    .slice(0, 32)}`;
}

/** The id of what one cause did in one journey: it happens once, however often the cause is delivered. */
export function entryIdOf(journey: string, cause: string): string {
  return createHash('sha256')
    .update(JSON.stringify([journey, cause]))
    .digest('hex')
    .slice(0, 32);
}

/** A name made of parts, that tells nothing of them. */
export function nameHash(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
