import { apiPath, json, route, type Route } from '../route.ts';
import type { Platform } from '../platform.ts';

const megabyte = 1024 * 1024;
const base = '/api/v1/journeys/{key}/simulations';
const tag = 'Simulations';

/** The same engine in virtual time. */
export function simulationRoutes({ simulations }: Platform): Route[] {
  return [
    route({
      method: 'post',
      path: base,
      summary:
        'Walk people through a journey in virtual time: answered at once for up to 1,000, else as a job',
      tag,
      body: 'SimulationRequest',
      limit: 16 * megabyte,
      answers: {
        200: 'SimulationAnswer',
        202: 'SimulationJobView',
        404: 'ProblemView',
        422: 'ProblemView',
        429: 'ProblemView',
      },
      handle: async ({ params, body }) => {
        const journey = params['key'] ?? '';
        const begun = await simulations.begin(journey, body);
        if (begun.type === 'answer')
          return { status: 200, body: begun.text, type: 'application/json; charset=utf-8' };
        return json(202, begun.job, {
          location: apiPath('journeys', journey, 'simulations', begun.job.id),
        });
      },
    }),
    route({
      method: 'get',
      path: `${base}/{id}`,
      summary: 'How far a simulation is, with what is known so far',
      tag,
      answers: { 200: 'SimulationJobView', 404: 'ProblemView' },
      handle: ({ params }) =>
        json(200, simulations.job(params['key'] ?? '', params['id'] ?? '').job),
    }),
    route({
      method: 'get',
      path: `${base}/{id}/answer`,
      summary: 'The answer of a simulation that is done',
      tag,
      answers: { 200: 'SimulationAnswer', 404: 'ProblemView', 409: 'ProblemView' },
      handle: ({ params }) => ({
        status: 200,
        body: simulations.answer(params['key'] ?? '', params['id'] ?? ''),
        type: 'application/json; charset=utf-8',
      }),
    }),
    route({
      method: 'delete',
      path: `${base}/{id}`,
      summary: 'Stop a simulation',
      tag,
      answers: { 204: undefined, 404: 'ProblemView' },
      handle: ({ params }) => {
        simulations.cancel(params['key'] ?? '', params['id'] ?? '');
        return { status: 204 };
      },
    }),
  ];
}
