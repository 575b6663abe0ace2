import { join } from 'node:path';
import { createLinkSigner } from '@sojourn/api';
import { createRegistry } from '@sojourn/plugin-kit';
import { createEgress } from '@sojourn/plugin-kit/host';
import { createSealer } from '@sojourn/store';
import { connectClient, createPlanCache, createRunHost, subjectKeys } from '@sojourn/temporal';
import { openStore } from './deployment.ts';
import { keepWorker } from './keep-worker.ts';
import { createLog } from './log.ts';
import { startOwnPlugins } from './own-plugins.ts';
import type { Report } from './parts.ts';
import { shippedPlugins } from './plugins.ts';
import { StackError } from './servers/index.ts';
import { sandboxAddresses } from './sandboxes.ts';
import type { StackSettings } from './settings.ts';
import { taskListOf } from './task-list.ts';
import { reachable, wayToMongo, wayToTemporal } from './way-to.ts';
import { workerOptionsOf } from './worker-options.ts';

/** A worker that performs the effects of some plugins, and does nothing else. */
export interface PluginWorker {
  plugins: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts a worker for these plugins beside a running deployment: more machines for one channel. Rejects with a `StackError` when a
 * plugin is not known here, or the servers cannot be reached.
 */
export async function startPluginWorker(
  settings: StackSettings,
  plugins: readonly string[],
  report: Report,
): Promise<PluginWorker> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const mongoUri = await wayToMongo(settings);
    const temporalAddress = await wayToTemporal(settings);
    const log = createLog(join(settings.home, 'logs', 'worker.log'));
    const store = await reachable('MongoDB', mongoUri, () =>
      openStore(mongoUri, settings, report, { log }),
    );
    stops.push(() => store.close());
    const keys = subjectKeys(store.subjectKeys, store.roots);
    const client = await reachable('Temporal', temporalAddress, () =>
      connectClient({ address: temporalAddress, namespace: settings.temporalNamespace, keys }),
    );
    stops.push(() => client.connection.close());
    const registry = createRegistry(shippedPlugins({ tasks: taskListOf(store) }));
    const local = await store.settings.get(sandboxAddresses);
    const open = new Set([...settings.egressAllow, ...((local ?? []) as string[])]);
    const own = await startOwnPlugins({
      ...{ folders: settings.pluginFolders, registry, open: () => [...open] },
      refusal: () => Promise.resolve(undefined), // whoever serves the canvas looks
      onChange: () => undefined,
      log: {
        info: (message, values) => log.info({ ...values }, message),
        warn: (message, values) => log.warn({ ...values }, message),
      },
    });
    stops.push(() => own.close());
    const known = registry.manifests().map(({ id }) => id);
    const unknown = plugins.find((id) => !known.includes(id));
    if (unknown !== undefined)
      throw new StackError(
        'settings-invalid',
        `there is no plugin '${unknown}' here: there are ${known.join(', ')}`,
      );
    report({ part: 'worker', detail: `starting the worker of ${plugins.join(', ')}` });
    const worker = await keepWorker(
      {
        ...(await workerOptionsOf({
          ...{ settings, address: temporalAddress, store, keys, registry, log, clock: Date.now },
          sealer: createSealer(store.roots),
          signer: createLinkSigner(store.roots),
          plans: createPlanCache(store.journeys),
          egress: createEgress({ allows: (name, port) => open.has(`${name}:${port}`) }),
          host: createRunHost(client, store),
        })),
        plugins,
      },
      log,
    );
    stops.push(() => worker.stop());
    return { plugins, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
