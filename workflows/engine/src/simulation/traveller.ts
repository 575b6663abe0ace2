import type { Json, JsonObject } from '../plan.ts';
import type { Consent } from '../policies/index.ts';

/** A person made ready: instants are numbers, defaults are in place. */
export interface Traveller {
  key: string;
  type: string;
  attributes: JsonObject;
  enters?: number;
  entry: JsonObject;
  events: {
    at?: number;
    after?: { step: string; delay: number };
    type: string;
    data: JsonObject;
  }[];
  changes: { at: number; set: JsonObject }[];
  consents: Consent[];
  actions: Readonly<Record<string, readonly { port: string; takes: number; output?: Json }[]>>;
}
