import type { ListedIncident } from '../../api/shapes.ts';

/** Incidents with one fingerprint: one cause, probably. */
export interface IncidentGroup {
  fingerprint: string;
  code: string;
  detail: string;
  steps: string[];
  journeys: string[];
  oldest: string;
  incidents: ListedIncident[];
}

/** Groups incidents by fingerprint, the largest group first. */
export function groupsOf(incidents: readonly ListedIncident[]): IncidentGroup[] {
  const groups = new Map<string, ListedIncident[]>();
  for (const incident of incidents)
    groups.set(incident.fingerprint, [...(groups.get(incident.fingerprint) ?? []), incident]);
  return [...groups]
    .flatMap(([fingerprint, members]): IncidentGroup[] => {
      const [first] = members;
      if (!first) return [];
      return [
        {
          fingerprint,
          code: first.code,
          detail: first.detail,
          steps: [...new Set(members.map((one) => one.step))],
          journeys: [...new Set(members.map((one) => one.journey))],
          oldest: members.map((one) => one.at).sort()[0] ?? first.at,
          incidents: members,
        },
      ];
    })
    .sort((one, other) => other.incidents.length - one.incidents.length);
}
