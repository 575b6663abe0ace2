import { IconAlertTriangleFilled, IconPlus, IconWalk } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { journeysQuery, useMe } from '../../api/queries.ts';
import type { JourneyInfo, JourneyState } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useOffer, type Command } from '../../shell/commands.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { CreateDialog } from './CreateDialog.tsx';
import { TourDialog } from './TourDialog.tsx';

const none: never[] = [];

/** Every journey, with its state and the people inside. */
export function Journeys() {
  const { t } = useWords();
  const journeys = useQuery(journeysQuery);
  const demo = useMe().data?.deployment.demo === true;
  const [creating, setCreating] = useState(false);
  const [touring, setTouring] = useState(false);
  const keys = (journeys.data ?? none).map((journey) => `journey:${journey.key}`);
  useLive(keys.slice(0, 50));
  const commands = useMemo(
    (): Command[] => [
      { id: 'create', group: 'do', label: t('journeys.create'), run: () => setCreating(true) },
    ],
    [t],
  );
  useOffer('journeys', commands);
  const create = (
    <Button tone="primary" icon={<IconPlus size={15} />} onClick={() => setCreating(true)}>
      {t('journeys.create')}
    </Button>
  );
  return (
    <div className="page">
      <div className="head">
        <h1 className="grow">{t('nav.journeys')}</h1>
        {demo ? (
          <Button icon={<IconWalk size={15} />} onClick={() => setTouring(true)}>
            {t('tour.take')}
          </Button>
        ) : null}
        {create}
      </div>
      <section className="panel">
        <Loaded query={journeys}>
          {(list) =>
            list.length === 0 ? (
              <Empty action={create}>{t('journeys.empty')}</Empty>
            ) : (
              <JourneyTable journeys={list} />
            )
          }
        </Loaded>
      </section>
      <CreateDialog
        opened={creating}
        onClose={() => setCreating(false)}
        taken={(journeys.data ?? none).map((journey) => journey.key)}
      />
      <TourDialog opened={touring} onClose={() => setTouring(false)} />
    </div>
  );
}

function JourneyTable({ journeys }: { journeys: readonly JourneyInfo[] }) {
  const { t } = useWords();
  return (
    <div className="scroll-x">
      <table className="two">
        <thead>
          <tr>
            <th>{t('journeys.journey')}</th>
            <th>{t('journeys.state')}</th>
            <th className="mid-priority">{t('journeys.version')}</th>
            <th className="n">{t('journeys.people')}</th>
            <th className="n mid-priority">{t('nav.incidents')}</th>
            <th className="low-priority">{t('journeys.updated')}</th>
          </tr>
        </thead>
        <tbody>
          {journeys.map((journey) => (
            <JourneyRow key={journey.key} journey={journey} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function JourneyRow({ journey }: { journey: JourneyInfo }) {
  const { text, number, moment } = useWords();
  const navigate = useNavigate();
  const latest = journey.latestVersion ?? 0;
  const { active, held, incidents } = journey.people;
  const people = active + held;
  const params = { key: journey.key };
  return (
    <tr
      style={{ cursor: 'pointer' }}
      onClick={() => void navigate({ to: '/journeys/$key', params })}
    >
      <td>
        <Link
          to="/journeys/$key"
          params={params}
          style={{ color: 'var(--ink)', fontWeight: 600 }}
          onClick={(event) => event.stopPropagation()}
        >
          {text(journey.name) || journey.key}
        </Link>
        <div className="mono mut xs">{journey.key}</div>
      </td>
      <td>
        <StateTag state={journey.state} />
      </td>
      <td className="mid-priority num">{latest > 0 ? `v${latest}` : '–'}</td>
      <td className="n">
        {people > 0 ? (
          <Link
            to="/runs"
            search={{ journey: journey.key, status: 'active' }}
            onClick={(event) => event.stopPropagation()}
          >
            {number(people)}
          </Link>
        ) : (
          <span className="mut">{number(people)}</span>
        )}
      </td>
      <td className="n mid-priority">
        {incidents > 0 ? (
          <Link
            to="/runs"
            search={{ journey: journey.key, incident: 'any' }}
            className="st bad"
            onClick={(event) => event.stopPropagation()}
          >
            <IconAlertTriangleFilled size={13} aria-hidden />
            {number(incidents)}
          </Link>
        ) : (
          <span className="mut">0</span>
        )}
      </td>
      <td className="low-priority num sec">{moment(journey.updatedAt)}</td>
    </tr>
  );
}

const tones = { draft: '', live: 'ok', paused: 'hold', closed: 'line' } as const;

/** The state of a journey as a word in its colour. */
export function StateTag({ state }: { state: JourneyState }) {
  const { t } = useWords();
  return <span className={`tag ${tones[state]}`}>{t(`journeyStates.${state}`)}</span>;
}
