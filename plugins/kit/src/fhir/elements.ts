import type { Json, PluginSubject } from '../contract.ts';
import { subjectSystem } from './resource.ts';

// Small things that are the same in every resource.

interface Extended<Extension> {
  extension?: Extension[] | undefined;
}

/** The extensions of a resource with an address. */
export function extensionsOf<Extension extends { url: string }>(
  { extension = [] }: Extended<Extension>,
  url: string,
): Extension[] {
  return extension.filter((candidate) => candidate.url === url);
}

/** The first of them. */
export function extensionOf<Extension extends { url: string }>(
  resource: Extended<Extension>,
  url: string,
): Extension | undefined {
  return extensionsOf(resource, url)[0];
}

/** The id in a reference to a resource of a type: of `Coverage/7c1e` it is `7c1e`. */
export function idIn(
  reference: { reference?: string | undefined } | undefined,
  type: string,
): string | undefined {
  const [found, id] = (reference?.reference ?? '').split('/').slice(-2);
  return found === type && id !== '' ? id : undefined;
}

/** How we name somebody to a provider: by type and key, in our namespace. */
export function identifierOf({ type, key }: PluginSubject): { system: string; value: string } {
  return { system: subjectSystem, value: `${type}/${key}` };
}

/** A text that says something; undefined otherwise. */
export function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** An object without what is undefined: FHIR knows no empty fields. */
export function present<Value>(values: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

/** Whether a text is a day of the calendar, as in `2028-02-29`. */
export function isDay(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().slice(0, 10) === text;
}
