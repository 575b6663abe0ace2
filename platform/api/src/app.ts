import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { inspect } from 'node:util';
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
} from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitRequestHandler } from 'express-rate-limit';
import helmet from 'helmet';
import { checkHost, checkOrigin, recognise, requireCaller } from './door.ts';
import { createMetrics } from './metrics.ts';
import { openapiOf } from './openapi.ts';
import { createPlatform, type Platform } from './platform.ts';
import type { ApiDependencies, Log } from './ports.ts';
import { NotFoundError, problemOf, TooManyError } from './problems.ts';
import type { Route } from './route.ts';
import { channelRoutes } from './routes/channels.ts';
import { deploymentRoutes } from './routes/deployment.ts';
import { journeyRoutes } from './routes/journeys.ts';
import { linkRoutes } from './routes/links.ts';
import { policyRoutes } from './routes/policies.ts';
import { runRoutes } from './routes/runs.ts';
import { simulationRoutes } from './routes/simulations.ts';
import { streamRoutes } from './routes/stream.ts';
import { subjectRoutes } from './routes/subjects.ts';
import { sandboxRoutes } from './routes/sandbox.ts';
import { reportRoutes } from './routes/reports.ts';
import { taskRoutes } from './routes/tasks.ts';
import { serve } from './serve.ts';
import type { Caller } from './services/audit.ts';
import { serveWeb } from './web.ts';

/** The API: a listener for a server, the services behind it, and how to end them. */
export interface Api {
  handler: RequestListener;
  platform: Platform;
  /** Ends live streams and what works in the background. */
  close(): Promise<void>;
}

/** Makes the API of a deployment. Read it from top to bottom: a request goes the same way. */
export function createApi(dependencies: ApiDependencies): Api {
  const { settings, store, registry, log, clock, status } = dependencies;
  const { baseUrl, webDirectory } = settings;
  const platform = createPlatform(dependencies);
  const closing = new AbortController();
  const metrics = createMetrics(status);
  const limits = createLimits(settings.requestsPerMinute ?? 6_000);
  const app = bareApp();

  const deployment = deploymentRoutes(platform, dependencies, {
    openapi: () => openapi,
    metrics: metrics.registry,
  });
  const routes: Route[] = [
    ...deployment,
    ...journeyRoutes(platform),
    ...subjectRoutes(platform, store),
    ...policyRoutes(platform),
    ...runRoutes(platform),
    ...reportRoutes(platform),
    ...taskRoutes(platform),
    ...simulationRoutes(platform),
    ...channelRoutes(platform, registry, dependencies.ownPlugins ?? (() => [])),
    ...sandboxRoutes(platform),
    ...streamRoutes(platform, closing.signal),
    ...linkRoutes(platform),
  ];
  const openapi = openapiOf(routes, settings.version);
  const isProbe = ({ path }: Route): boolean => path === '/healthz' || path === '/readyz';

  app.use(withRequestId, logging(log, clock), metrics.measure);
  app.use(contentPolicy(baseUrl.startsWith('https:')));
  for (const route of routes.filter(isProbe)) serve(app, route); // whoever watches us need not know our name
  app.use(checkHost(baseUrl));
  app.use('/sign-in', limits.signIn);
  app.use(['/t', '/u'], limits.links);
  app.use('/api/v1/callbacks', limits.callbacks);
  app.use(
    ['/api', '/metrics'],
    recognise(platform.access),
    except('/v1/callbacks/', limits.calls), // a provider reports what it has, as fast as it likes
  );
  app.use('/api/v1/previews/send', limits.previews);
  app.use('/api', checkOrigin(baseUrl), fresh);
  for (const route of routes.filter((item) => item.isPublic === true && !isProbe(item)))
    serve(app, route);
  app.use('/api', requireCaller);
  for (const route of routes.filter((item) => item.isPublic !== true)) serve(app, route);
  if (webDirectory !== undefined) app.use(...serveWeb(webDirectory));
  app.use((request) => {
    throw new NotFoundError('not-found', `there is no ${request.method} of this address`);
  });
  app.use(lastResort(log));

  void Promise.all([platform.bulk.resume(), platform.freezing.resume()]).catch((error: unknown) =>
    log.error({ error: String(error) }, 'jobs could not be resumed'),
  );

  return {
    handler: app as RequestListener,
    platform,
    async close() {
      closing.abort();
      await platform.close();
    },
  };
}

function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false); // a draft's ETag is its revision
  app.set('query parser', 'simple');
  return app;
}

const withRequestId: RequestHandler = (_request, response, next) => {
  const id = randomUUID();
  response.locals['requestId'] = id;
  response.set('x-request-id', id);
  next();
};

/** One line a request: what was asked as the route's pattern, never the address itself, which may name a person. */
function logging(log: Log, clock: () => number): RequestHandler {
  return (request, response, next) => {
    const began = clock();
    response.on('close', () => {
      const { route, requestId } = response.locals as { route?: string; requestId: string };
      if (route === undefined && response.statusCode < 400) return; // the web app's files
      log.info(
        {
          method: request.method,
          route: route ?? 'none',
          status: response.statusCode,
          ms: clock() - began,
          requestId,
        },
        'request',
      );
    });
    next();
  };
}

function contentPolicy(isSecure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        frameSrc: ["'self'", 'data:', 'blob:'],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: isSecure,
    referrerPolicy: { policy: 'no-referrer' },
  });
}

interface Limits {
  calls: RateLimitRequestHandler;
  callbacks: RateLimitRequestHandler;
  links: RateLimitRequestHandler;
  signIn: RateLimitRequestHandler;
  previews: RateLimitRequestHandler;
}

/** A handler for every path but those that begin so. */
function except(beginning: string, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    if (request.path.startsWith(beginning)) next();
    else void handler(request, response, next);
  };
}

/** So many requests a minute of one caller, and a tenth of that of an address when nobody is known. */
function createLimits(perMinute: number): Limits {
  const known = ({ locals }: Response): Caller | undefined =>
    locals['caller'] as Caller | undefined;
  const limit = (most: number | ((response: Response) => number)): RateLimitRequestHandler =>
    rateLimit({
      windowMs: 60_000,
      limit: typeof most === 'number' ? most : (_request, response) => most(response),
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (request, response) => known(response)?.id ?? ipKeyGenerator(request.ip ?? ''),
      handler: (_request, _response, next) =>
        next(new TooManyError('rate-limited', 'too many requests in a minute: wait')),
    });
  return {
    calls: limit((response) => (known(response) ? perMinute : perMinute / 10)),
    callbacks: limit(perMinute * 5),
    links: limit(perMinute), // behind a proxy, all readers of mail come from one address
    signIn: limit(20),
    previews: limit(10),
  };
}

/** What the API answers is never kept. */
const fresh: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/** Says every failure as a problem. What nobody expected is logged whole, and told by its id only. */
function lastResort(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const { requestId } = response.locals as { requestId: string };
    const { problem, expected } = problemOf(error, requestId);
    if (!expected)
      log.error(
        {
          requestId,
          method: request.method,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          cause: error instanceof Error && error.cause !== undefined ? inspect(error.cause) : null,
        },
        'a request failed with us',
      );
    if (response.headersSent) {
      next(error);
      return;
    }
    response.removeHeader('etag');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}
