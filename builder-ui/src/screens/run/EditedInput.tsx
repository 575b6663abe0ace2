import type { JourneyDocument, PluginManifest } from '@sojourn/schemas';
import { lazy, Suspense } from 'react';
import type { Run, TrailEntry } from '../../api/shapes.ts';
import { findAction } from '../../document/kinds.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Skeleton } from '../../ui/StateView.tsx';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

type Input = Record<string, unknown>;

/** What an action is given as it stands: what the designer wrote, and in its place what was edited before. */
export function standingInput(
  incident: Run['incidents'][number],
  document: JourneyDocument | undefined,
  trail: readonly TrailEntry[],
): Input | undefined {
  const step = document?.steps[incident.step];
  if (step?.kind !== 'action') return undefined;
  const edits = trail.filter(
    ({ what, step: at, visit }) =>
      what === 'commanded' && at === incident.step && visit === incident.visit,
  );
  const fields = Object.assign(
    {},
    step.with,
    ...edits.map(({ because }) => because['input']),
  ) as Input;
  return withoutNulls(fields);
}

/** The fields that differ; null for one that was taken away. */
export function editOf(standing: Input, edited: Input): Input {
  const names = [...new Set([...Object.keys(standing), ...Object.keys(edited)])];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(standing[name]) !== JSON.stringify(edited[name]))
      .map((name) => [name, edited[name] ?? null]),
  );
}

function withoutNulls(fields: Input): Input {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** The form of an action's config, to be changed for one person. */
export function EditedInput(props: {
  uses: string;
  manifests: readonly PluginManifest[];
  value: Input;
  onChange: (value: Input) => void;
}) {
  const { t } = useWords();
  const found = findAction(props.uses, props.manifests);
  if (!found)
    return <p className="hint bad">{t('inspector.unknownAction', { uses: props.uses })}</p>;
  return (
    <Suspense fallback={<Skeleton rows={3} height={42} />}>
      <SchemaForm
        schema={found.action.config}
        value={props.value}
        computed
        onChange={props.onChange}
      />
    </Suspense>
  );
}
