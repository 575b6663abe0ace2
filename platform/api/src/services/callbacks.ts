import { inputOf, type Plan } from '@sojourn/engine';
import type { AskedStep, OpenConnection, PluginRegistry, RawRequest } from '@sojourn/plugin-kit';
import { openSettings, type ConnectionRecord, type Sealer, type Store } from '@sojourn/store';
import type { LinkSigner } from '../links.ts';
import type { ApiDependencies } from '../ports.ts';
import { GoneError, invalidAt, NotFoundError, UnauthenticatedError } from '../problems.ts';
import type { Arrival, ReportInbox, ReportOrigin } from './report-inbox.ts';

export interface CallbacksDependencies {
  store: Pick<Store, 'connections' | 'effects' | 'runs'>;
  plans: { byHash(hash: string): Promise<Pick<Plan, 'steps'>> };
  registry: PluginRegistry;
  sealer: Sealer;
  signer: LinkSigner;
  pluginContext: ApiDependencies['pluginContext'];
  inbox: ReportInbox;
}

/**
 * Takes what a provider reports over HTTP, at the address of one effect or at a connection's own. Answers how many reports were new
 * or were taken before. Throws when nobody expects it (404), when its plugin does not verify it (401), cannot read it (422), or
 * when everything in it comes after the step was left (410).
 */
export type Callbacks = (plugin: string, token: string, request: RawRequest) => Promise<number>;

const receiveMs = 10_000;

/** The service that believes nothing of a callback before its plugin has verified it. */
export function createCallbacks(dependencies: CallbacksDependencies): Callbacks {
  const { store, plans, registry, sealer, signer, pluginContext, inbox } = dependencies;

  /** The connection that an address belongs to, and the effect when it is one's own. */
  const originOf = async (
    plugin: string,
    token: string,
  ): Promise<{ connection: ConnectionRecord; effect?: string } | undefined> => {
    const claim = await signer.read(token);
    if (claim?.kind === 'callbacks') {
      const connection = await store.connections.get(claim.connection);
      return connection?.plugin === plugin ? { connection } : undefined;
    }
    if (claim?.kind !== 'callback' || claim.plugin !== plugin) return undefined;
    const effect = `${claim.runId}/${claim.effect}`;
    const id = (await store.effects.get(effect))?.connection;
    const connection = id === undefined ? undefined : await store.connections.get(id);
    return connection && { connection, effect };
  };

  /** The step of an effect, as it is written. */
  const askedBy = async (effect: string): Promise<AskedStep | undefined> => {
    const [, runId = '', name = '', visit] = /^([^/]*)\/(.*)#(\d+)/.exec(effect) ?? [];
    const run = await store.runs.get(runId);
    if (!run) return undefined;
    const step = (await plans.byHash(run.planHash)).steps[name];
    if (step?.kind !== 'action') return undefined;
    const state = await store.runs.state(runId);
    const token = state?.tokens.find((item) => item.step === name && item.visit === Number(visit));
    return { action: step.action, written: inputOf(step.with, token ?? {}) };
  };

  return async (plugin, token, request) => {
    const callbacks = registry.plugin(plugin)?.callbacks;
    const origin = callbacks && (await originOf(plugin, token));
    if (!callbacks || !origin)
      throw new NotFoundError('not-found', 'nobody expects a callback here');
    const { connection, effect } = origin;
    const opened: OpenConnection = {
      id: connection.id,
      plugin,
      type: connection.type,
      settings: openSettings(sealer, connection.id, connection.settings),
    };
    if (!(await callbacks.verify(request, opened)))
      throw new UnauthenticatedError('signature-invalid', 'the signature does not fit the body');
    const found = await callbacks.receive(
      request,
      pluginContext(connection, plugin, receiveMs),
      effect === undefined ? undefined : await askedBy(effect),
    );
    if (!Array.isArray(found)) throw invalidAt('', found.reason, 'callback-refused');
    const from: ReportOrigin = { plugin, connection: connection.id };
    const arrivals: Arrival[] = [];
    for (const report of found) {
      const isOwn = effect !== undefined && report.type === 'settled';
      arrivals.push(await inbox.arrive(report, isOwn ? { ...from, effect } : from));
    }
    if (arrivals.length > 0 && arrivals.every((arrival) => arrival === 'late'))
      throw new GoneError('callback-late', 'everything in it comes after the step was left');
    return arrivals.filter((arrival) => arrival !== 'late').length;
  };
}
