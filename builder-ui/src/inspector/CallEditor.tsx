import { Select } from '@mantine/core';
import type { CallStep } from '@sojourn/schemas';
import { useQuery } from '@tanstack/react-query';
import { IconInfoCircle } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { journeysQuery, versionsQuery } from '../api/queries.ts';
import { calledVersion } from '../document/engine.ts';
import { problemText } from '../editor/Problems.tsx';
import { useDocument, useEditor } from '../editor/store.ts';
import { useWords } from '../i18n/use-words.ts';
import { Skeleton } from '../ui/StateView.tsx';
import { CelField } from './fields.tsx';
import { useChips } from './use-chips.ts';
import { useFault, useFormFaults, useStepEdit, withField } from './use-step-edit.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('./form/SchemaForm.tsx')).SchemaForm,
}));
/** What a journey without `inputs` takes: anything. */
const anything = { type: 'object' };

/** Which journey is called, in which version, with what and for whom. */
export function CallEditor({ id, step }: { id: string; step: CallStep }) {
  const words = useWords();
  const { t } = words;
  const edit = useStepEdit(id);
  const called = calledVersion(
    step,
    useEditor((state) => state.called),
  );
  const chips = useChips();
  const faults = useFormFaults(id);
  const missing = useMissing(id);
  return (
    <>
      <JourneyField id={id} step={step} />
      {step.journey ? <VersionField id={id} step={step} /> : null}
      {missing === undefined ? null : (
        <div className="note bad">
          <IconInfoCircle size={15} aria-hidden />
          <span>{missing}</span>
        </div>
      )}
      {called ? (
        <div className="col">
          <span className="sec-h">{t('call.with')}</span>
          {called.inputs === undefined ? <p className="hint">{t('call.noInputs')}</p> : null}
          <Suspense fallback={<Skeleton rows={2} height={42} />}>
            <SchemaForm
              key={called.planHash}
              schema={called.inputs ?? anything}
              value={step.with ?? {}}
              computed
              chips={chips}
              faults={faults}
              onChange={(given, field) =>
                edit(
                  withField(step, 'with', Object.keys(given).length > 0 ? given : undefined),
                  `with ${field ?? ''}`,
                )
              }
            />
          </Suspense>
        </div>
      ) : null}
      <CelField
        label={t('call.subject')}
        description={t('call.subjectHint')}
        placeholder={`"${called?.subjectType ?? 'physician'}/" + subject.physician`}
        pointer={`/steps/${id}/subject`}
        value={step.subject ?? ''}
        onChange={(value) => edit(withField(step, 'subject', value), 'subject')}
      />
    </>
  );
}

function JourneyField({ id, step }: { id: string; step: CallStep }) {
  const words = useWords();
  const { t } = words;
  const edit = useStepEdit(id);
  const own = useDocument().key;
  const fault = useFault(`/steps/${id}/journey`);
  const { data: journeys = [] } = useQuery(journeysQuery);
  const data = journeys
    .filter((one) => one.latestVersion !== null && one.key !== own)
    .map((one) => ({ value: one.key, label: words.text(one.name) || one.key }));
  const known = !step.journey || data.some(({ value }) => value === step.journey);
  return (
    <Select
      label={t('call.journey')}
      description={t('call.journeyHint')}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      placeholder={t('form.choose')}
      nothingFoundMessage={t('call.none')}
      searchable
      allowDeselect={false}
      value={step.journey || null}
      error={fault}
      data={known ? data : [...data, { value: step.journey, label: step.journey }]}
      onChange={(journey) => {
        if (journey === null || journey === step.journey) return;
        const { version: _version, with: _with, ...rest } = step;
        edit({ ...rest, journey });
      }}
    />
  );
}

function VersionField({ id, step }: { id: string; step: CallStep }) {
  const { t, moment } = useWords();
  const edit = useStepEdit(id);
  const fault = useFault(`/steps/${id}/version`);
  const { data: versions = [] } = useQuery(versionsQuery(step.journey));
  const latest = versions[0]?.number;
  const { version } = step;
  const listed = version === undefined || versions.some(({ number }) => number === version);
  return (
    <Select
      label={t('call.version')}
      allowDeselect={false}
      value={String(version ?? '')}
      error={fault}
      data={[
        {
          value: '',
          label: latest === undefined ? t('call.latest') : t('call.latestNow', { number: latest }),
        },
        ...versions.map(({ number, publishedAt }) => ({
          value: String(number),
          label: t('call.numbered', { number, at: moment(publishedAt) }),
        })),
        ...(listed ? [] : [{ value: String(version), label: `v${version}` }]),
      ]}
      onChange={(next) =>
        edit(withField(step, 'version', next === null || next === '' ? undefined : Number(next)))
      }
    />
  );
}

/** What the check says of the call as a whole, as of a subject of another type. */
function useMissing(id: string): string | undefined {
  const words = useWords();
  const finding = useEditor((state) =>
    state.diagnostics?.find(
      ({ pointer, code }) =>
        (pointer === `/steps/${id}` && code === 'schema/invalid') ||
        pointer === `/steps/${id}/with`,
    ),
  );
  return useMemo(() => finding && problemText(finding, words), [finding, words]);
}
