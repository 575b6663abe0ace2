import type { CodeableConcept } from 'fhir/r4.js';

// What FHIR R4 has no element for, as extensions: what is asked of an insurer, and what it decides.

const base = 'https://sojourn.dev/fhir';

/** The addresses of the extensions. */
export const extensions = {
  appeal: `${base}/appeal`,
  appealReason: `${base}/appeal-reason`,
  continues: `${base}/continues`,
  decision: `${base}/decision`,
  coverage: `${base}/coverage`,
  missing: `${base}/missing-document`,
  appealableUntil: `${base}/appealable-until`,
  reason: `${base}/reason`,
  case: `${base}/case`,
} as const;

/** A reason, as a step has it: the insurer's code and words. */
export function reasonIn(
  concept: CodeableConcept | undefined,
  words?: string,
): { reason?: { code?: string; text?: string } } {
  const code = concept?.coding?.[0]?.code;
  const text = concept?.text ?? words;
  if (code === undefined && text === undefined) return {};
  return {
    reason: { ...(code === undefined ? {} : { code }), ...(text === undefined ? {} : { text }) },
  };
}
