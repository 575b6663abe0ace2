import '../../editor/editor.css';
import { Select } from '@mantine/core';
import { IconAlertTriangleFilled, IconExternalLink, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Panel } from '@xyflow/react';
import { useCallback, useMemo, useState } from 'react';
import {
  countsQuery,
  incidentsIn,
  peopleIn,
  runsQuery,
  useManifests,
  versionQuery,
  versionsQuery,
} from '../../api/queries.ts';
import type { Counts, Version } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { JourneyCanvas } from '../../canvas/JourneyCanvas.tsx';
import type { EdgeOverlay, StepOverlay } from '../../canvas/graph.ts';
import { looksOf } from '../../document/kinds.ts';
import { kindText, titleOf } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { TopBarActions, TopBarMiddle } from '../../shell/TopBar.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { LoadedPages } from '../../ui/LoadedPages.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { Empty, Loaded, Skeleton } from '../../ui/StateView.tsx';
import { ModeTabs } from '../ModeTabs.tsx';
import { RunTable } from '../runs/RunTable.tsx';
import { JourneyStateMenu } from './JourneyStateMenu.tsx';

const route = getRouteApi('/journeys/$key/live');

/** Where people are now: the canvas with counts, and the runs at a step. */
export function Live() {
  const { t, moment } = useWords();
  const { key } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const versions = useQuery(versionsQuery(key));
  const latest = Math.max(0, ...(versions.data ?? []).map((version) => version.number));
  const number = search.version ?? latest;
  return (
    <>
      <TopBarMiddle>
        <ModeTabs journey={key} mode="live" />
      </TopBarMiddle>
      <Loaded query={versions} skeleton={<Skeleton rows={10} height={56} />}>
        {(list) =>
          list.length === 0 ? (
            <Empty
              action={
                <Link to="/journeys/$key" params={{ key }} className="btn">
                  {t('modes.edit')}
                </Link>
              }
            >
              {t('live.notPublished')}
            </Empty>
          ) : (
            <>
              <TopBarActions>
                <JourneyStateMenu journey={key} />
                <Select
                  aria-label={t('live.version')}
                  w={230}
                  className="wide-part"
                  value={String(number)}
                  data={[...list]
                    .sort((one, other) => other.number - one.number)
                    .map((version) => ({
                      value: String(version.number),
                      label: t('live.versionOf', {
                        version: version.number,
                        time: moment(version.publishedAt),
                      }),
                    }))}
                  onChange={(value) =>
                    void navigate({ search: value === null ? {} : { version: Number(value) } })
                  }
                />
              </TopBarActions>
              <LiveVersion key={number} journey={key} number={number} step={search.step} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function LiveVersion(props: { journey: string; number: number; step: string | undefined }) {
  const { journey, number } = props;
  const version = useQuery(versionQuery(journey, number));
  const counts = useQuery(countsQuery(journey, number));
  return (
    <Loaded query={version} skeleton={<Skeleton rows={10} height={56} />}>
      {(data) => <LiveCanvas {...props} version={data} counts={counts.data} />}
    </Loaded>
  );
}

type What = 'here' | 'entered';

interface LiveCanvasProps {
  journey: string;
  number: number;
  step: string | undefined;
  version: Version;
  counts: Counts | undefined;
}

function LiveCanvas({ journey, number, step, version, counts }: LiveCanvasProps) {
  const words = useWords();
  const { t } = words;
  const navigate = route.useNavigate();
  const manifests = useManifests();
  const state = useLive([`journey:${journey}`]);
  const [what, setWhat] = useState<What>('here');
  const overlay = useCountOverlay(counts, what);
  const edgeOverlay = useFlowOverlay(counts, what);
  const selection = useMemo(() => (step === undefined ? [] : [step]), [step]);
  const choose = useCallback(
    (next: string | undefined): void =>
      void navigate({
        search: ({ step: _step, ...rest }) => (next === undefined ? rest : { ...rest, step: next }),
        replace: true,
      }),
    [navigate],
  );
  const onSelect = useCallback((ids: string[]) => choose(ids.at(-1)), [choose]);
  const people = peopleIn(counts);
  const incidents = incidentsIn(counts);
  return (
    <div className="live-view">
      <h1 className="unseen">{words.text(version.document.name)}</h1>
      <JourneyCanvas
        document={version.document}
        manifests={manifests}
        selection={selection}
        onSelect={onSelect}
        overlay={overlay}
        edgeOverlay={edgeOverlay}
        notes={false}
      >
        <Panel position="top-left">
          <div className="float" style={{ padding: '5px 12px', gap: 10 }}>
            <Link
              to="/runs"
              search={{ journey, version: number, status: 'active' }}
              className="sec"
            >
              <b className="num">{people === undefined ? '–' : words.number(people)}</b>{' '}
              {t('live.peopleOn', { version: number })}
            </Link>
            {incidents > 0 ? (
              <Link
                to="/runs"
                search={{ journey, version: number, incident: 'any' }}
                className="st bad num"
                aria-label={t('incidents.count', { count: incidents })}
              >
                <IconAlertTriangleFilled size={14} aria-hidden />
                {words.number(incidents)}
              </Link>
            ) : null}
          </div>
        </Panel>
        <Panel position="top-right">
          <div className="float" style={{ padding: 2 }}>
            <Segments
              label={t('live.what')}
              value={what}
              options={[
                { value: 'here', label: t('live.here') },
                { value: 'entered', label: t('live.ever') },
              ]}
              onChange={setWhat}
            />
          </div>
        </Panel>
      </JourneyCanvas>
      <div className="live-foot">
        <LiveNote state={state} />
        <span className="wide-part">{t('live.onEdges')}</span>
        <span className="end wide-part">{t('live.heat')}</span>
      </div>
      {step !== undefined && version.document.steps[step] ? (
        <StepSide
          key={step}
          journey={journey}
          number={number}
          step={step}
          version={version}
          counts={counts}
          onClose={() => choose(undefined)}
        />
      ) : null}
    </div>
  );
}

/** Line two, marker and heat of each card from the counts. Heat grows with the square root, so that small numbers show. */
function useCountOverlay(
  counts: Counts | undefined,
  what: What,
): (id: string) => StepOverlay | undefined {
  const words = useWords();
  return useMemo(() => {
    const all = Object.entries(counts?.steps ?? {});
    const most = Math.max(1, ...all.map(([, step]) => step[what]));
    const overlays = new Map(
      all.map(([id, step]): [string, StepOverlay] => [
        id,
        {
          count: words.number(step[what]),
          line: words.t(what === 'here' ? 'live.hereNow' : 'live.entered'),
          heat: Math.sqrt(step[what] / most),
          ...(step.incidents > 0
            ? {
                alarm: words.t('incidents.count', { count: step.incidents }),
                marker: { tone: 'bad', icon: 'warning', text: words.number(step.incidents) },
              }
            : {}),
        },
      ]),
    );
    return (id) => overlays.get(id);
  }, [counts, what, words]);
}

function useFlowOverlay(
  counts: Counts | undefined,
  what: What,
): (id: string) => EdgeOverlay | undefined {
  const words = useWords();
  return useMemo(
    () => (id) => {
      const [step = '', port = ''] = id.split(':');
      const left = counts?.steps[step]?.left[port];
      return what === 'entered' && left ? { label: words.number(left) } : undefined;
    },
    [counts, what, words],
  );
}

interface StepSideProps {
  journey: string;
  number: number;
  step: string;
  version: Version;
  counts: Counts | undefined;
  onClose: () => void;
}

function StepSide({ journey, number, step, version, counts, onClose }: StepSideProps) {
  const words = useWords();
  const { t } = words;
  const manifests = useManifests();
  const [only, setOnly] = useState<'all' | 'incidents'>('all');
  const filters = { journey, version: number, step };
  const runs = useInfiniteQuery(
    runsQuery(only === 'all' ? filters : { ...filters, incident: 'any' }),
  );
  const document = version.document.steps[step];
  const count = counts?.steps[step];
  if (!document) return null;
  const figures = [
    ['live.here', count?.here ?? 0],
    ['live.ever', count?.entered ?? 0],
    ['nav.incidents', count?.incidents ?? 0],
  ] as const;
  return (
    <aside className="side" aria-label={titleOf(step, document, manifests, words)}>
      <header>
        <Glyph looks={looksOf(document, manifests)} size={16} />
        <div className="grow">
          <h2 className="cut">{titleOf(step, document, manifests, words)}</h2>
          <div className="xs mut">{kindText(document, words)}</div>
        </div>
        <Link
          to="/runs"
          search={filters}
          className="btn quiet square"
          aria-label={t('live.openList')}
          title={t('live.openList')}
        >
          <IconExternalLink size={16} />
        </Link>
        <IconButton label={t('actions.close')} onClick={onClose}>
          <IconX size={16} />
        </IconButton>
      </header>
      <dl className="figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd>{words.number(value)}</dd>
          </div>
        ))}
      </dl>
      <div style={{ padding: '10px 14px' }}>
        <Segments
          label={t('live.filter')}
          value={only}
          options={[
            { value: 'all', label: t('live.all') },
            { value: 'incidents', label: t('nav.incidents') },
          ]}
          onChange={setOnly}
        />
      </div>
      <div className="scroll">
        <LoadedPages query={runs} empty={t('live.nobody')}>
          {(items) => <RunTable runs={items} narrow />}
        </LoadedPages>
      </div>
    </aside>
  );
}
