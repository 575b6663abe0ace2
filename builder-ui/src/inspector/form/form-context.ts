/** What the parts of a form know beside their own field. */
export interface FormContext {
  /** Values that a template may show. */
  chips: readonly string[];
  /** Faults by the pointer of their field. */
  faults: Record<string, string>;
  /** Whether a field may be computed by an expression. */
  computed: boolean;
}
