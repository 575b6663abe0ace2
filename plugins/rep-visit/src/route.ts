import { createHash } from 'node:crypto';
import type { Channel, Representative } from './settings.ts';

// Who visits whom, and how.
//
//   R1. Pure and deterministic: the same person in the same territory has the same representative, on every attempt.
//   R2. The order of channels decides first: the first that anybody of the territory offers.
//   R3. How busy representatives are is not known, so people are spread over them evenly; one more or one fewer moves nobody else.

/** Which channels, in the order of preference: for everybody, or by class. */
export interface ChannelMix {
  channels?: Channel[];
  mix?: Partial<Record<string, Channel[]>>;
}

const everyChannel: readonly Channel[] = ['face-to-face', 'online', 'phone'];

/** The channels for somebody of a class. */
export function channelsFor(
  { channels, mix }: ChannelMix,
  className: string | undefined,
): readonly Channel[] {
  return mix?.[(className ?? '').trim().toUpperCase()] ?? channels ?? everyChannel;
}

/** Whom the visit goes to, and how it is made; undefined when nobody fits. */
export function route(
  representatives: readonly Representative[],
  wanted: { territory: string; channels: readonly Channel[]; subject: string },
): { representative: Representative; channel: Channel } | undefined {
  const territory = normal(wanted.territory);
  for (const channel of wanted.channels) {
    const able = representatives.filter(
      (one) => one.channels.includes(channel) && one.territories.map(normal).includes(territory),
    ); // R2
    const [representative] = ranked(able, ({ id }) => `${wanted.subject}\n${id}`);
    if (representative) return { representative, channel };
  }
  return undefined;
}

/** The items in the order of the hashes of their names (R3). */
export function ranked<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  const score = (item: Item): string => createHash('sha256').update(nameOf(item)).digest('hex');
  return items
    .map((item) => ({ item, score: score(item) }))
    .sort((one, other) => (one.score < other.score ? -1 : 1))
    .map(({ item }) => item);
}

const normal = (territory: string): string => territory.trim().toLowerCase();
