import { IconCalendar, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type CSSProperties } from 'react';
import { arrivalsQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Loaded } from '../../ui/StateView.tsx';
import type { VisitItem } from './items.ts';
import { Moves } from './Moves.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { firstToShow, weekAfter, weekOf, workdayFrom, type PlacedVisit } from './week.ts';

export interface CalendarPanelProps {
  place: string;
  plugin: string;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

/** The calendars of the representatives, week by week. */
export function CalendarPanel({ place, plugin, chosen, onChoose }: CalendarPanelProps) {
  const { t, day } = useWords();
  const query = useQuery(arrivalsQuery(place));
  const visits = query.data as VisitItem[] | undefined;
  const [turned, setTurned] = useState<number>();
  const [now] = useState(() => Date.now());
  const shown = visits?.find(({ id }) => id === chosen);
  const at = turned ?? (shown ? Date.parse(shown.start) : visits ? firstToShow(visits, now) : now);
  const week = weekOf(visits ?? [], at);
  const asked = (visits ?? []).filter(({ state }) => state === 'asked').length;
  const [first] = week.days;
  const last = week.days.at(-1);
  return (
    <PanelFrame
      name="visits"
      title={t('sandbox.panels.visits')}
      subtitle={first && last ? `${day(first.at, true)} – ${day(last.at, true)}` : undefined}
      Shape={IconCalendar}
      plugin={plugin}
    >
      <div className="week-bar row">
        <IconButton label={t('sandbox.visits.before')} onClick={() => setTurned(weekAfter(at, -1))}>
          <IconChevronLeft size={16} aria-hidden />
        </IconButton>
        <Button onClick={() => setTurned(workdayFrom(Date.now()))}>{t('sandbox.today')}</Button>
        <IconButton label={t('sandbox.visits.after')} onClick={() => setTurned(weekAfter(at, 1))}>
          <IconChevronRight size={16} aria-hidden />
        </IconButton>
        <span className="sm sec">{day(at)}</span>
        {asked > 0 ? (
          <span className="tag accent end">{t('sandbox.visits.asked', { count: asked })}</span>
        ) : null}
      </div>
      <Loaded query={query}>
        {(all) => (
          <>
            <WeekGrid
              week={week}
              chosen={shown?.id}
              onChoose={(visit) => {
                setTurned(undefined);
                onChoose(visit.id);
              }}
            />
            <div className="panel-foot column">
              {shown ? (
                <VisitFoot visit={shown} place={place} />
              ) : (
                <span className="mut sm">
                  {t(all.length === 0 ? 'sandbox.visits.empty' : 'sandbox.visits.choose')}
                </span>
              )}
            </div>
          </>
        )}
      </Loaded>
    </PanelFrame>
  );
}

const hourHeight = 34;

interface WeekGridProps {
  week: ReturnType<typeof weekOf>;
  chosen: string | undefined;
  onChoose: (visit: VisitItem) => void;
}

function WeekGrid({ week, chosen, onChoose }: WeekGridProps) {
  const { day, clock } = useWords();
  const { days, fromHour, toHour } = week;
  const hours = Array.from({ length: toHour - fromHour }, (_, index) => fromHour + index);
  const today = new Date().toDateString();
  return (
    <div
      className="week"
      style={{ '--days': days.length, '--hour': `${hourHeight}px` } as CSSProperties}
    >
      <div className="week-head">
        <span />
        {days.map(({ at }) => (
          <h3 key={at} data-today={new Date(at).toDateString() === today}>
            {day(at, true)}
          </h3>
        ))}
      </div>
      <div className="week-body" style={{ height: hours.length * hourHeight }}>
        <div className="week-hours" aria-hidden>
          {hours.map((hour) => (
            <span key={hour} className="xs mut num">
              {clock(new Date(2026, 0, 1, hour).getTime())}
            </span>
          ))}
        </div>
        {days.map(({ at, visits }) => (
          <div key={at} className="week-day">
            {visits.map((one) => (
              <VisitBlock
                key={one.visit.id}
                placed={one}
                fromHour={fromHour}
                chosen={one.visit.id === chosen}
                onChoose={onChoose}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

interface VisitBlockProps {
  placed: PlacedVisit;
  fromHour: number;
  chosen: boolean;
  onChoose: (visit: VisitItem) => void;
}

function VisitBlock({ placed, fromHour, chosen, onChoose }: VisitBlockProps) {
  const { t, clock } = useWords();
  const { visit, from, to, lane, lanes } = placed;
  const state = visit.state ?? '';
  return (
    <button
      type="button"
      className="visit"
      data-state={state}
      data-short={to - from < 55}
      aria-pressed={chosen}
      title={`${visit.title} · ${clock(visit.start)}`}
      style={{
        top: ((from - fromHour * 60) / 60) * hourHeight,
        height: ((to - from) / 60) * hourHeight - 2,
        left: `${(lane / lanes) * 100}%`,
        width: `calc(${100 / lanes}% - 3px)`,
      }}
      onClick={() => onChoose(visit)}
    >
      <b>{t(`sandbox.visits.state.${state}`, { defaultValue: state })}</b>
      <span>{visit.title}</span>
    </button>
  );
}

function VisitFoot({ visit, place }: { visit: VisitItem; place: string }) {
  const { t, day, clock } = useWords();
  const { title, start, end, location, to, state = '' } = visit;
  return (
    <>
      <div className="row wrap">
        <b className="num nw">
          {day(start, true)} {clock(start)}–{clock(end)}
        </b>
        <span className="tag">{t(`sandbox.visits.state.${state}`, { defaultValue: state })}</span>
      </div>
      <div className="sm sec">{[title, location, to].filter(Boolean).join(' · ')}</div>
      <Moves key={`${visit.id} ${state}`} place={place} item={visit} />
    </>
  );
}
