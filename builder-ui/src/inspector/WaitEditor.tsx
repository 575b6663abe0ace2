import { Select, Switch, TextInput } from '@mantine/core';
import {
  calendars,
  localText,
  type Alternative,
  type WaitStep,
  type Window,
} from '@sojourn/schemas';
import { IconPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useManifests } from '../api/queries.ts';
import type { Plugin } from '../api/shapes.ts';
import { freshId } from '../document/edits.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { Segments } from '../ui/Segments.tsx';
import { CelField, DurationField, EventField, IdField } from './fields.tsx';
import { ListBox, moved } from './ListBox.tsx';
import { useFault, useStepEdit, withField } from './use-step-edit.ts';

const types = ['after', 'at', 'event', 'when', 'window'] as const;
type AlternativeType = (typeof types)[number];

function typeOf(alternative: Alternative): AlternativeType {
  return types.find((type) => type in alternative) ?? 'after';
}

function fresh(type: AlternativeType, port: string): Alternative {
  switch (type) {
    case 'after':
      return { port, after: 'P3D' };
    case 'at':
      return { port, at: { cel: 'subject.dueOn' }, time: '09:00' };
    case 'event':
      return { port, event: 'event.name' };
    case 'when':
      return { port, when: 'has(subject.email)' };
    case 'window':
      return { port, window: { days: ['MO', 'TU', 'WE', 'TH', 'FR'], from: '09:00', to: '17:00' } };
  }
}

/** Every event type that some plugin brings, and those that the document names already. */
export function eventTypes(plugins: readonly Plugin[], more: readonly string[] = []): string[] {
  const known = plugins.flatMap((plugin) => Object.keys(plugin.events ?? {}));
  return [...new Set([...known, ...more])].sort();
}

/** The alternatives of a wait: the first to come true wins. */
export function WaitEditor({ id, step }: { id: string; step: WaitStep }) {
  const { t } = useWords();
  const edit = useStepEdit(id);
  const ports = step.for.map((one) => one.port);
  const write = (list: Alternative[], field?: string, change?: Parameters<typeof edit>[2]): void =>
    edit({ ...step, for: list }, field, change);
  return (
    <>
      <p className="hint">{t('wait.first')}</p>
      {step.for.map((alternative, index) => (
        <ListBox
          key={`${alternative.port}-${index}`}
          title={t(`wait.types.${typeOf(alternative)}`)}
          index={index}
          count={step.for.length}
          onMove={(by) => write(moved(step.for, index, by))}
          onRemove={() =>
            write(
              step.for.filter((_, at) => at !== index),
              undefined,
              { gone: [alternative.port] },
            )
          }
        >
          <Select
            label={t('wait.for')}
            value={typeOf(alternative)}
            data={types.map((type) => ({ value: type, label: t(`wait.types.${type}`) }))}
            onChange={(type) => {
              const next = types.find((one) => one === type);
              if (next) write(step.for.with(index, fresh(next, alternative.port)));
            }}
          />
          <AlternativeFields
            pointer={`/steps/${id}/for/${index}`}
            alternative={alternative}
            onChange={(next, field) => write(step.for.with(index, next), `${field}${index}`)}
          />
          <IdField
            label={t('inspector.port')}
            value={alternative.port}
            taken={ports}
            onCommit={(port) =>
              write(step.for.with(index, { ...alternative, port }), undefined, {
                renamed: { [alternative.port]: port },
              })
            }
          />
        </ListBox>
      ))}
      <Button
        icon={<IconPlus size={15} />}
        onClick={() =>
          write([
            ...step.for,
            fresh(
              'after',
              freshId('late', (port) => ports.includes(port)),
            ),
          ])
        }
      >
        {t('wait.add')}
      </Button>
      <details>
        <summary>{t('inspector.more')}</summary>
        <DurationField
          label={t('wait.spread')}
          description={t('wait.spreadHint')}
          optional
          value={step.spread}
          onChange={(spread) => edit(withField(step, 'spread', spread), 'spread')}
        />
      </details>
    </>
  );
}

interface FieldsProps {
  pointer: string;
  alternative: Alternative;
  onChange: (alternative: Alternative, field: string) => void;
}

function AlternativeFields({ pointer, alternative, onChange }: FieldsProps) {
  const { t } = useWords();
  const plugins = useManifests();
  const events = useMemo(() => eventTypes(plugins), [plugins]);
  if ('after' in alternative)
    return (
      <DurationField
        label={t('wait.howLong')}
        pointer={`${pointer}/after`}
        value={alternative.after}
        onChange={(after) => {
          if (after !== undefined) onChange({ ...alternative, after }, 'after');
        }}
      />
    );
  if ('event' in alternative)
    return (
      <>
        <EventField
          label={t('wait.event')}
          events={events}
          pointer={`${pointer}/event`}
          value={alternative.event}
          onChange={(event) => onChange({ ...alternative, event }, 'event')}
        />
        <CelField
          label={t('wait.onlyIf')}
          placeholder="event.data.amount > 10"
          pointer={`${pointer}/if`}
          value={alternative.if ?? ''}
          onChange={(value) => onChange(withField(alternative, 'if', value), 'if')}
        />
        <Select
          label={t('wait.since')}
          value={alternative.since ?? 'action'}
          data={(['action', 'entry', 'start'] as const).map((value) => ({
            value,
            label: t(`wait.sinceOptions.${value}`),
          }))}
          onChange={(since) =>
            onChange(
              withField(
                alternative,
                'since',
                since === 'entry' || since === 'start' ? since : undefined,
              ),
              'since',
            )
          }
        />
      </>
    );
  if ('when' in alternative)
    return (
      <CelField
        label={t('wait.condition')}
        pointer={`${pointer}/when`}
        value={alternative.when}
        onChange={(when) => onChange({ ...alternative, when }, 'when')}
      />
    );
  if ('window' in alternative)
    return (
      <WindowFields
        window={alternative.window}
        onChange={(window) => onChange({ ...alternative, window }, 'window')}
      />
    );
  return <AtFields pointer={pointer} alternative={alternative} onChange={onChange} />;
}

const firstAt = { computed: { cel: 'subject.dueOn' }, fixed: '', instant: '2027-01-05T09:00:00Z' };

function AtFields({
  pointer,
  alternative,
  onChange,
}: FieldsProps & { alternative: Extract<Alternative, { at: unknown }> }) {
  const { t } = useWords();
  const { at, offset = '', time } = alternative;
  const fault = useFault(`${pointer}/at`);
  const before = offset.startsWith('-');
  const instant = typeof at === 'string' && at.includes('T');
  const setOffset = (length: string | undefined, isBefore: boolean): void =>
    onChange(
      withField(alternative, 'offset', length && `${isBefore ? '-' : ''}${length}`),
      'offset',
    );
  return (
    <>
      <Segments
        label={t('wait.date')}
        value={typeof at !== 'string' ? 'computed' : instant ? 'instant' : 'fixed'}
        options={[
          { value: 'computed', label: t('fields.computed') },
          { value: 'fixed', label: t('wait.date') },
          { value: 'instant', label: t('wait.instant') },
        ]}
        onChange={(how) => onChange({ ...alternative, at: firstAt[how] }, 'how')}
      />
      {typeof at === 'string' ? (
        <TextInput
          label={t(instant ? 'wait.instant' : 'wait.date')}
          type={instant ? 'text' : 'date'}
          placeholder={firstAt.instant}
          error={fault}
          value={at}
          onChange={(event) => onChange({ ...alternative, at: event.currentTarget.value }, 'at')}
        />
      ) : (
        <CelField
          label={t('wait.date')}
          placeholder="subject.refillDueOn"
          pointer={`${pointer}/at`}
          value={at.cel}
          onChange={(cel) => onChange({ ...alternative, at: { cel } }, 'at')}
        />
      )}
      <DurationField
        label={t('wait.offset')}
        optional
        value={offset === '' ? undefined : offset.replace(/^-/, '')}
        onChange={(length) => setOffset(length, before || offset === '')}
      />
      {offset === '' ? null : (
        <Segments
          label={t('wait.offset')}
          value={before ? 'before' : 'after'}
          options={[
            { value: 'before', label: t('wait.before') },
            { value: 'after', label: t('wait.after') },
          ]}
          onChange={(side) => setOffset(offset.replace(/^-/, ''), side === 'before')}
        />
      )}
      <TextInput
        label={t('wait.time')}
        type="time"
        value={time ?? ''}
        onChange={(event) =>
          onChange(withField(alternative, 'time', event.currentTarget.value), 'time')
        }
      />
      <Switch
        label={t('wait.follow')}
        checked={alternative.follow === true}
        onChange={(event) =>
          onChange(
            withField(alternative, 'follow', event.currentTarget.checked || undefined),
            'follow',
          )
        }
      />
    </>
  );
}

const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

function WindowFields({
  window,
  onChange,
}: {
  window: Window;
  onChange: (window: Window) => void;
}) {
  const { t, language } = useWords();
  const chosen = window.days ?? (window.calendar === undefined ? [...days] : days.slice(0, 5));
  const dayName = (index: number): string =>
    // 1 January 2024 was a Monday.
    new Intl.DateTimeFormat(language, { weekday: 'narrow', timeZone: 'UTC' }).format(
      new Date(Date.UTC(2024, 0, 1 + index)),
    );
  return (
    <>
      <div className="seg" role="group" aria-label={t('wait.days')}>
        {days.map((day, index) => (
          <button
            key={day}
            type="button"
            style={{ padding: '0 8px' }}
            aria-pressed={chosen.includes(day)}
            onClick={() => {
              const next = days.filter((one) => (one === day) !== chosen.includes(one));
              if (next.length > 0) onChange({ ...window, days: next });
            }}
          >
            {dayName(index)}
          </button>
        ))}
      </div>
      <div className="pair">
        <TextInput
          label={t('wait.from')}
          type="time"
          value={window.from ?? ''}
          onChange={(event) => onChange(withField(window, 'from', event.currentTarget.value))}
        />
        <TextInput
          label={t('wait.to')}
          type="time"
          value={window.to ?? ''}
          onChange={(event) => onChange(withField(window, 'to', event.currentTarget.value))}
        />
      </div>
      <Select
        label={t('wait.calendar')}
        description={t('wait.calendarHint')}
        placeholder={t('wait.noCalendar')}
        clearable
        value={window.calendar ?? null}
        data={calendars.map(({ id, name }) => ({ value: id, label: localText(name, language) }))}
        onChange={(calendar) => onChange(withField(window, 'calendar', calendar ?? undefined))}
      />
    </>
  );
}
