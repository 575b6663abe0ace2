import { lookIntoHome, mongodUri, reasonOf, StackError } from './servers/index.ts';
import type { StackSettings } from './settings.ts';

// How a command finds a deployment that is running already.

/** Where MongoDB is: from the environment, else from what the home remembers. */
export async function wayToMongo(settings: StackSettings): Promise<string> {
  if (settings.mongoUri !== undefined) return settings.mongoUri;
  const home = await lookIntoHome(settings.home);
  const { mongo } = home.ports;
  const password = await home.secret('mongo.password');
  if (mongo === undefined || password === undefined) throw unknown(settings);
  return mongodUri(mongo, password);
}

/** Where Temporal is: from the environment, else from what the home remembers. */
export async function wayToTemporal(settings: StackSettings): Promise<string> {
  if (settings.temporalAddress !== undefined) return settings.temporalAddress;
  const { temporal } = (await lookIntoHome(settings.home)).ports;
  if (temporal === undefined) throw unknown(settings);
  return `127.0.0.1:${temporal}`;
}

function unknown({ home }: StackSettings): StackError {
  return new StackError(
    'settings-invalid',
    `${home} does not say where MongoDB and Temporal are, or has no key: set SOJOURN_HOME to the home that Sojourn was started with, or MONGODB_URI, TEMPORAL_ADDRESS and SOJOURN_KEY`,
  );
}

/** Reaches a server, or says where it was looked for. Rejects with a `StackError`. */
export async function reachable<Answer>(
  name: string,
  address: string,
  reach: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await reach();
  } catch (cause) {
    if (cause instanceof StackError) throw cause; // it was reached
    throw new StackError(
      'server-failed',
      `${name} does not answer at ${address.replace(/\/\/.*@/, '//')} (${reasonOf(cause)}): start Sojourn with the same settings first, then try again`,
      { cause },
    );
  }
}
