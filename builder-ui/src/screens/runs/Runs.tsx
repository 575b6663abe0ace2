import { Menu, TextInput } from '@mantine/core';
import { IconFilter, IconPlus, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { journeysQuery, runsQuery, type RunFilters } from '../../api/queries.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { LoadedPages } from '../../ui/LoadedPages.tsx';
import { Skeleton } from '../../ui/StateView.tsx';
import { EnrolDialog } from './EnrolDialog.tsx';
import { RunTable } from './RunTable.tsx';

const route = getRouteApi('/runs');
const fields = [
  'journey',
  'version',
  'step',
  'status',
  'outcome',
  'subject',
  'incident',
] as const satisfies readonly (keyof RunFilters)[];
type Field = (typeof fields)[number];

/** Every run, narrowed by chips that are part of the address. */
export function Runs() {
  const { t } = useWords();
  const filters = route.useSearch();
  const runs = useInfiniteQuery(runsQuery(filters));
  const { data: journeys } = useQuery(journeysQuery);
  const [enrolling, setEnrolling] = useState(false);
  const keys =
    filters.journey === undefined ? (journeys ?? []).map((one) => one.key) : [filters.journey];
  const state = useLive(keys.slice(0, 50).map((key) => `journey:${key}`));
  const filtered = fields.some((field) => filters[field] !== undefined);
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.runs')}</h1>
        <span className="sm sec grow">
          <LiveNote state={state} />
        </span>
        <Button icon={<IconPlus size={15} />} onClick={() => setEnrolling(true)}>
          {t('enrol.title')}
        </Button>
      </div>
      <Filters filters={filters} />
      <section className="panel">
        <LoadedPages
          query={runs}
          skeleton={<Skeleton rows={10} />}
          empty={t(filtered ? 'runs.noneFound' : 'runs.empty')}
        >
          {(items) => <RunTable runs={items} />}
        </LoadedPages>
      </section>
      <EnrolDialog
        opened={enrolling}
        onClose={() => setEnrolling(false)}
        journey={filters.journey}
      />
    </div>
  );
}

function Filters({ filters }: { filters: RunFilters }) {
  const { t, text } = useWords();
  const navigate = route.useNavigate();
  const { data: journeys } = useQuery(journeysQuery);
  const [adding, setAdding] = useState<Field>();
  const set = (field: Field, value: string | undefined): void => {
    const others = Object.fromEntries(Object.entries(filters).filter(([name]) => name !== field));
    const version = field === 'version' && value !== undefined ? Number(value) : value;
    void navigate({
      search: value === undefined || value === '' ? others : { ...others, [field]: version },
      replace: true,
    });
  };
  const shown = (field: Field, value: string | number): string => {
    if (field === 'journey')
      return text(journeys?.find((journey) => journey.key === value)?.name) || String(value);
    if (field === 'status') return t(`runStatus.${value}`);
    if (field === 'incident' && value === 'any') return t('runs.anyIncident');
    return field === 'version' ? `v${value}` : String(value);
  };
  const choices: Partial<Record<Field, { value: string; label: string }[]>> = {
    journey: (journeys ?? []).map((one) => ({ value: one.key, label: text(one.name) || one.key })),
    status: ['active', 'held', 'ended'].map((value) => ({ value, label: t(`runStatus.${value}`) })),
    incident: [{ value: 'any', label: t('runs.anyIncident') }],
  };
  const open = fields.filter((field) => filters[field] === undefined);
  const listed = adding === undefined ? undefined : choices[adding];
  return (
    <div className="row wrap" role="group" aria-label={t('runs.filters')}>
      {fields.map((field) => {
        const value = filters[field];
        return value === undefined ? null : (
          <button
            key={field}
            type="button"
            className="tag accent"
            style={{ height: 26 }}
            aria-label={t('runs.removeFilter', { filter: t(`runs.filter.${field}`) })}
            onClick={() => set(field, undefined)}
          >
            <span style={{ fontWeight: 400 }}>{t(`runs.filter.${field}`)}</span>
            {shown(field, value)}
            <IconX size={12} aria-hidden />
          </button>
        );
      })}
      {adding === undefined ? (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className="btn quiet">
              <IconFilter size={15} aria-hidden />
              {t('runs.addFilter')}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {open.map((field) => (
              <Menu.Item key={field} onClick={() => setAdding(field)}>
                {t(`runs.filter.${field}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      ) : listed ? (
        <span className="row">
          <span className="sm sec">{t(`runs.filter.${adding}`)}</span>
          {listed.map((choice) => (
            <button
              key={choice.value}
              type="button"
              className="tag line"
              style={{ height: 26 }}
              onClick={() => {
                set(adding, choice.value);
                setAdding(undefined);
              }}
            >
              {choice.label}
            </button>
          ))}
          <Button tone="quiet" onClick={() => setAdding(undefined)}>
            {t('actions.cancel')}
          </Button>
        </span>
      ) : (
        <FilterText
          label={t(`runs.filter.${adding}`)}
          hint={adding === 'subject' ? 'patient/P-20417' : ''}
          onDone={(value) => {
            if (value !== undefined) set(adding, value);
            setAdding(undefined);
          }}
        />
      )}
    </div>
  );
}

function FilterText(props: {
  label: string;
  hint: string;
  onDone: (value: string | undefined) => void;
}) {
  const [value, setValue] = useState('');
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        props.onDone(value.trim() || undefined);
      }}
    >
      <TextInput
        autoFocus
        aria-label={props.label}
        placeholder={props.hint || props.label}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') props.onDone(undefined);
        }}
      />
    </form>
  );
}
