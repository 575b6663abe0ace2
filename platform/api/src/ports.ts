import type { Plan, RunEvent } from '@sojourn/engine';
import type { PluginContext, PluginRegistry, RunningSandbox } from '@sojourn/plugin-kit';
import type { ConnectionRecord, Sealer, Store } from '@sojourn/store';
import type { LinkSigner } from './links.ts';
import type { Ids } from './services/ids.ts';

// What the API asks of the rest of the deployment. The composition root gives it.

/** Tells runs what happened. The message stands in the inbox already. */
export interface RunHost {
  tell(runId: string, message: RunEvent): Promise<'told' | 'ended'>;
  /** Ends a run's host from outside, whatever it does. Nothing when there is none. */
  terminate(runId: string): Promise<void>;
}

/** Writes a log line: identifiers and numbers, nothing personal. */
export interface Log {
  info(values: object, message: string): void;
  warn(values: object, message: string): void;
  error(values: object, message: string): void;
}

/** The time, in milliseconds since 1970. */
export type Clock = () => number;

/** One part of the deployment, and how it is. */
export interface PartStatus {
  /** `mongo`, `temporal`, `worker`, `sandbox` … */
  name: string;
  state: 'up' | 'starting' | 'down';
  /** Milliseconds since 1970. */
  since: number;
  detail?: string;
}

/** What does not change while the process runs. */
export interface ApiSettings {
  /** The public address, without a slash at its end. */
  baseUrl: string;
  /** The deployment's zone. */
  timeZone: string;
  version: string;
  /** Where the built web app lies; without it only the API is served. */
  webDirectory?: string;
  /** Whether the demo journeys were loaded, so that "take the tour" is offered. */
  demo: boolean;
  /** How often one caller may ask in a minute; a tenth of that when nobody is known. Default: 6,000. */
  requestsPerMinute?: number;
}

/** A plugin that is not ours, as it stands. */
export interface OwnPluginState {
  folder: string;
  /** Known once it was loaded. */
  id?: string;
  status: 'loading' | 'ready' | 'broken';
  /** What is wrong with it. */
  detail?: string;
  at: number;
}

/** Everything the API is made of. */
export interface ApiDependencies {
  store: Store;
  host: RunHost;
  registry: PluginRegistry;
  sealer: Sealer;
  ids: Ids;
  signer: LinkSigner;
  plans: {
    byHash(hash: string): Promise<Pick<Plan, 'listens' | 'reads' | 'steps'>>;
  };
  /** Plugins that are not ours. Absent: there are none. */
  ownPlugins?: () => OwnPluginState[];
  /** The stand-ins for the outside world, by plugin; empty unless the embedded sandbox runs. */
  sandboxes: ReadonlyMap<string, RunningSandbox>;
  /**
   * What a plugin's own functions may touch outside a run: for checks, lines and "send me this". They must let go after so many
   * milliseconds, or when the signal says so.
   */
  pluginContext: (
    record: ConnectionRecord | undefined,
    plugin: string,
    limit: number | AbortSignal,
  ) => PluginContext;
  status: () => PartStatus[];
  settings: ApiSettings;
  log: Log;
  clock: Clock;
}
