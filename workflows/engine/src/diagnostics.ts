/** A finding about a document. Errors stop publication; a warning is published only with a reason. */
export interface Diagnostic {
  /** `area/finding`, as in the catalogue below. */
  code: DiagnosticCode;
  severity: 'error' | 'warning';
  /** JSON pointer into the document. */
  pointer: string;
  stepId?: string;
  /** What is wrong and what to do, in English. */
  message: string;
  /** A change that would mend it, as JSON Patch (RFC 6902). */
  fix?: {
    title: string;
    patch: { op: 'add' | 'remove' | 'replace'; path: string; value?: unknown }[];
  };
  /** The values in the message, for screens in other languages. */
  values?: Record<string, string | number>;
}

/** Every diagnostic there is. */
export const diagnosticCodes = [
  'schema/invalid',
  'graph/dangling-edge',
  'graph/unknown-port',
  'graph/port-unconnected',
  'graph/port-connected-twice',
  'graph/unreachable',
  'graph/unbounded-loop',
  'graph/join-without-parallel',
  'graph/never-ends',
  'graph/parallel-without-join',
  'expr/syntax',
  'expr/type',
  'expr/unknown-name',
  'time/in-the-past',
  'time/zero-wait',
  'time/unknown-zone',
  'time/empty-window',
  'plugin/unknown',
  'plugin/config-invalid',
  'plugin/connection-missing',
  'plugin/deprecated',
  'call/unknown-journey',
  'call/recursion',
  'policy/purpose-missing',
  'limit/too-many-steps',
  'limit/document-too-large',
  'limit/expression-too-long',
] as const;

export type DiagnosticCode = (typeof diagnosticCodes)[number];
