import { calendars, type JourneyDocument, type PluginManifest } from '@sojourn/schemas';
import { compile } from '../compile/compile.ts';
import type { CompileEnvironment } from '../compile/environment.ts';
import type { Plan } from '../plan.ts';

/** A manifest like that of the e-mail plugin: an action that settles now. `callback/ask` settles later. */
export const manifests: PluginManifest[] = [
  {
    id: 'email',
    version: '1.0.0',
    apiVersion: 1,
    name: 'E-mail',
    connections: { smtp: { schema: { type: 'object' } } },
    actions: {
      send: {
        title: 'Send an e-mail',
        schemaVersion: 1,
        connection: 'smtp',
        config: {
          type: 'object',
          additionalProperties: false,
          required: ['subject', 'body'],
          properties: {
            to: { type: 'string' },
            subject: { type: 'string', minLength: 1, 'x-template': true },
            body: { type: 'string', 'x-template': true },
          },
        },
        output: { type: 'object' },
        outcomes: ['sent'],
        whenSuppressed: 'sent',
        settles: 'now',
        contact: true,
      },
    },
  },
  {
    id: 'callback',
    version: '1.0.0',
    apiVersion: 1,
    name: 'Callback',
    actions: {
      ask: {
        title: 'Ask',
        schemaVersion: 1,
        config: { type: 'object' },
        output: { type: 'object' },
        outcomes: ['yes', 'no'],
        settles: 'later',
        defaultTimeout: 'P2D',
      },
    },
  },
];

/** Everything a document is compiled against in tests. */
export const environment: CompileEnvironment = {
  manifests,
  connections: [{ id: 'default-email', plugin: 'email', type: 'smtp', default: true }],
  calendars,
  timeZone: 'UTC',
  now: Date.parse('2026-11-24T00:00:00Z'),
};

/** A document with defaults, to be changed where a test cares. */
export function journey(
  parts: Partial<JourneyDocument> & Pick<JourneyDocument, 'steps' | 'edges' | 'start'>,
): JourneyDocument {
  return {
    format: 1,
    key: 'test',
    name: 'Test',
    subject: 'patient',
    entry: [{ on: 'manual' }],
    ...parts,
  };
}

/** The plan of a document that must be sound. */
export function planOf(document: unknown): Plan {
  const { plan, diagnostics } = compile(document, environment);
  if (!plan)
    throw new Error(diagnostics.map((finding) => `${finding.code} ${finding.message}`).join('\n'));
  return plan;
}
