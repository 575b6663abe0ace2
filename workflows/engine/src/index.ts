export type * from './plan.ts';
export type * from './run.ts';
export { diagnosticCodes, type Diagnostic, type DiagnosticCode } from './diagnostics.ts';
