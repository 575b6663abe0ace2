import type { JourneyDocument } from '@sojourn/schemas';
import { useQueries, useQuery } from '@tanstack/react-query';
import { draftDocumentQuery, journeysQuery, versionQuery } from '../../api/queries.ts';
import type { JourneyInfo } from '../../api/shapes.ts';

/** A journey with steps of a plugin. */
export interface Use {
  journey: JourneyInfo;
  /** The steps of the latest version, by their names. */
  published: string[];
  /** Those of the draft. */
  draft: string[];
}

/** The steps of a document that a plugin does, by their names. Drafts may hold anything. */
export function stepsOf(document: Pick<JourneyDocument, 'steps'> | undefined, plugin: string) {
  return Object.entries(document?.steps ?? {}).flatMap(([id, step]) =>
    step.kind === 'action' && typeof step.uses === 'string' && step.uses.startsWith(`${plugin}/`)
      ? [typeof step.name === 'string' ? step.name : id]
      : [],
  );
}

/** The journeys whose draft or latest version has steps of a plugin; undefined while they are read. */
export function useUses(plugin: string): { uses: Use[] | undefined; error: Error | null } {
  const list = useQuery(journeysQuery);
  const journeys = list.data ?? [];
  const drafts = useQueries({ queries: journeys.map(({ key }) => draftDocumentQuery(key)) });
  const published = journeys.filter(({ latestVersion }) => latestVersion !== null);
  const versions = useQueries({
    queries: published.map(({ key, latestVersion }) => versionQuery(key, latestVersion ?? 0)),
  });
  const isReady = list.isSuccess && [...drafts, ...versions].every(({ isPending }) => !isPending);
  if (!isReady) return { uses: undefined, error: list.error };
  const uses = journeys.map((journey, index) => ({
    journey,
    draft: stepsOf(drafts[index]?.data, plugin),
    published: stepsOf(versions[published.indexOf(journey)]?.data?.document, plugin),
  }));
  return {
    uses: uses.filter((use) => use.draft.length > 0 || use.published.length > 0),
    error: null,
  };
}
