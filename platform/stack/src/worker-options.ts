import { callbackUrlOf, createIds, linksFor, type LinkSigner } from '@sojourn/api';
import type { PluginRegistry } from '@sojourn/plugin-kit';
import type { Egress } from '@sojourn/plugin-kit/host';
import { openSettings, type Sealer, type Store } from '@sojourn/store';
import {
  createRunHost,
  type ActivityDependencies,
  type PayloadKeys,
  type PlanCache,
  type WorkerOptions,
} from '@sojourn/temporal';
import type { createLog } from './log.ts';
import { identitySecretOf } from './deployment.ts';
import type { StackSettings } from './settings.ts';

/** What a worker of this deployment is made of, whether it does everything or the effects of some plugins alone. */
export async function workerOptionsOf(given: {
  settings: StackSettings;
  address: string;
  store: Store;
  sealer: Sealer;
  signer: LinkSigner;
  keys: PayloadKeys;
  plans: PlanCache;
  registry: PluginRegistry;
  egress: Egress;
  host: ReturnType<typeof createRunHost>;
  log: ReturnType<typeof createLog>;
  clock: () => number;
}): Promise<WorkerOptions> {
  const { settings, address, store, sealer, signer, keys, plans, registry, host } = given;
  const { egress, log, clock } = given;
  const ids = createIds(await identitySecretOf(store.settings));
  const secrets: ActivityDependencies['secrets'] = {
    open: (record) => openSettings(sealer, record.id, record.settings),
  };
  return {
    ...{ address, namespace: settings.temporalNamespace, keys, plans },
    ...(settings.workerDeployment === undefined ? {} : { deployment: settings.workerDeployment }),
    activities: {
      ...{ store, registry, secrets, egress, log, clock },
      runs: {
        idOf: (...of) => ids.run(...of),
        tell: (...message) => host.tell(...message),
      },
      links: {
        for: (message) => linksFor(signer, settings.url, message),
        callback: (about) => callbackUrlOf(signer, settings.url, about),
      },
    },
  };
}
