import { createHash } from 'node:crypto';
import type { PluginRegistry, RawRequest } from '@sojourn/plugin-kit';
import { openSettings, type Sealer, type Store } from '@sojourn/store';
import type { ApiDependencies } from '../ports.ts';
import { GoneError, invalidAt, NotFoundError, UnauthenticatedError } from '../problems.ts';
import type { Reports, ReportResult } from './reports.ts';

export interface CallbacksDependencies {
  store: Pick<Store, 'connections' | 'settings'>;
  registry: PluginRegistry;
  sealer: Sealer;
  pluginContext: ApiDependencies['pluginContext'];
  reports: Reports;
}

/** Takes what a provider reports over HTTP. Answers how many reports were about something of ours. */
export type Callbacks = (plugin: string, token: string, request: RawRequest) => Promise<number>;

const receiveMs = 10_000;

/** The setting that names the connection of a callback token: only its hash is stored. */
export function callbackSetting(token: string): string {
  return `callback/${createHash('sha256').update(token).digest('hex')}`;
}

/** The service that believes nothing of a callback before its plugin has verified it. */
export function createCallbacks(dependencies: CallbacksDependencies): Callbacks {
  const { store, registry, sealer, pluginContext, reports } = dependencies;

  return async (plugin, token, request) => {
    const callbacks = registry.plugin(plugin)?.callbacks;
    const id = callbacks && (await store.settings.get(callbackSetting(token)));
    const connection = typeof id === 'string' ? await store.connections.get(id) : undefined;
    if (!callbacks || connection?.plugin !== plugin)
      throw new NotFoundError('not-found', 'nobody expects a callback here');
    const opened = {
      id: connection.id,
      plugin,
      type: connection.type,
      settings: openSettings(sealer, connection.id, connection.settings),
    };
    if (!(await callbacks.verify(request, opened)))
      throw new UnauthenticatedError('signature-invalid', 'the signature does not fit the body');
    const found = await callbacks.receive(request, pluginContext(connection, plugin, receiveMs));
    if (!Array.isArray(found)) throw invalidAt('', found.reason, 'callback-refused');
    const results: ReportResult[] = [];
    for (const report of found) results.push(await reports.arrived(plugin, connection.id, report));
    if (results.length > 0 && results.every((result) => result === 'late'))
      throw new GoneError('callback-late', 'everything in it comes after the step was left');
    return results.filter((result) => result === 'taken').length;
  };
}
