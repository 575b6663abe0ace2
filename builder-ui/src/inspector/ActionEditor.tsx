import { Autocomplete, NumberInput, Select } from '@mantine/core';
import type { ActionStep, Retry } from '@sojourn/schemas';
import { IconCircleCheckFilled, IconCircleXFilled, IconInfoCircle } from '@tabler/icons-react';
import { lazy, Suspense, useMemo } from 'react';
import { useConnections, useManifests } from '../api/queries.ts';
import type { Connection } from '../api/shapes.ts';
import { findAction } from '../document/kinds.ts';
import { withOutcomes } from '../document/outcomes.ts';
import { useWords } from '../i18n/use-words.ts';
import { Skeleton } from '../ui/StateView.tsx';
import { DurationField } from './fields.tsx';
import { MessagePreview } from './MessagePreview.tsx';
import { UpgradeNote } from './UpgradeNote.tsx';
import { useChips } from './use-chips.ts';
import { useFault, useFormFaults, useStepEdit, withField } from './use-step-edit.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('./form/SchemaForm.tsx')).SchemaForm,
}));
const purposes = ['support', 'adherence', 'education', 'service', 'marketing'];

/** An action: its connection, the form its plugin asks for, why people are contacted, how often it is tried. */
export function ActionEditor({ id, step }: { id: string; step: ActionStep }) {
  const words = useWords();
  const { t } = words;
  const manifests = useManifests();
  const edit = useStepEdit(id);
  const found = findAction(step.uses, manifests);
  const chips = useChips();
  const purposeFault = useFault(`/steps/${id}/purpose`);
  const faults = useFormFaults(id);
  const { uses, connection } = step;
  const chooser = useMemo(() => {
    const [plugin = '', name = ''] = uses.split('/');
    return { path: `/plugins/${plugin}/actions/${name}/options`, connection };
  }, [uses, connection]);
  if (!found)
    return (
      <div className="note bad">
        <IconCircleXFilled size={15} aria-hidden />
        <span>{t('inspector.unknownAction', { uses: step.uses })}</span>
      </div>
    );
  const { plugin, action } = found;
  /** Takes a config over; `field` was changed, or the whole of it. */
  const fill = (config: Record<string, unknown>, field?: string): void => {
    const { step: next, ports } = withOutcomes(step, action, config);
    // What changes the ways out of a step is an edit of its own.
    edit(next, ports !== undefined || field === undefined ? undefined : `with ${field}`, ports);
  };
  return (
    <>
      {action.deprecated === undefined ? null : (
        <div className="note warn">
          <IconInfoCircle size={15} aria-hidden />
          <span>{action.deprecated}</span>
        </div>
      )}
      <UpgradeNote id={id} step={step} onUpgrade={fill} />
      {action.connection === undefined ? null : (
        <ConnectionField id={id} step={step} plugin={plugin.id} />
      )}
      <Suspense fallback={<Skeleton rows={4} height={42} />}>
        <SchemaForm
          schema={action.config}
          value={step.with ?? {}}
          computed
          chips={chips}
          faults={faults}
          chooser={chooser}
          ports={Array.isArray(action.outcomes) ? undefined : action.outcomes}
          onChange={fill}
        />
      </Suspense>
      {action.contact === true ? (
        <>
          <Autocomplete
            size="xs"
            label={t('action.purpose')}
            description={t('action.purposeHint')}
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            data={purposes}
            value={step.purpose ?? ''}
            error={purposeFault}
            onChange={(purpose) => edit(withField(step, 'purpose', purpose), 'purpose')}
          />
          <MessagePreview step={step} />
        </>
      ) : null}
      <details>
        <summary>{t('action.times')}</summary>
        <div className="col">
          {action.contact === true ? (
            <DurationField
              label={t('action.expires')}
              description={t('action.expiresHint')}
              optional
              value={step.expires}
              onChange={(expires) => edit(withField(step, 'expires', expires), 'expires')}
            />
          ) : null}
          <DurationField
            label={t('action.deadline')}
            description={t('action.deadlineHint')}
            optional
            value={step.deadline}
            onChange={(deadline) => edit(withField(step, 'deadline', deadline), 'deadline')}
          />
          {action.settles === 'later' ? (
            <DurationField
              label={t('action.timeout')}
              description={t('action.timeoutHint')}
              optional
              value={step.timeout ?? action.defaultTimeout}
              onChange={(timeout) => edit(withField(step, 'timeout', timeout), 'timeout')}
            />
          ) : null}
        </div>
      </details>
      <RetryFields
        retry={step.retry ?? {}}
        onChange={(retry) =>
          edit(withField(step, 'retry', Object.keys(retry).length > 0 ? retry : undefined), 'retry')
        }
      />
    </>
  );
}

function ConnectionField({ id, step, plugin }: { id: string; step: ActionStep; plugin: string }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const fault = useFault(`/steps/${id}/connection`);
  const connections = useConnections().filter((one) => one.plugin === plugin);
  const standard = connections.find((one) => one.default);
  const chosen = connections.find((one) => one.id === step.connection) ?? standard;
  return (
    <Select
      label={t('action.connection')}
      value={step.connection ?? ''}
      error={fault}
      leftSection={chosen ? <HealthIcon connection={chosen} /> : null}
      data={[
        {
          value: '',
          label: standard
            ? t('action.defaultConnection', { name: standard.name })
            : t('action.noDefault'),
        },
        ...connections.map((one) => ({ value: one.id, label: one.name })),
      ]}
      onChange={(connection) => edit(withField(step, 'connection', connection ?? ''))}
    />
  );
}

/** Whether a connection was well at its last check. */
export function HealthIcon({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const status = connection.health?.status;
  if (status === 'ok')
    return <IconCircleCheckFilled size={14} color="var(--ok)" aria-label={t('health.ok')} />;
  if (status === undefined)
    return <IconInfoCircle size={14} color="var(--ink-3)" aria-label={t('health.unknown')} />;
  return <IconCircleXFilled size={14} color="var(--bad)" aria-label={t(`health.${status}`)} />;
}

function RetryFields({ retry, onChange }: { retry: Retry; onChange: (retry: Retry) => void }) {
  const { t } = useWords();
  return (
    <details>
      <summary>{t('action.retry')}</summary>
      <div className="col">
        <div className="pair">
          <NumberInput
            label={t('action.attempts')}
            min={1}
            max={100}
            placeholder="5"
            value={retry.attempts ?? ''}
            onChange={(value) =>
              onChange(withField(retry, 'attempts', value === '' ? undefined : Number(value)))
            }
          />
          <NumberInput
            label={t('action.factor')}
            min={1}
            max={10}
            placeholder="2"
            value={retry.factor ?? ''}
            onChange={(value) =>
              onChange(withField(retry, 'factor', value === '' ? undefined : Number(value)))
            }
          />
        </div>
        <DurationField
          label={t('action.firstDelay')}
          optional
          value={retry.firstDelay}
          onChange={(value) => onChange(withField(retry, 'firstDelay', value))}
        />
        <DurationField
          label={t('action.maxDelay')}
          optional
          value={retry.maxDelay}
          onChange={(value) => onChange(withField(retry, 'maxDelay', value))}
        />
      </div>
    </details>
  );
}
