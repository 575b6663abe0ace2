// What of FHIR R4 every channel that speaks it needs to know. The resources themselves are the plugins' business.

/** Any resource. */
export interface FhirResource {
  resourceType: string;
  id?: string | undefined;
}

/** What a FHIR server says of a failure. Its texts are not repeated: they may name a person. */
export interface OperationOutcome extends FhirResource {
  issue?: { code?: string; details?: { coding?: { code?: string }[] } }[];
}

/** Resources that come together: found by a search, or reported. */
export interface FhirBundle extends FhirResource {
  type: string;
  identifier?: { value: string };
  timestamp?: string;
  entry?: { resource: FhirResource }[];
  link?: { relation: string; url: string }[];
}

/** The namespace of our effects: the hash of an idempotency key in it identifies a request. */
export const effectSystem = 'urn:sojourn:effect';

/** The namespace of whom we know: a type and a key, as in `patient/p1`. */
export const subjectSystem = 'urn:sojourn:subject';
