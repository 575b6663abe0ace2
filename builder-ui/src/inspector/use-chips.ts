import { useMemo } from 'react';
import { useDocument } from '../editor/store.ts';

/** Values that a text may show: of the person, of what began the run, of variables. */
export function useChips(): string[] {
  const document = useDocument();
  return useMemo(() => {
    const text = JSON.stringify([document.steps, document.exits, document.entry]);
    const read = [...text.matchAll(/\bsubject\.([a-zA-Z_]\w*)/g)].map(
      (match) => `subject.${match[1]}`,
    );
    const inputs = document.inputs?.['properties'];
    const entry = typeof inputs === 'object' && inputs !== null ? Object.keys(inputs) : [];
    return [
      ...new Set([
        'subject.givenName',
        'subject.familyName',
        'subject.email',
        ...read,
        ...entry.map((name) => `entry.${name}`),
        ...Object.keys(document.vars ?? {}).map((name) => `vars.${name}`),
      ]),
    ];
  }, [document]);
}
