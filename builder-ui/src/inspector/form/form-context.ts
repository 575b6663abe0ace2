/** What the parts of a form know beside their own field. */
export interface FormContext {
  /** Values that a template may show. */
  chips: readonly string[];
  /** Faults by the pointer of their field. */
  faults: Record<string, string>;
  /** Whether a field may be computed by an expression. */
  computed: boolean;
  /** The form as it stands. */
  config: Record<string, unknown>;
  /** Who offers choices for its fields; absent: nobody. */
  chooser?: Chooser | undefined;
}

/** Where the choices for the fields of a form are looked up. */
export interface Chooser {
  /** The address of an action's choices, such as `/plugins/insurance-enrollment/actions/enroll/options`. */
  path: string;
  connection?: string | undefined;
}
