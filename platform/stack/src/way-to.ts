import { lookIntoHome, mongodUri, reasonOf, StackError } from './servers/index.ts';
import type { StackSettings } from './settings.ts';

// How a command finds a deployment that is running already.

/** Where the servers are, and the key: from the environment, else from what the home remembers. */
export async function wayTo(
  settings: StackSettings,
): Promise<{ mongoUri: string; temporalAddress: string; deploymentKey: string }> {
  const home = await lookIntoHome(settings.home);
  const { mongo, temporal } = home.ports;
  const [password, kept] = await Promise.all([
    home.secret('mongo.password'),
    home.secret('deployment.key'),
  ]);
  const embedded =
    mongo === undefined || password === undefined ? undefined : mongodUri(mongo, password);
  const mongoUri = settings.mongoUri ?? embedded;
  const temporalAddress =
    settings.temporalAddress ?? (temporal === undefined ? undefined : `127.0.0.1:${temporal}`);
  const deploymentKey = settings.deploymentKey ?? kept;
  if (mongoUri !== undefined && temporalAddress !== undefined && deploymentKey !== undefined)
    return { mongoUri, temporalAddress, deploymentKey };
  throw new StackError(
    'settings-invalid',
    `${settings.home} does not say where MongoDB and Temporal are, or has no key: set SOJOURN_HOME to the home that Sojourn was started with, or MONGODB_URI, TEMPORAL_ADDRESS and SOJOURN_KEY`,
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
    throw new StackError(
      'server-failed',
      `${name} does not answer at ${address.replace(/\/\/.*@/, '//')} (${reasonOf(cause)}): start Sojourn with the same settings first, then try again`,
      { cause },
    );
  }
}
