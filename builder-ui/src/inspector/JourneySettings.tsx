import { Select, Textarea, TextInput } from '@mantine/core';
import type { Entry, JourneyDocument, Reentry, Variable } from '@sojourn/schemas';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useManifests } from '../api/queries.ts';
import { useDocument } from '../editor/store.ts';
import { freshId, writeText } from '../document/edits.ts';
import { useWords } from '../i18n/use-words.ts';
import { Button } from '../ui/Button.tsx';
import { ExitSettings, GoalSettings } from './ExitsAndGoals.tsx';
import { CelField, DurationField, EventField } from './fields.tsx';
import { ListBox, moved } from './ListBox.tsx';
import { useSetJourney, type SetJourney } from './use-set-journey.ts';
import { useFault, withField } from './use-step-edit.ts';
import { eventTypes } from './WaitEditor.tsx';

/** What belongs to the journey itself: who begins it and how, what ends it, its variables and inputs. */
export function JourneySettings() {
  const words = useWords();
  const { t } = words;
  const document = useDocument();
  const set = useSetJourney();
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const zoneFault = useFault('/timeZone');
  return (
    <>
      <header>
        <IconRoute size={18} color="var(--accent)" aria-hidden />
        <div className="grow">
          <h2 className="cut">{words.text(document.name)}</h2>
          <div className="xs mut">{t('settings.title')}</div>
        </div>
        <span className="tag line mono">{document.key}</span>
      </header>
      <div className="body">
        <TextInput
          label={t('settings.name')}
          value={words.text(document.name)}
          onChange={(event) =>
            set(
              'name',
              writeText(document.name, event.currentTarget.value, words.language) ?? '',
              'name',
            )
          }
        />
        <Textarea
          label={t('settings.description')}
          autosize
          minRows={1}
          value={words.text(document.description)}
          onChange={(event) =>
            set(
              'description',
              writeText(document.description, event.currentTarget.value, words.language),
              'description',
            )
          }
        />
        <div className="pair">
          <TextInput
            label={t('settings.subject')}
            value={document.subject}
            onChange={(event) => set('subject', event.currentTarget.value, 'subject')}
          />
          <Select
            label={t('settings.timeZone')}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('fields.remove') }}
            placeholder={t('settings.zoneDefault')}
            data={zones}
            value={document.timeZone ?? null}
            error={zoneFault}
            onChange={(zone) => set('timeZone', zone ?? undefined)}
          />
        </div>
        <EntrySettings document={document} set={set} />
        <ReentrySettings document={document} set={set} />
        <ExitSettings />
        <GoalSettings />
        <VariableSettings document={document} set={set} />
        <InputSettings document={document} set={set} />
      </div>
    </>
  );
}

interface PartProps {
  document: JourneyDocument;
  set: SetJourney;
}

function EntrySettings({ document, set }: PartProps) {
  const { t } = useWords();
  const events = eventTypes(useManifests());
  const { entry } = document;
  const write = (list: Entry[], field?: string): void => set('entry', list, field);
  return (
    <details open>
      <summary>{t('settings.entry')}</summary>
      <div className="col">
        {entry.map((one, index) => (
          <ListBox
            key={index}
            title={t(`settings.on.${one.on}`)}
            index={index}
            count={Math.max(entry.length, 2)}
            onMove={(by) => write(moved(entry, index, by))}
            onRemove={() => write(entry.filter((_, at) => at !== index))}
          >
            {one.on === 'event' ? (
              <>
                <EventField
                  label={t('wait.event')}
                  events={events}
                  pointer={`/entry/${index}/event`}
                  value={one.event}
                  onChange={(event) => write(entry.with(index, { ...one, event }), `e${index}`)}
                />
                <CelField
                  label={t('wait.onlyIf')}
                  pointer={`/entry/${index}/if`}
                  placeholder="event.data.daysSupply >= 1"
                  value={one.if ?? ''}
                  onChange={(value) =>
                    write(entry.with(index, withField(one, 'if', value)), `i${index}`)
                  }
                />
              </>
            ) : null}
            <CelField
              label={t('settings.runKey')}
              description={t('settings.runKeyHint')}
              placeholder="event.data.orderId"
              pointer={`/entry/${index}/key`}
              value={one.key ?? ''}
              onChange={(value) =>
                write(entry.with(index, withField(one, 'key', value)), `k${index}`)
              }
            />
          </ListBox>
        ))}
        <div className="row">
          <Button
            icon={<IconPlus size={15} />}
            onClick={() => write([...entry, { on: 'event', event: 'event.name' }])}
          >
            {t('settings.on.event')}
          </Button>
          {entry.some((one) => one.on === 'manual') ? null : (
            <Button
              icon={<IconPlus size={15} />}
              onClick={() => write([...entry, { on: 'manual' }])}
            >
              {t('settings.on.manual')}
            </Button>
          )}
        </div>
      </div>
    </details>
  );
}

const reentries = ['after-end', 'never', 'parallel', 'later'] as const;

function ReentrySettings({ document, set }: PartProps) {
  const { t } = useWords();
  const reentry: Reentry = document.reentry ?? 'after-end';
  const value = typeof reentry === 'string' ? reentry : 'later';
  return (
    <>
      <Select
        label={t('settings.reentry')}
        value={value}
        data={reentries.map((one) => ({ value: one, label: t(`settings.reentries.${one}`) }))}
        onChange={(next) => {
          if (next === 'later') set('reentry', { afterEnd: 'P30D' });
          else if (next === 'never' || next === 'parallel' || next === 'after-end')
            set('reentry', next);
        }}
      />
      {typeof reentry === 'string' ? null : (
        <DurationField
          label={t('settings.afterEnd')}
          value={reentry.afterEnd}
          onChange={(afterEnd) => {
            if (afterEnd !== undefined) set('reentry', { afterEnd }, 'afterEnd');
          }}
        />
      )}
    </>
  );
}

const variableTypes = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;

function VariableSettings({ document, set }: PartProps) {
  const { t } = useWords();
  const entries = Object.entries(document.vars ?? {});
  const write = (list: [string, Variable][], field?: string): void =>
    set('vars', list.length > 0 ? Object.fromEntries(list) : undefined, field);
  return (
    <details open={entries.length > 0}>
      <summary>{t('settings.vars')}</summary>
      <div className="col">
        {entries.map(([name, variable], index) => (
          <ListBox
            key={index}
            title={name}
            index={index}
            count={Math.max(entries.length, 2)}
            onMove={(by) => write(moved(entries, index, by))}
            onRemove={() => write(entries.filter((_, at) => at !== index))}
          >
            <div className="pair">
              <TextInput
                label={t('set.name')}
                value={name}
                onChange={(event) => {
                  const next = event.currentTarget.value.replace(/\W/g, '');
                  if (!entries.some(([other], at) => other === next && at !== index))
                    write(entries.with(index, [next, variable]), `v${index}`);
                }}
              />
              <Select
                label={t('settings.type')}
                value={variable.type}
                data={[...variableTypes]}
                onChange={(next) => {
                  const type = variableTypes.find((one) => one === next);
                  const { description } = variable;
                  const kept = description === undefined ? {} : { description };
                  if (type) write(entries.with(index, [name, { type, ...kept }]));
                }}
              />
            </div>
            <TextInput
              label={t('settings.default')}
              value={variable.default === undefined ? '' : JSON.stringify(variable.default)}
              onChange={(event) =>
                write(
                  entries.with(index, [
                    name,
                    withField(variable, 'default', readValue(event.currentTarget.value)),
                  ]),
                  `d${index}`,
                )
              }
            />
            <TextInput
              label={t('settings.description')}
              value={variable.description ?? ''}
              onChange={(event) =>
                write(
                  entries.with(index, [
                    name,
                    withField(variable, 'description', event.currentTarget.value),
                  ]),
                  `t${index}`,
                )
              }
            />
          </ListBox>
        ))}
        <Button
          icon={<IconPlus size={15} />}
          onClick={() => {
            const name = freshId('value', (one) =>
              entries.some(([other]) => other === one.replaceAll('-', '_')),
            ).replaceAll('-', '_');
            write([...entries, [name, { type: 'integer', default: 0 }]]);
          }}
        >
          {t('set.add')}
        </Button>
      </div>
    </details>
  );
}

function readValue(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function InputSettings({ document, set }: PartProps) {
  const { t } = useWords();
  const standing = document.inputs ? JSON.stringify(document.inputs, null, 2) : '';
  const [text, setText] = useState<string>();
  const read = (value: string): Record<string, unknown> | undefined => {
    const parsed = readValue(value);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Record<string, unknown>)
      : undefined;
  };
  const commit = (): void => {
    if (text === undefined) return;
    if (text.trim() === '') set('inputs', undefined);
    else if (read(text)) set('inputs', read(text));
    else return;
    setText(undefined);
  };
  const invalid = text !== undefined && text.trim() !== '' && !read(text);
  return (
    <details open={document.inputs !== undefined}>
      <summary>{t('settings.inputs')}</summary>
      <Textarea
        aria-label={t('settings.inputs')}
        description={t('settings.inputsHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autosize
        minRows={3}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
        placeholder='{ "type": "object", "properties": { } }'
        value={text ?? standing}
        error={invalid ? t('inspector.jsonInvalid') : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
      />
    </details>
  );
}
