import type { Extension, Reference } from 'fhir/r4.js';

// What FHIR R4 has no element for, as extensions: what is ordered of a delivery, and what is said of a shipment.

const base = 'https://sojourn.dev/fhir';

/** The addresses of the extensions. */
export const extensions = {
  coldChain: `${base}/cold-chain`,
  window: `${base}/delivery-window`,
  signature: `${base}/signature-required`,
  replaceOnExcursion: `${base}/replace-on-excursion`,
  override: `${base}/early-refill-reason`,
  order: `${base}/order`,
  replaces: `${base}/replaces`,
  part: `${base}/part`,
  parts: `${base}/parts`,
  expected: `${base}/expected`,
  delay: `${base}/delay`,
} as const;

/** An extension of a resource. */
export function extensionOf(
  { extension = [] }: { extension?: Extension[] | undefined },
  url: string,
): Extension | undefined {
  return extension.find((candidate) => candidate.url === url);
}

/** The id in a reference to a resource of a type: of `MedicationRequest/7c1e` it is `7c1e`. */
export function idIn(reference: Reference | undefined, type: string): string | undefined {
  const [found, id] = (reference?.reference ?? '').split('/').slice(-2);
  return found === type && id !== '' ? id : undefined;
}
