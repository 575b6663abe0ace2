import type { Diagnostic, DiagnosticCode } from '../diagnostics.ts';

/** Collects findings. Warnings are named where they are reported; all else stops publication. */
export interface Report {
  findings: Diagnostic[];
  add(finding: Omit<Diagnostic, 'severity'> & { severity?: Diagnostic['severity'] }): void;
  has(code: DiagnosticCode, pointer: string): boolean;
}

/** An empty report. */
export function createReport(): Report {
  const findings: Diagnostic[] = [];
  return {
    findings,
    add: (finding) => findings.push({ severity: 'error', ...finding }),
    has: (code, pointer) =>
      findings.some((finding) => finding.code === code && finding.pointer === pointer),
  };
}
