import { checkValue } from '@sojourn/schemas';
import {
  refused,
  type CallbackDefinition,
  type OpenConnection,
  type ProviderReport,
  type RawRequest,
  type Refusal,
  type ReportSubject,
} from '../contract.ts';
import { isSigned, signatureHeader } from '../signature.ts';
import type { FhirSettings } from './client.ts';
import { subjectSystem, type FhirBundle, type FhirResource } from './resource.ts';

/** What every reported bundle is: it names its own report, so that the same again is known. */
const bundleSchema = {
  type: 'object',
  required: ['resourceType', 'identifier', 'entry'],
  properties: {
    resourceType: { const: 'Bundle' },
    identifier: {
      type: 'object',
      required: ['value'],
      properties: { value: { type: 'string', minLength: 1, maxLength: 200 } },
    },
    entry: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: {
        type: 'object',
        required: ['resource'],
        properties: {
          resource: {
            type: 'object',
            required: ['resourceType'],
            properties: { resourceType: { type: 'string' }, id: { type: 'string' } },
          },
        },
      },
    },
  },
} as const;

/** A bundle that a provider reported. */
export interface ReportedBundle {
  eventId: string;
  resources: FhirResource[];
}

/** Takes the signed bundles of a `fhir` connection: their resources are checked against `schemas`, by type, and then read. */
export function fhirCallbacks(
  schemas: Readonly<Record<string, Record<string, unknown>>>,
  reportsOf: (bundle: ReportedBundle) => ProviderReport[] | Refusal,
): CallbackDefinition {
  return {
    verify: isGenuine,
    receive(request) {
      const bundle = bundleIn(request, schemas);
      return Promise.resolve('type' in bundle ? bundle : reportsOf(bundle));
    },
  };
}

/** Whether the provider of a `fhir` connection signed a callback, within the last five minutes. */
function isGenuine(request: RawRequest, { settings }: OpenConnection): Promise<boolean> {
  const { signingSecret } = settings as unknown as FhirSettings;
  const header = request.headers[signatureHeader];
  return Promise.resolve(
    isSigned(header, request.body, { secret: signingSecret, nowMs: Date.now() }),
  );
}

/** The bundle in a callback, its resources checked against the schemas of their types. Others are left out. */
function bundleIn(
  { body }: RawRequest,
  schemas: Readonly<Record<string, Record<string, unknown>>>,
): ReportedBundle | Refusal {
  const given = jsonOf(body);
  const [fault] = checkValue(bundleSchema, given);
  if (given === undefined || fault) return refused(`it is no bundle: ${fault?.pointer ?? ''}`);
  const { identifier, entry = [] } = given as FhirBundle;
  const resources: FhirResource[] = [];
  for (const [index, { resource }] of entry.entries()) {
    const schema = Object.hasOwn(schemas, resource.resourceType)
      ? schemas[resource.resourceType]
      : undefined;
    if (!schema) continue;
    const [wrong] = checkValue(schema, resource);
    if (wrong)
      return refused(`/entry/${index}/resource${wrong.pointer}: it is not what is expected there`);
    resources.push(resource);
  }
  return { eventId: identifier?.value ?? '', resources };
}

/** Whom a resource is about, when it says so in our namespace. */
export function subjectIn(about?: {
  identifier?: { system?: string | undefined; value?: string | undefined } | undefined;
}): ReportSubject | undefined {
  const { system, value = '' } = about?.identifier ?? {};
  const [, type, key] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  return system === subjectSystem && type !== undefined && key !== undefined
    ? { type, key }
    : undefined;
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
