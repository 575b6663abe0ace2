import type { Platform } from '../platform.ts';
import { NotFoundError } from '../problems.ts';
import { json, limitOf, queryOf, route, type Route } from '../route.ts';

const base = '/api/v1/sandbox';
const tag = 'Sandbox';

/** What each part of the outside world is called, and the plugin that it stands for. */
const places: Record<string, string> = {
  mail: 'email',
  sms: 'sms',
  visits: 'rep-visit',
  deliveries: 'pharmacy-delivery',
  enrollments: 'insurance-enrollment',
};

/** The outside world of the embedded stack: to be looked at, and played. */
export function sandboxRoutes({ sandbox, player }: Platform): Route[] {
  const pluginAt = (params: Record<string, string>): string => {
    const place = params['place'] ?? '';
    const plugin = Object.hasOwn(places, place) ? places[place] : undefined;
    const own = sandbox.channels().includes(place) ? place : undefined; // of a plugin of one's own
    if (plugin ?? own) return plugin ?? own ?? '';
    throw new NotFoundError('not-found', `there is no '${place}' in the sandbox`);
  };
  return [
    route({
      method: 'get',
      path: base,
      summary: 'What the outside world has, and how it plays itself',
      tag,
      answers: { 200: 'SandboxView' },
      handle: async () => {
        const running = sandbox.channels();
        const named = Object.entries(places).filter(([, plugin]) => running.includes(plugin));
        const others = running
          .filter((plugin) => !Object.values(places).includes(plugin))
          .map((plugin) => [plugin, plugin] as const);
        return json(200, {
          channels: [...named, ...others].map(([place, plugin]) => ({ place, plugin })),
          player: await player.settings(),
        });
      },
    }),
    route({
      method: 'put',
      path: `${base}/player`,
      summary:
        'Let the outside world play itself: which channels, how fast, how often it goes wrong',
      tag,
      body: 'PlayerRequest',
      answers: { 200: 'PlayerView', 422: 'ProblemView' },
      handle: async ({ body }) => json(200, await player.change(body)),
    }),
    route({
      method: 'get',
      path: `${base}/{place}`,
      summary: 'List what arrived at mail, sms, visits, deliveries or enrollments, newest first',
      tag,
      query: { to: 'Only to this address.', limit: 'How many at most: 50, up to 200.' },
      answers: { 200: 'SandboxPage' },
      handle: async (call) => {
        const to = queryOf(call, 'to');
        const filter = { limit: limitOf(call), ...(to === undefined ? {} : { to }) };
        return json(200, {
          items: await sandbox.items(pluginAt(call.params), filter),
          nextCursor: null,
        });
      },
    }),
    route({
      method: 'post',
      path: `${base}/{place}`,
      summary: 'Do something of their own accord: write a text, send a mail',
      tag,
      body: 'SandboxActionRequest',
      answers: { 201: 'SandboxItem', 422: 'ProblemView' },
      handle: async ({ params, body, caller }) =>
        json(201, await sandbox.begin(pluginAt(params), body, caller)),
    }),
    route({
      method: 'get',
      path: `${base}/{place}/{id}`,
      summary: 'Read one thing that arrived',
      tag,
      answers: { 200: 'SandboxItem' },
      handle: async ({ params }) =>
        json(200, await sandbox.item(pluginAt(params), params['id'] ?? '')),
    }),
    route({
      method: 'post',
      path: `${base}/{place}/{id}/actions`,
      summary: 'Play the other side: answer, deliver, decline …',
      tag,
      body: 'SandboxActionRequest',
      answers: { 202: 'SandboxActionView', 422: 'ProblemView' },
      handle: async ({ params, body, caller }) =>
        json(202, await sandbox.act(pluginAt(params), params['id'] ?? '', body, caller)),
    }),
  ];
}
