import type { Platform } from '../platform.ts';
import { apiPath, ifMatchOf, json, route, type Call, type Route } from '../route.ts';
import type { Basis } from '../services/journeys.ts';
import { policyView } from '../wire.ts';

const base = '/api/v1/policies';
const tag = 'Policies';

/** The rules before every contact. */
export function policyRoutes({ policies }: Platform): Route[] {
  return [
    route({
      method: 'get',
      path: base,
      summary: 'List the policies that are asked before every contact',
      tag,
      answers: { 200: 'PolicyPage' },
      handle: async () =>
        json(200, { items: (await policies.list()).map(policyView), nextCursor: null }),
    }),
    route({
      method: 'get',
      path: `${base}/{key}`,
      summary: 'Read a policy and its revision',
      tag,
      answers: { 200: 'PolicyView' },
      handle: async ({ params }) => {
        const policy = await policies.get(params['key'] ?? '');
        return json(200, policyView(policy), { etag: `"${policy.revision}"` });
      },
    }),
    route({
      method: 'put',
      path: `${base}/{key}`,
      summary: 'Save a policy: the body is the document. Obeyed within two seconds',
      tag,
      mode: 'json',
      describes: 'PolicyDocument',
      headers: {
        'If-Match': 'The revision that the change is based on.',
        'If-None-Match': '`*` for a new policy.',
      },
      answers: {
        200: 'PolicyView',
        201: 'PolicyView',
        412: 'ProblemView',
        422: 'ProblemView',
        428: 'ProblemView',
      },
      handle: async (call) => {
        const key = call.params['key'] ?? '';
        const { policy, isNew } = await policies.save(key, basisOf(call), call.body, call.caller);
        return json(isNew ? 201 : 200, policyView(policy), {
          etag: `"${policy.revision}"`,
          ...(isNew ? { location: apiPath('policies', key) } : {}),
        });
      },
    }),
  ];
}

function basisOf(call: Call<unknown>): Basis {
  return call.request.get('if-none-match')?.trim() === '*' ? 0 : ifMatchOf(call);
}
