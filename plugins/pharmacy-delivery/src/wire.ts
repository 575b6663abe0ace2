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
