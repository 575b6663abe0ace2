import type { SubjectKey } from './keys.ts';
import { runOf } from './names.ts';
import type { Seals } from './seals.ts';

/** What something is about, as far as that is known. */
export interface About {
  /** `runId/stepId#visit`. */
  effect?: string;
  subject?: { type: string; key: string };
}

/** The key that it is sealed with: of the run's person, else of whom it is about, else the deployment's own. */
export function keyAbout(
  seals: Pick<Seals, 'ofRun' | 'ofSubject' | 'own'>,
  { effect, subject }: About,
): Promise<SubjectKey> | SubjectKey {
  if (effect !== undefined) return seals.ofRun(runOf(effect));
  return subject ? seals.ofSubject(subject) : seals.own();
}
