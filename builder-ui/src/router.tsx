import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { Failure, Skeleton } from './ui/StateView.tsx';
import { Shell } from './shell/Shell.tsx';
import { NotFound } from './shell/NotFound.tsx';

// The addresses of all screens. State that a person may want to send as a link is in the address.

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // A redirect is thrown: that is how the router is told.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw redirect({ to: '/journeys' });
  },
});

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const number = (value: unknown): number | undefined => {
  const parsed = Number(value);
  return value !== undefined && value !== '' && Number.isInteger(parsed) ? parsed : undefined;
};

/** `fields` without those that are not there, so that an address names only what is chosen. */
function given<Fields extends object>(
  fields: Fields,
): {
  [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

const journeys = createRoute({
  getParentRoute: () => root,
  path: '/journeys',
  component: lazyRouteComponent(() => import('./screens/journeys/Journeys.tsx'), 'Journeys'),
});

const edit = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$key',
  validateSearch: (search) =>
    given({
      step: text(search['step']),
      view: search['view'] === 'outline' ? 'outline' : undefined,
    }),
  component: lazyRouteComponent(() => import('./editor/EditScreen.tsx'), 'EditScreen'),
});

const live = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$key/live',
  validateSearch: (search) =>
    given({ version: number(search['version']), step: text(search['step']) }),
  component: lazyRouteComponent(() => import('./screens/live/Live.tsx'), 'Live'),
});

const versions = createRoute({
  getParentRoute: () => root,
  path: '/journeys/$key/versions',
  validateSearch: (search) => given({ number: number(search['number']) }),
  component: lazyRouteComponent(() => import('./screens/versions/Versions.tsx'), 'Versions'),
});

const statuses = ['active', 'held', 'ended'] as const;

const runs = createRoute({
  getParentRoute: () => root,
  path: '/runs',
  validateSearch: (search) =>
    given({
      journey: text(search['journey']),
      version: number(search['version']),
      step: text(search['step']),
      status: statuses.find((status) => status === search['status']),
      outcome: text(search['outcome']),
      subject: text(search['subject']),
      incident: text(search['incident']),
    }),
  component: lazyRouteComponent(() => import('./screens/runs/Runs.tsx'), 'Runs'),
});

const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  validateSearch: (search) => given({ inbox: text(search['inbox']) }),
  component: lazyRouteComponent(() => import('./screens/run/RunScreen.tsx'), 'RunScreen'),
});

const incidents = createRoute({
  getParentRoute: () => root,
  path: '/incidents',
  component: lazyRouteComponent(() => import('./screens/incidents/Incidents.tsx'), 'Incidents'),
});

const pluginTabs = ['connections', 'callbacks', 'used-by'] as const;

const taskViews = ['unclaimed', 'mine', 'later', 'all', 'done'] as const;

const plugins = createRoute({
  getParentRoute: () => root,
  path: '/plugins',
  validateSearch: (search) =>
    given({
      plugin: text(search['plugin']),
      tab: pluginTabs.find((tab) => tab === search['tab']),
    }),
  component: lazyRouteComponent(() => import('./screens/plugins/Plugins.tsx'), 'Plugins'),
});

const roles = ['patient', 'pharmacist', 'representative', 'insurer'] as const;

const sandbox = createRoute({
  getParentRoute: () => root,
  path: '/sandbox',
  validateSearch: (search) =>
    given({
      to: text(search['to']),
      as: roles.find((role) => role === search['as']),
      panel: text(search['panel']),
      mail: text(search['mail']),
      visit: text(search['visit']),
      case: text(search['case']),
    }),
  component: lazyRouteComponent(() => import('./screens/sandbox/Sandbox.tsx'), 'Sandbox'),
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  validateSearch: (search) =>
    given({
      view: taskViews.find((view) => view === search['view']),
      queue: text(search['queue']),
      task: text(search['task']),
    }),
  component: lazyRouteComponent(() => import('./screens/tasks/Tasks.tsx'), 'Tasks'),
});

const tree = root.addChildren([
  home,
  journeys,
  edit,
  live,
  versions,
  runs,
  run,
  incidents,
  plugins,
  sandbox,
  tasks,
]);

/** The router over all screens. */
export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingComponent: Skeleton,
    defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
