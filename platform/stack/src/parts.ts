import type { PartStatus } from '@sojourn/api';
import {
  cacheDirectoryOf,
  provision,
  startMongod,
  startTemporal,
  type Home,
  type Supervised,
} from './servers/index.ts';
import type { StackSettings } from './settings.ts';

/** Says what is being done, for whoever watches the start. */
export type Report = (step: { part: string; detail: string }) => void;

/** One server of the stack, embedded or given from outside. */
export interface Part {
  shown: { part: string; address: string }[];
  parts(): PartStatus[];
}

/** Starts MongoDB and Temporal, both at once, or takes those that are given. What was started stands in `stops`. */
export async function startServers(
  settings: StackSettings,
  home: Home,
  report: Report,
  stops: (() => Promise<void>)[],
): Promise<[Part & { uri: string }, Part & { address: string }]> {
  const binaries = (part: 'mongod' | 'temporal') =>
    provision(part, {
      cacheDirectory: cacheDirectoryOf(process.env),
      report: ({ step, detail }) => report({ part, detail: `${step}: ${detail}` }),
    });
  const embedded = async <Running extends { process: Supervised }>(
    part: 'mongod' | 'temporal',
    name: string,
    begin: (binary: Awaited<ReturnType<typeof provision>>) => Promise<Running>,
  ) => {
    const binary = await binaries(part);
    report({ part, detail: `starting ${binary.version}` });
    const running = await begin(binary);
    stops.push(() => running.process.stop());
    return { running, parts: (): PartStatus[] => [{ name, ...partOf(running.process.state()) }] };
  };
  const external = (part: string): Part => ({
    shown: [{ part, address: 'given from outside' }],
    parts: () => [],
  });

  const startMongo = async (): Promise<Part & { uri: string }> => {
    if (settings.mongoUri !== undefined) return { uri: settings.mongoUri, ...external('MongoDB') };
    const { running, parts } = await embedded('mongod', 'mongo', (binary) =>
      startMongod({ home, binary }),
    );
    return {
      uri: running.uri,
      parts,
      shown: [
        { part: 'MongoDB', address: running.uri.replace(/\/\/.*@/, '//').split('/?')[0] ?? '' },
      ],
    };
  };
  const startTemporalServer = async (): Promise<Part & { address: string }> => {
    if (settings.temporalAddress !== undefined)
      return { address: settings.temporalAddress, ...external('Temporal') };
    const { running, parts } = await embedded('temporal', 'temporal', (binary) =>
      startTemporal({ home, binary }),
    );
    return {
      address: running.address,
      parts,
      shown: [{ part: 'Temporal', address: running.address }],
    };
  };
  const [mongo, temporal] = await Promise.allSettled([startMongo(), startTemporalServer()]); // both, so that both can be stopped
  if (mongo.status === 'rejected') throw mongo.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  return [mongo.value, temporal.value];
}

/** A server's state, as the API shows it. */
export function partOf(state: {
  status: 'starting' | 'up' | 'down';
  since: number;
  detail?: string;
}): Omit<PartStatus, 'name'> {
  return {
    state: state.status,
    since: state.since,
    ...(state.detail === undefined ? {} : { detail: state.detail }),
  };
}
