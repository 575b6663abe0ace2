import { PluginError } from '@sojourn/plugin-kit';

// What may not be asked of a representative. Where the rule holds, nothing may tie a representative to what is prescribed: no
// field of a report counts it, and no visit is routed by it.

/** A question of a visit report, as a designer writes it. */
export interface Question {
  name: string;
  title: string;
  type?: 'text' | 'number' | 'yes-no' | 'choice';
  choices?: string[];
}

const words =
  /prescri|(?:^|[^a-z])rx|rx(?:$|[^a-z])|volume|(?:^|[^a-z])scripts?(?:$|[^a-z])|market.?share|sales|units.?sold|处方|處方|销量|銷量|销售|銷售|用量|统方|統方/i;

/** Whether a name or a title asks for prescriptions or sales. */
export function asksForPrescriptions(text: string): boolean {
  const spaced = text.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ');
  return words.test(spaced) || words.test(text);
}

/** Throws `PluginError` of kind `config` when a question asks for what the rule forbids. */
export function assertNoPrescriptionData(questions: readonly Question[]): void {
  const index = questions.findIndex(({ name, title, choices = [] }) =>
    [name, title, ...choices].some(asksForPrescriptions),
  );
  if (index < 0) return;
  throw new PluginError({
    code: 'prescription-data',
    kind: 'config',
    detail: `/questions/${index}: it asks a representative about prescriptions or sales, which the connection's rule 'noPrescriptionData' forbids: take it out`,
  });
}
