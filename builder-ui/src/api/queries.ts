import type { JourneyDocument } from '@sojourn/schemas';
import {
  infiniteQueryOptions,
  queryOptions,
  useQuery,
  type UseQueryResult,
} from '@tanstack/react-query';
import { call, callWhole, queryOf } from './client.ts';
import type {
  CalledJourneys,
  Connection,
  Counts,
  Draft,
  IncidentPage,
  JourneyInfo,
  ListedIncident,
  Me,
  Page,
  PartStatus,
  Plugin,
  PluginPage,
  Report,
  Run,
  SandboxItem,
  SandboxView,
  StepCounts,
  Subject,
  Task,
  TaskQueue,
  TrailEntry,
  UpgradeOffer,
  Version,
  VersionInfo,
} from './shapes.ts';

// What the screens read. A key begins with the topic that makes it stale: see stream.ts.

const path = encodeURIComponent;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => call<Me>('/me', { signal }),
  staleTime: 60_000,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => call<{ parts: PartStatus[] }>('/status', { signal }),
  refetchInterval: 15_000,
});

export const journeysQuery = queryOptions({
  queryKey: ['journeys'],
  queryFn: ({ signal }) => all<JourneyInfo>('/journeys', signal),
});

export const draftQuery = (key: string) =>
  queryOptions({
    queryKey: ['draft', key],
    queryFn: ({ signal }) => fetchDraft(key, signal),
    // An open editor holds the truth: a refetch must not replace what is being typed.
    staleTime: Infinity,
    gcTime: 0,
  });

/** The draft that stands, with its revision from the body or the ETag. */
export async function fetchDraft(key: string, signal?: AbortSignal): Promise<Draft> {
  const { body, headers } = await callWhole<Draft>(
    `/journeys/${path(key)}/draft`,
    signal ? { signal } : {},
  );
  return { ...body, revision: revisionOf(headers) ?? body.revision };
}

/** The steps of a draft whose plugin asks for another form than when they were published. */
export const upgradesQuery = (key: string) =>
  queryOptions({
    queryKey: ['plugins', 'upgrades', key],
    queryFn: async ({ signal }) =>
      (await call<{ items: UpgradeOffer[] }>(`/journeys/${path(key)}/draft/upgrades`, { signal }))
        .items,
    staleTime: 10_000,
  });

/** What a draft says, to be read and not to be edited: it may be a moment old. */
export const draftDocumentQuery = (key: string) =>
  queryOptions({
    queryKey: ['journey', key, 'draft'],
    queryFn: async ({ signal }) =>
      (await fetchDraft(key, signal)).document as Pick<JourneyDocument, 'steps'>,
    retry: false,
    staleTime: 10_000,
  });

/** The revision that an ETag names. */
export function revisionOf(headers: Headers): number | undefined {
  const digits = /\d+/.exec(headers.get('etag') ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

export const versionsQuery = (key: string) =>
  queryOptions({
    queryKey: ['journey', key, 'versions'],
    queryFn: ({ signal }) => all<VersionInfo>(`/journeys/${path(key)}/versions`, signal),
  });

export const versionQuery = (key: string, number: number) =>
  queryOptions({
    queryKey: ['version', key, number],
    queryFn: ({ signal }) => call<Version>(`/journeys/${path(key)}/versions/${number}`, { signal }),
    staleTime: Infinity,
  });

/** A version as a call sees it. It never changes. */
export const calledQuery = (key: string, number: number) =>
  queryOptions({
    queryKey: ['called', key, number],
    queryFn: ({ signal }) =>
      call<CalledJourneys>(`/journeys/${path(key)}/versions/${number}/interface`, { signal }),
    staleTime: Infinity,
  });

export const countsQuery = (key: string, number: number) =>
  queryOptions({
    queryKey: ['journey', key, 'counts', number],
    queryFn: ({ signal }) =>
      call<Counts>(`/journeys/${path(key)}/versions/${number}/counts`, { signal }),
  });

/** The manifests, and the plugins of one's own that could not be loaded. */
export const pluginPageQuery = queryOptions({
  queryKey: ['plugins'],
  queryFn: ({ signal }) => call<PluginPage>('/plugins', { signal }),
  staleTime: 60_000,
});

const itemsOf = ({ items }: PluginPage): Plugin[] => items;

const pluginsQuery = { ...pluginPageQuery, select: itemsOf };

export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: ({ signal }) => all<Connection>('/connections', signal),
});

/** What a list of runs may be narrowed to. */
export interface RunFilters {
  journey?: string;
  version?: number;
  step?: string;
  status?: 'active' | 'held' | 'ended';
  outcome?: string;
  subject?: string;
  incident?: string;
}

export const runsQuery = (filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ['runs', filters],
    queryFn: ({ signal, pageParam }) =>
      call<Page<Run>>(`/runs${queryOf({ ...filters, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => call<Run>(`/runs/${path(id)}`, { signal }),
  });

export const trailQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id, 'trail'],
    queryFn: ({ signal }) => all<TrailEntry>(`/runs/${path(id)}/trail`, signal),
  });

export const incidentsQuery = queryOptions({
  queryKey: ['incidents'],
  // The first page tells of every group; its items are the latest incidents only.
  queryFn: ({ signal }) => call<IncidentPage>('/incidents', { signal }),
});

/** The address of the calendar of a queue. */
export const calendarQuery = (queue: string) =>
  queryOptions({
    queryKey: ['calendar', queue],
    queryFn: ({ signal }) =>
      call<{ url: string }>('/tasks/calendars', { method: 'POST', body: { queue }, signal }),
    staleTime: Infinity,
  });

/** What a list of reports may be narrowed to. */
export interface ReportFilters {
  plugin?: string;
  connection?: string;
  status?: Report['status'];
  messages?: 'true' | 'false';
}

export const reportsQuery = (filters: ReportFilters) =>
  infiniteQueryOptions({
    queryKey: ['reports', filters],
    queryFn: ({ signal, pageParam }) =>
      call<Page<Report>>(`/reports${queryOf({ ...filters, limit: 50, cursor: pageParam })}`, {
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: 10_000,
  });

/** One page after another of a list of tasks. */
export const tasksQuery = (filter: Record<string, string | undefined>) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'list', filter],
    queryFn: ({ signal, pageParam }) =>
      call<Page<Task>>(`/tasks${queryOf({ ...filter, cursor: pageParam })}`, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: 30_000, // that a task is back on the list is told by nobody: it is time that passes
  });

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['tasks', 'one', id],
    queryFn: ({ signal }) => call<Task>(`/tasks/${path(id)}`, { signal }),
  });

export const taskQueuesQuery = queryOptions({
  queryKey: ['tasks', 'queues'],
  queryFn: async ({ signal }) =>
    (await call<{ items: TaskQueue[] }>('/tasks/queues', { signal })).items,
});

const oftenMs = 5_000; // the stream says when to look; this is for when it does not speak

export const sandboxQuery = queryOptions({
  queryKey: ['sandbox'],
  queryFn: ({ signal }) => call<SandboxView>('/sandbox', { signal }),
  refetchInterval: 3 * oftenMs,
});

/** What arrived at one place of the outside world, newest first. */
export const arrivalsQuery = (place: string) =>
  queryOptions({
    queryKey: ['sandbox', place],
    queryFn: ({ signal }) => all<SandboxItem>(`/sandbox/${path(place)}`, signal),
    refetchInterval: oftenMs,
  });

const mostPages = 5;

/** The people there are, as far as one can choose among them. */
export const subjectsQuery = queryOptions({
  queryKey: ['subjects'],
  queryFn: ({ signal }) => all<Subject>('/subjects', signal, mostPages),
  staleTime: 60_000,
});

/** Every item of a list, over all its pages. A bare array counts as one page. */
async function all<Item>(list: string, signal: AbortSignal, pages = 50): Promise<Item[]> {
  const items: Item[] = [];
  const joint = list.includes('?') ? '&' : '?';
  for (let cursor: string | undefined, page = 0; page < pages; page += 1) {
    const query = queryOf({ limit: 200, cursor }).slice(1);
    const answer = await call<Page<Item> | Item[]>(`${list}${joint}${query}`, { signal });
    if (Array.isArray(answer)) return answer;
    items.push(...answer.items);
    cursor = answer.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  return items;
}

/** Every incident of one kind. */
export function fetchIncidentsOf(fingerprint: string): Promise<ListedIncident[]> {
  return all<ListedIncident>(`/incidents${queryOf({ fingerprint })}`, new AbortController().signal);
}

/** How many incidents are open in all groups together. */
export function incidentTotal(page: IncidentPage | undefined): number {
  return (page?.groups ?? []).reduce((sum, group) => sum + group.count, 0);
}

/** How many people stand in all steps together. */
export function peopleIn(counts: Counts | undefined): number | undefined {
  return counts && Object.values(counts.steps).reduce((sum, step) => sum + step.here, 0);
}

/** How many incidents are open in all steps together. */
export function incidentsIn(counts: Counts | undefined): number {
  return Object.values<StepCounts>(counts?.steps ?? {}).reduce(
    (sum, step) => sum + step.incidents,
    0,
  );
}

const none: never[] = [];

/** The manifests of all plugins; none while they load. */
export function useManifests(): Plugin[] {
  return useQuery(pluginsQuery).data ?? none;
}

/** The connections; none while they load. */
export function useConnections(): Connection[] {
  return useQuery(connectionsQuery).data ?? none;
}

/** Who is signed in, and what this deployment is. */
export function useMe(): UseQueryResult<Me> {
  return useQuery(meQuery);
}

/** What somebody is called who is named by an id: the one who is signed in by name, others by what is known of them. */
export function useNameOf(): (id: string) => string {
  const { data: me } = useMe();
  return (id) => (me?.id === id ? me.name : id);
}
