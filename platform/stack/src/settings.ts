import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError, homePathOf } from './servers/index.ts';

/** Where `npm run new-plugin` puts them. */
const ownPluginsFolder = fileURLToPath(new URL('../../../own-plugins/', import.meta.url));

/** What the environment says. The README has the same table. */
export interface StackSettings {
  port: number;
  home: string;
  demo: boolean;
  /** Absent: the embedded MongoDB. */
  mongoUri?: string;
  /** Absent: the embedded Temporal. */
  temporalAddress?: string;
  temporalNamespace: string;
  /** The worker deployment that workers here are a version of. Absent: they take whatever run there is. */
  workerDeployment?: string;
  /** Absent: made and kept in the home. */
  deploymentKey?: string;
  /** The one before, while it is exchanged. */
  formerKey?: string;
  /** The public address, without a slash at its end. */
  url: string;
  timeZone: string;
  /** `host:port` pairs on this machine or private networks that connections may reach. */
  egressAllow: readonly string[];
  /** Folders that hold plugins of one's own. */
  pluginFolders: readonly string[];
}

/** Reads the settings. Throws `StackError` for a value that cannot be meant. */
export function settingsOf(env: NodeJS.ProcessEnv): StackSettings {
  const port = portOf(env['SOJOURN_PORT']);
  const mongoUri = given(env['MONGODB_URI']);
  const temporalAddress = given(env['TEMPORAL_ADDRESS']);
  const deploymentKey = given(env['SOJOURN_KEY']);
  const formerKey = given(env['SOJOURN_FORMER_KEY']);
  const workerDeployment = given(env['SOJOURN_WORKER_DEPLOYMENT']);
  return {
    port,
    home: homePathOf(env),
    demo: env['SOJOURN_DEMO'] !== '0' && mongoUri === undefined,
    ...(mongoUri === undefined ? {} : { mongoUri }),
    ...(temporalAddress === undefined ? {} : { temporalAddress }),
    ...(workerDeployment === undefined ? {} : { workerDeployment }),
    temporalNamespace: given(env['TEMPORAL_NAMESPACE']) ?? 'default',
    ...(deploymentKey === undefined ? {} : { deploymentKey }),
    ...(formerKey === undefined ? {} : { formerKey }),
    url: (given(env['SOJOURN_URL']) ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    timeZone: given(env['SOJOURN_TIME_ZONE']) ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    egressAllow: listOf(env['SOJOURN_EGRESS_ALLOW']),
    pluginFolders: given(env['SOJOURN_PLUGINS'])
      ? listOf(env['SOJOURN_PLUGINS']).map((folder) => resolve(folder))
      : [ownPluginsFolder],
  };
}

function listOf(text: string | undefined): string[] {
  return (given(text) ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function portOf(text: string | undefined): number {
  if (given(text) === undefined) return 4400;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StackError(
    'settings-invalid',
    `SOJOURN_PORT is '${text ?? ''}': give a port from 1 to 65535, such as 4400`,
  );
}
