import type { PluginRegistry } from '@sojourn/plugin-kit';
import type { ConnectionRecord } from '@sojourn/store';
import { NotFoundError } from '../problems.ts';
import type { Platform } from '../platform.ts';
import type { OwnPluginState } from '../ports.ts';
import { apiPath, json, route, type Route } from '../route.ts';
import { connectionView } from '../wire.ts';
import { instantText, type JsonObject } from '@sojourn/engine';

const connectionsPath = '/api/v1/connections';
const tag = 'Channels';

/** Plugins, connections, previews, callbacks and the sandbox. */
export function channelRoutes(
  platform: Platform,
  registry: PluginRegistry,
  ownPlugins: () => OwnPluginState[],
): Route[] {
  const { connections, options, upgrades, previews, callbacks, tour } = platform;
  /** Where a plugin comes from, and what is wrong with its newest code. */
  const deploymentOf = (id: string): object => {
    const own = ownPlugins().find((plugin) => plugin.id === id);
    return own
      ? {
          origin: 'own',
          status: own.status,
          ...(own.detail === undefined ? {} : { detail: own.detail }),
          at: instantText(own.at),
        }
      : { origin: 'shipped', status: 'ready' };
  };
  const brokenPlugins = (): object[] =>
    ownPlugins()
      .filter(({ id, status }) => status === 'broken' && (id === undefined || !registry.plugin(id)))
      .map(({ folder, detail = '', at }) => ({ folder, detail, at: instantText(at) }));
  const view = (connection: ConnectionRecord) =>
    connectionView(connection, connections.webhookOf(connection));
  return [
    route({
      method: 'get',
      path: '/api/v1/plugins',
      summary: "List the plugins' manifests",
      tag,
      answers: { 200: 'PluginPage' },
      handle: () =>
        json(200, {
          items: registry.manifests().map((manifest) => ({
            ...manifest,
            deployment: deploymentOf(manifest.id),
          })),
          broken: brokenPlugins(),
          nextCursor: null,
        }),
    }),
    route({
      method: 'get',
      path: '/api/v1/plugins/{id}',
      summary: 'Read a manifest',
      tag,
      answers: { 200: 'PluginManifest' },
      handle: ({ params }) => {
        const manifest = registry.manifests().find(({ id }) => id === params['id']);
        if (!manifest)
          throw new NotFoundError('not-found', `there is no plugin '${params['id'] ?? ''}'`);
        return json(200, { ...manifest, deployment: deploymentOf(manifest.id) });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/plugins/{id}/actions/{action}/options/{name}',
      summary: 'Find choices for a field of a form',
      tag,
      body: 'OptionsRequest',
      answers: { 200: 'OptionsView', 404: 'ProblemView', 502: 'ProblemView' },
      handle: async ({ params, body }) => {
        const { id: plugin = '', action = '', name = '' } = params;
        const { search = '', config = {}, cursor, connection } = body;
        const page = await options.find({
          ...{ plugin, action, name, search, config: config as JsonObject },
          ...(cursor === undefined ? {} : { cursor }),
          ...(connection === undefined ? {} : { connection }),
        });
        return json(200, { items: page.items, nextCursor: page.nextCursor ?? null });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/plugins/{id}/actions/{action}/upgrade',
      summary: 'Bring a config up to the schema version that its action has now',
      tag,
      body: 'UpgradeRequest',
      answers: {
        200: 'UpgradeView',
        404: 'ProblemView',
        409: 'ProblemView',
        422: 'ProblemView',
        502: 'ProblemView',
      },
      handle: async ({ params, body }) => {
        const { id: plugin = '', action = '' } = params;
        const config = body.config as JsonObject;
        return json(200, await upgrades.upgrade({ plugin, action, from: body.from, config }));
      },
    }),
    route({
      method: 'get',
      path: connectionsPath,
      summary: 'List connections',
      tag,
      answers: { 200: 'ConnectionPage' },
      handle: async () =>
        json(200, { items: (await connections.list()).map(view), nextCursor: null }),
    }),
    route({
      method: 'post',
      path: connectionsPath,
      summary: 'Make a connection',
      tag,
      body: 'ConnectionInput',
      answers: { 201: 'ConnectionView', 409: 'ProblemView', 422: 'ProblemView' },
      handle: async ({ body, caller }) => {
        const connection = await connections.create(body, caller);
        return json(201, view(connection), {
          location: apiPath('connections', connection.id),
        });
      },
    }),
    route({
      method: 'get',
      path: `${connectionsPath}/{id}`,
      summary: 'Read a connection; secrets are not told',
      tag,
      answers: { 200: 'ConnectionView' },
      handle: async ({ params }) => json(200, view(await connections.get(params['id'] ?? ''))),
    }),
    route({
      method: 'put',
      path: `${connectionsPath}/{id}`,
      summary: 'Replace a connection; `{ "sealed": true }` keeps a secret',
      tag,
      body: 'ConnectionInput',
      answers: { 200: 'ConnectionView', 422: 'ProblemView' },
      handle: async ({ params, body, caller }) =>
        json(200, view(await connections.replace(params['id'] ?? '', body, caller))),
    }),
    route({
      method: 'delete',
      path: `${connectionsPath}/{id}`,
      summary: 'Delete a connection that nothing uses',
      tag,
      answers: { 204: undefined, 409: 'ProblemView' },
      handle: async ({ params, caller }) => {
        await connections.remove(params['id'] ?? '', caller);
        return { status: 204 };
      },
    }),
    route({
      method: 'post',
      path: `${connectionsPath}/{id}/test`,
      summary: 'Ask the provider how the connection is',
      tag,
      answers: { 200: 'HealthView' },
      handle: async ({ params, caller }) => {
        const { at, ...health } = await connections.test(params['id'] ?? '', caller);
        return json(200, { ...health, at: instantText(at) });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/previews',
      summary: "Render a step's config for one person, without doing anything",
      tag,
      body: 'PreviewRequest',
      limit: 1024 * 1024,
      answers: { 200: 'PreviewView', 422: 'ProblemView' },
      handle: async ({ body }) => json(200, await previews.render(body)),
    }),
    route({
      method: 'post',
      path: '/api/v1/previews/send',
      summary: 'Send me this: performs the action once, for the recipient given',
      tag,
      body: 'PreviewSendRequest',
      limit: 1024 * 1024,
      answers: { 200: 'PreviewSentView', 422: 'ProblemView', 502: 'ProblemView' },
      handle: async ({ body, caller }) => {
        const result = await previews.send(body, caller);
        return json(
          200,
          result.type === 'done'
            ? { outcome: result.outcome, reference: null, output: result.output }
            : { outcome: null, reference: result.reference, output: {} },
        );
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/callbacks/{plugin}/{token}',
      summary: 'Where providers report',
      tag,
      isPublic: true,
      mode: 'raw',
      limit: 1024 * 1024,
      consumes: ['*/*'],
      answers: { 200: undefined, 401: 'ProblemView', 404: 'ProblemView', 410: 'ProblemView' },
      handle: async ({ params, body, request }) => {
        const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]);
        const query = new URL(request.originalUrl, 'http://localhost').searchParams;
        const taken = await callbacks(params['plugin'] ?? '', params['token'] ?? '', {
          method: request.method,
          headers: Object.fromEntries(headers),
          query: Object.fromEntries(query),
          body: Buffer.isBuffer(body) ? new Uint8Array(body) : new Uint8Array(),
        });
        return json(200, { taken });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/tour',
      summary: 'Walk a visitor through the demo journey',
      tag: 'Sandbox',
      body: 'TourRequest',
      answers: { 201: 'TourView' },
      handle: async ({ body, caller }) => {
        const runId = await tour(body, caller);
        return json(201, { runId }, { location: apiPath('runs', runId) });
      },
    }),
  ];
}
