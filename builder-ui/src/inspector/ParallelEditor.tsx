import { NumberInput, Select } from '@mantine/core';
import type { JoinStep, ParallelStep } from '@sojourn/schemas';
import { IconGitMerge, IconPlus } from '@tabler/icons-react';
import { useManifests } from '../api/queries.ts';
import { addJoin, freshId } from '../document/edits.ts';
import { titleOf } from '../document/summaries.ts';
import { useEditorTools } from '../editor/actions-context.ts';
import { useDocument, useEditorStore } from '../editor/store.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { IdField } from './fields.tsx';
import { ListBox, moved } from './ListBox.tsx';
import { useFault, useStepEdit, type EditStep } from './use-step-edit.ts';

/** The ways that are gone at once, and where they come together. */
export function ParallelEditor({ id, step }: { id: string; step: ParallelStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const { branches } = step;
  const write = (list: string[], change?: Parameters<EditStep>[2]): void =>
    edit({ ...step, branches: list }, undefined, change);
  return (
    <>
      <p className="hint">{t('parallel.hint')}</p>
      {branches.map((branch, index) => (
        <ListBox
          key={`${branch}-${index}`}
          title={t('parallel.branch', { number: index + 1 })}
          index={index}
          count={branches.length}
          onMove={(by) => write(moved(branches, index, by))}
          onRemove={() =>
            write(
              branches.filter((_, at) => at !== index),
              { gone: [branch] },
            )
          }
        >
          <IdField
            label={t('inspector.port')}
            value={branch}
            taken={branches}
            onCommit={(name) => write(branches.with(index, name), { renamed: { [branch]: name } })}
          />
        </ListBox>
      ))}
      <Button
        icon={<IconPlus size={15} />}
        onClick={() => write([...branches, freshId('branch', (name) => branches.includes(name))])}
      >
        {t('parallel.add')}
      </Button>
      <JoinOf id={id} />
    </>
  );
}

/** The joins of a parallel step, or the offer to add one. */
function JoinOf({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const { goTo, meet } = useEditorTools();
  const joins = Object.entries(document.steps).filter(
    ([, other]) => other.kind === 'join' && other.of === id,
  );
  if (joins.length === 0)
    return (
      <div className="col" style={{ gap: 6 }}>
        <p className="hint">{t('parallel.noJoin')}</p>
        <Button
          icon={<IconGitMerge size={15} />}
          onClick={() => {
            const added = addJoin(editor.getState().history.present, id);
            editor.getState().apply(() => added.document);
            meet(added.id);
          }}
        >
          {t('parallel.addJoin')}
        </Button>
      </div>
    );
  return (
    <p className="hint">
      {t('parallel.joinedBy')}{' '}
      {joins.map(([join, step], index) => (
        <span key={join}>
          {index > 0 ? ', ' : ''}
          <button type="button" className="link" onClick={() => goTo(join)}>
            {titleOf(join, step, manifests, words)}
          </button>
        </span>
      ))}
    </p>
  );
}

type Need = 'all' | 'any' | 'number';

/** Which ways come together here, and how many it takes. */
export function JoinEditor({ id, step }: { id: string; step: JoinStep }) {
  const words = useWords();
  const { t } = words;
  const edit = useStepEdit(id);
  const document = useDocument();
  const manifests = useManifests();
  const ofFault = useFault(`/steps/${id}/of`);
  const needFault = useFault(`/steps/${id}/need`);
  const parallels = Object.entries(document.steps).flatMap(([key, other]) =>
    other.kind === 'parallel'
      ? [{ value: key, label: `${titleOf(key, other, manifests, words)} · ${key}` }]
      : [],
  );
  const parallel = document.steps[step.of];
  const ways = parallel?.kind === 'parallel' ? parallel.branches.length : 50;
  const need: Need = typeof step.need === 'number' ? 'number' : (step.need ?? 'all');
  const known = parallels.some(({ value }) => value === step.of) || !step.of;
  return (
    <>
      <Select
        label={t('join.of')}
        description={t('join.ofHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        placeholder={t('form.choose')}
        nothingFoundMessage={t('join.none')}
        allowDeselect={false}
        value={step.of || null}
        error={ofFault}
        data={known ? parallels : [...parallels, { value: step.of, label: step.of }]}
        onChange={(of) => {
          if (of !== null) edit({ ...step, of });
        }}
      />
      <div className="field">
        <span className="lab">{t('join.need')}</span>
        <div className="row">
          <Segments<Need>
            label={t('join.need')}
            value={need}
            options={(['all', 'any', 'number'] as const).map((value) => ({
              value,
              label: t(`join.needs.${value}`),
            }))}
            onChange={(how) => edit({ ...step, need: how === 'number' ? Math.min(2, ways) : how })}
          />
          {typeof step.need === 'number' ? (
            <NumberInput
              aria-label={t('join.need')}
              w={80}
              min={1}
              max={ways}
              allowDecimal={false}
              value={step.need}
              onChange={(count) => edit({ ...step, need: Math.max(1, Number(count)) }, 'need')}
            />
          ) : null}
        </div>
        {needFault === undefined ? (
          <p className="hint">{t('join.needHint')}</p>
        ) : (
          <p className="hint bad">{needFault}</p>
        )}
      </div>
    </>
  );
}
