import type { CalledJourney } from '@sojourn/engine';
import type { JourneyDocument } from '@sojourn/schemas';
import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from './client.ts';
import { calledQuery, journeysQuery } from './queries.ts';
import type { CalledJourneys } from './shapes.ts';

// The published versions that a document's calls mean: what the API looks up when it checks, so that both find the same.

/** A call as a document names it: without a version it means the latest. */
export interface NamedCall {
  journey: string;
  version?: number;
}

/** What a document calls, each once. Drafts may hold anything. */
export function callsIn({ steps }: Pick<JourneyDocument, 'steps'>): NamedCall[] {
  const calls = new Map<string, NamedCall>();
  for (const step of Object.values(steps)) {
    if (step.kind !== 'call' || typeof step.journey !== 'string') continue;
    const { journey, version } = step;
    const named = Number.isInteger(version) ? { journey, version: version as number } : { journey };
    calls.set(`${journey} ${named.version ?? ''}`, named);
  }
  return [...calls.values()];
}

/** Several answers as one list: what is called before its callers, each version once. */
export function together(answers: readonly CalledJourneys[]): CalledJourney[] {
  const byPlan = new Map<string, CalledJourney>();
  for (const { items } of answers)
    for (const item of items) if (!byPlan.has(item.planHash)) byPlan.set(item.planHash, item);
  return [...byPlan.values()];
}

/** Published versions that a document's calls mean. */
export interface Called {
  /** Undefined when they cannot be known now: then calls are not checked. */
  journeys: CalledJourney[] | undefined;
  isPending: boolean;
}

/** Reads what the calls of a document mean. A journey or version that is not there is left out: the check says so. */
export function useCalled(document: Pick<JourneyDocument, 'steps'>): Called {
  const text = JSON.stringify(callsIn(document));
  const calls = useMemo(() => JSON.parse(text) as NamedCall[], [text]);
  const list = useQuery({ ...journeysQuery, enabled: calls.length > 0 });
  const versions = calls.flatMap(({ journey, version }) => {
    const latest = list.data?.find((one) => one.key === journey)?.latestVersion;
    const number = version ?? latest ?? undefined;
    return number === undefined ? [] : [calledQuery(journey, number)];
  });
  const read = useQueries({ queries: versions, combine });
  const wantsList = calls.some((one) => one.version === undefined);
  const listed = wantsList ? stateOf(list) : 'known';
  return useMemo(
    () => ({
      journeys: listed === 'unknown' ? undefined : read.journeys,
      isPending: listed === 'pending' || read.isPending,
    }),
    [listed, read],
  );
}

function combine(results: UseQueryResult<CalledJourneys>[]): Called {
  const states = results.map(stateOf);
  const answers = results.flatMap((result) => (result.data ? [result.data] : []));
  return {
    journeys: states.includes('unknown') ? undefined : together(answers),
    isPending: states.includes('pending'),
  };
}

function stateOf(result: UseQueryResult): 'known' | 'pending' | 'unknown' {
  if (result.isSuccess || isNotThere(result.error)) return 'known';
  return result.isPending && result.fetchStatus !== 'paused' ? 'pending' : 'unknown';
}

function isNotThere(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
