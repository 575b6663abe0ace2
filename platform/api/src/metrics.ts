import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestHandler } from 'express';
import type { PartStatus } from './ports.ts';

/** The numbers of a deployment, and the handler that measures requests. */
export function createMetrics(status: () => PartStatus[]): {
  registry: Registry;
  measure: RequestHandler;
} {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'sojourn_http_request_seconds',
    help: 'How long requests took, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  new Gauge({
    name: 'sojourn_part_up',
    help: 'Whether a part of the deployment is up.',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      for (const { name, state } of status()) this.set({ part: name }, state === 'up' ? 1 : 0);
    },
  });

  return {
    registry,
    measure: (request, response, next) => {
      const end = requests.startTimer({ method: request.method });
      response.on('finish', () => {
        const route = (response.locals['route'] as string | undefined) ?? 'none';
        end({ route, status: response.statusCode });
      });
      next();
    },
  };
}
