import './sandbox.css';
import { Select } from '@mantine/core';
import {
  IconAdjustmentsHorizontal,
  IconBriefcase,
  IconBuildingStore,
  IconListDetails,
  IconShieldCheck,
  IconUser,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { arrivalsQuery, sandboxQuery, subjectsQuery } from '../../api/queries.ts';
import type { SandboxItem, SandboxView, Subject } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { TopBarActions } from '../../shell/TopBar.tsx';
import { Button } from '../../ui/Button.tsx';
import { Segments, Tabs } from '../../ui/Segments.tsx';
import { Empty, Loaded, Skeleton } from '../../ui/StateView.tsx';
import { CalendarPanel } from './CalendarPanel.tsx';
import { InboxPanel } from './InboxPanel.tsx';
import { InsurerPanel } from './InsurerPanel.tsx';
import type { CaseItem, MailItem, OrderItem, TextItem } from './items.ts';
import { OtherPanel } from './OtherPanel.tsx';
import { peopleIn, personWith, type Person } from './people.ts';
import { PharmacyPanel } from './PharmacyPanel.tsx';
import { PhonePanel } from './PhonePanel.tsx';
import { PlayerDialog } from './PlayerDialog.tsx';

const route = getRouteApi('/sandbox');
const topics = ['sandbox'];

/** The outside world: everybody whom journeys reach, to be looked at and played. */
export function Sandbox() {
  const { t } = useWords();
  const sandbox = useQuery(sandboxQuery);
  useLive(topics);
  const isAbsent = sandbox.error instanceof ApiError && sandbox.error.status === 404;
  return (
    <>
      <TopBarActions>
        <span className="tag ok wide-part">
          <IconShieldCheck size={13} aria-hidden />
          {t('sandbox.safe')}
        </span>
      </TopBarActions>
      {isAbsent || sandbox.data?.channels.length === 0 ? (
        <Empty>{t('sandbox.absent')}</Empty>
      ) : (
        <Loaded query={sandbox} skeleton={<Skeleton rows={12} />}>
          {(view) => <World view={view} />}
        </Loaded>
      )}
    </>
  );
}

/** The parts that are drawn in their own way: by the place they stand for. */
const panelNames = {
  sms: 'phone',
  mail: 'inbox',
  visits: 'visits',
  deliveries: 'pharmacy',
  enrollments: 'insurer',
} as const;
type PanelName = (typeof panelNames)[keyof typeof panelNames];
type Role = 'all' | 'patient' | 'pharmacist' | 'representative' | 'insurer';
const panelsOfRole: Record<Exclude<Role, 'all'>, readonly PanelName[]> = {
  patient: ['phone', 'inbox'],
  pharmacist: ['pharmacy'],
  representative: ['visits'],
  insurer: ['insurer'],
};
const roleIcons = {
  patient: IconUser,
  pharmacist: IconBuildingStore,
  representative: IconBriefcase,
  insurer: IconShieldCheck,
};
const roles = ['patient', 'pharmacist', 'representative', 'insurer', 'all'] as const;
const order: readonly string[] = ['phone', 'inbox', 'pharmacy', 'visits', 'insurer'];

interface Part {
  panel: string;
  place: string;
  plugin: string;
}

function partsOf({ channels }: SandboxView, role: Role): Part[] {
  const parts = channels.map(({ place, plugin }) => ({
    panel: Object.hasOwn(panelNames, place) ? panelNames[place as keyof typeof panelNames] : place,
    ...{ place, plugin },
  }));
  const rank = ({ panel }: Part): number => (order.includes(panel) ? order.indexOf(panel) : 99);
  const sorted = parts.sort((one, other) => rank(one) - rank(other));
  if (role === 'all') return sorted;
  const wanted: readonly string[] = panelsOfRole[role];
  return sorted.filter(({ panel }) => wanted.includes(panel));
}

function World({ view }: { view: SandboxView }) {
  const { t } = useWords();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { to = '', as: role = 'all' } = search;
  const choose = (chosen: Partial<Record<keyof typeof search, string | undefined>>): void =>
    void navigate({ search: { ...search, ...chosen } as typeof search, replace: true });
  const people = usePeople(view);
  const person = personWith(to, people);
  const parts = partsOf(view, role);
  const preferred = search.panel ?? (to.includes('@') ? 'inbox' : '');
  const tab = parts.find(({ panel }) => panel === preferred)?.panel ?? parts[0]?.panel ?? '';
  return (
    <div className="outside">
      <Bar
        view={view}
        role={role}
        people={people}
        person={person}
        onRole={(next) => choose({ as: next === 'all' ? undefined : next, panel: undefined })}
        onPerson={(next) => choose({ to: next, mail: undefined })}
      />
      <div className="outside-tabs">
        <Tabs
          label={t('sandbox.parts')}
          value={tab}
          tabs={parts.map(({ panel, plugin }) => ({
            value: panel,
            label: t(`sandbox.panels.${panel}`, { defaultValue: plugin }),
          }))}
          onChange={(panel) => choose({ panel })}
        />
      </div>
      <div className="outside-grid" data-role={role} data-tab={tab}>
        {parts.map(({ panel, place, plugin }) => (
          <div key={place} className="outside-cell" data-cell={panel} data-shown={panel === tab}>
            {panel === 'phone' ? (
              <PhonePanel place={place} person={person} />
            ) : panel === 'inbox' ? (
              <InboxPanel
                {...{ place, plugin, person }}
                chosen={search.mail}
                onChoose={(mail) => choose({ mail })}
              />
            ) : panel === 'visits' ? (
              <CalendarPanel
                {...{ place, plugin }}
                chosen={search.visit}
                onChoose={(visit) => choose({ visit })}
              />
            ) : panel === 'pharmacy' ? (
              <PharmacyPanel {...{ place, plugin, person }} />
            ) : panel === 'insurer' ? (
              <InsurerPanel
                {...{ place, plugin, person }}
                chosen={search.case}
                onChoose={(id) => choose({ case: id })}
              />
            ) : (
              <OtherPanel {...{ place, plugin }} />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

const noItems: SandboxItem[] = [];
const noSubjects: Subject[] = [];

/** Everybody whom something came to. */
function usePeople({ channels }: SandboxView): Person[] {
  const useItems = (place: string): SandboxItem[] =>
    useQuery({ ...arrivalsQuery(place), enabled: channels.some((one) => one.place === place) })
      .data ?? noItems;
  const texts = useItems('sms') as TextItem[];
  const mails = useItems('mail') as MailItem[];
  const orders = useItems('deliveries') as OrderItem[];
  const cases = useItems('enrollments') as CaseItem[];
  const subjects = useQuery(subjectsQuery).data ?? noSubjects;
  return useMemo(
    () => peopleIn({ texts, mails, others: [...orders, ...cases] }, subjects),
    [texts, mails, orders, cases, subjects],
  );
}

interface BarProps {
  view: SandboxView;
  role: Role;
  people: readonly Person[];
  person: Person | undefined;
  onRole: (role: Role) => void;
  onPerson: (to: string | undefined) => void;
}

/** Who one is, whose phone and inbox are looked at, and how those answer who answer by themselves. */
function Bar({ view, role, people, person, onRole, onPerson }: BarProps) {
  const { t, number } = useWords();
  const [isOpen, setOpen] = useState(false);
  const { player } = view;
  const choices = people.map(({ to, label }) => ({ value: to, label }));
  if (person && !choices.some(({ value }) => value === person.to))
    choices.unshift({ value: person.to, label: person.label });
  return (
    <header className="outside-bar">
      <Button
        icon={<IconAdjustmentsHorizontal size={15} aria-hidden />}
        onClick={() => setOpen(true)}
        aria-label={t('sandbox.player.title')}
      >
        <span className="bar-words">{t('sandbox.player.open')}</span>
      </Button>
      <span className="sm mut num bar-pace">
        {t('sandbox.player.now', {
          seconds: number(player.paceSeconds),
          wrong: number(Math.round(player.failureRate * 100)),
        })}
      </span>
      <span className="sm mut end bar-words">{t('sandbox.youAre')}</span>
      <div className="bar-roles">
        <Segments
          label={t('sandbox.youAre')}
          value={role}
          options={roles.map((one) => {
            const Shape = one === 'all' ? undefined : roleIcons[one];
            return {
              value: one,
              label: (
                <>
                  {Shape ? <Shape size={14} stroke={1.75} aria-hidden /> : null}
                  <span>{t(`sandbox.roles.${one}`)}</span>
                </>
              ),
            };
          })}
          onChange={onRole}
        />
      </div>
      <Select
        className="bar-person"
        aria-label={t('sandbox.person')}
        placeholder={t('sandbox.everybody')}
        searchable
        clearable
        nothingFoundMessage={t('sandbox.nobody')}
        value={person?.to ?? null}
        data={choices}
        onChange={(to) => onPerson(to ?? undefined)}
      />
      {person?.subject === undefined ? null : (
        <Link
          to="/runs"
          search={{ subject: person.subject }}
          className="btn square quiet"
          aria-label={t('sandbox.runsOf', { who: person.label })}
          title={t('sandbox.runsOf', { who: person.label })}
        >
          <IconListDetails size={16} aria-hidden />
        </Link>
      )}
      <PlayerDialog player={player} opened={isOpen} onClose={() => setOpen(false)} />
    </header>
  );
}
