import { hashOf } from '../hash.ts';
import type { JsonObject } from '../plan.ts';
import type { Token } from '../run.ts';
import { note, setDoing, type Draft } from './draft.ts';

/**
 * Stops a token until a person decides; the run lives on. Incidents with the same journey, step, code and `group` have the same
 * fingerprint, so that an operator sees a thousand alike as one.
 */
export function raise(
  draft: Draft,
  token: Token,
  incident: { code: string; detail: string; group?: string; values?: JsonObject },
): void {
  const fingerprint = hashOf([
    draft.plan.journey,
    token.step,
    incident.code,
    incident.group ?? '',
  ]).slice(0, 16);
  note(
    draft,
    'incident',
    {
      code: incident.code,
      detail: incident.detail,
      fingerprint,
      ...(incident.values ? { values: incident.values } : {}),
    },
    token,
  );
  setDoing(draft, token, {
    type: 'incident',
    incident: {
      id: `${draft.state.runId}/${token.step}#${token.visit}/${draft.state.nextSeq - 1}`,
      code: incident.code,
      fingerprint,
      detail: incident.detail,
      at: draft.at,
    },
  });
}
