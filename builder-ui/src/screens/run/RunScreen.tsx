import '../../editor/editor.css';
import { Switch } from '@mantine/core';
import {
  IconDeviceMobileMessage,
  IconHelpCircle,
  IconMailOpened,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconRefresh,
  IconSquare,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import {
  journeysQuery,
  runQuery,
  trailQuery,
  useManifests,
  useMe,
  useNameOf,
  versionQuery,
} from '../../api/queries.ts';
import type { Run, TrailEntry } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { JourneyCanvas } from '../../canvas/JourneyCanvas.tsx';
import type { EdgeOverlay, StepOverlay } from '../../canvas/graph.ts';
import { portLabel } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { RunState } from '../../ui/RunState.tsx';
import { Empty, Failure, Loaded, Skeleton } from '../../ui/StateView.tsx';
import { CommandDialog, type CommandType } from './CommandDialog.tsx';
import { Timeline } from './Timeline.tsx';
import { stepTitle, whyHere, type Story } from './why.ts';

const route = getRouteApi('/runs/$id');
const noTrail: TrailEntry[] = [];

/** One run: its path and every reason. */
export function RunScreen() {
  const { id } = route.useParams();
  const run = useQuery(runQuery(id));
  return (
    <Loaded query={run} skeleton={<Skeleton rows={12} />}>
      {(data) => <RunView run={data} />}
    </Loaded>
  );
}

function RunView({ run }: { run: Run }) {
  const words = useWords();
  const { t } = words;
  const { inbox } = route.useSearch();
  const state = useLive([`run:${run.id}`]);
  const manifests = useManifests();
  const trail = useQuery(trailQuery(run.id));
  const version = useQuery(versionQuery(run.journey, run.version));
  const [command, setCommand] = useState<CommandType>();
  const [folded, setFolded] = useState(true);
  const entries = trail.data ?? noTrail;
  const document = version.data?.document;
  const nameOf = useNameOf();
  const story: Story = { run, trail: entries, document, manifests, nameOf };
  return (
    <div className="run-view">
      <Head run={run} story={story} onCommand={setCommand} />
      <div className="run-path">
        {document ? (
          <Path run={run} story={story} document={document} />
        ) : (
          <Skeleton rows={6} height={56} />
        )}
      </div>
      <section className="run-trail" aria-label={t('run.decisions')}>
        <div className="row" style={{ padding: '10px 20px 0' }}>
          <h2>
            {t('run.decisions')} <span className="mut num">{entries.length}</span>
          </h2>
          <span className="xs mut">
            <LiveNote state={state} />
          </span>
          <span className="end">
            <Switch
              label={t('run.fold')}
              checked={folded}
              onChange={(event) => setFolded(event.currentTarget.checked)}
            />
          </span>
        </div>
        <div className="why">
          <h2>
            <IconHelpCircle size={16} aria-hidden />
            {t(run.status === 'ended' ? 'why.titleEnded' : 'why.title')}
          </h2>
          <p>{whyHere(story, words)}</p>
          {inbox === undefined ? null : (
            <p>
              <Link to="/sandbox" search={{ to: inbox }} className="row">
                <IconMailOpened size={15} aria-hidden />
                {t('tour.inbox', { to: inbox })}
              </Link>
            </p>
          )}
        </div>
        {trail.error ? (
          <Failure error={trail.error} onRetry={() => void trail.refetch()} />
        ) : trail.isPending ? (
          <Skeleton rows={8} />
        ) : entries.length === 0 ? (
          <Empty>{t('run.nothingYet')}</Empty>
        ) : (
          <Timeline story={story} folded={folded} />
        )}
      </section>
      <CommandDialog story={story} type={command} onClose={() => setCommand(undefined)} />
    </div>
  );
}

interface HeadProps {
  run: Run;
  story: Story;
  onCommand: (type: CommandType) => void;
}

function Head({ run, story, onCommand }: HeadProps) {
  const words = useWords();
  const { t, moment, span, text } = words;
  const { data: journeys } = useQuery(journeysQuery);
  const sandbox = useMe().data?.deployment.sandbox === true;
  const [position] = run.positions;
  const now = Date.now();
  const name = text(journeys?.find((one) => one.key === run.journey)?.name) || run.journey;
  const ended = run.status === 'ended';
  const facts: [label: string, value: React.ReactNode][] = [
    [
      t('journeys.journey'),
      <Link
        key="journey"
        to="/journeys/$key/live"
        params={{ key: run.journey }}
        search={{ version: run.version }}
      >
        {name} v{run.version}
      </Link>,
    ],
    ...(position
      ? ([
          [t('run.at'), stepTitle(position.step, story, words)],
          [t('run.for'), span(now - Date.parse(position.since))],
        ] as [string, string][])
      : []),
    ...(ended
      ? ([
          [t('run.outcome'), (run.outcome ?? '–').replaceAll('-', ' ')],
          [t('run.ended'), moment(run.endedAt ?? run.startedAt)],
        ] as [string, string][])
      : []),
    [
      t('run.running'),
      span((ended ? Date.parse(run.endedAt ?? '') : now) - Date.parse(run.startedAt)),
    ],
    [t('runs.started'), moment(run.startedAt)],
  ];
  return (
    <header className="run-head">
      <div>
        <div className="row">
          <h1 className="mono" style={{ fontSize: 15 }} title={run.id}>
            {run.id}
          </h1>
          <RunState run={run} />
        </div>
        <div className="sm mut">
          <Link to="/runs" search={{ subject: run.subject }} className="mono">
            {run.subject}
          </Link>
          {run.key === run.subject.split('/')[1] ? '' : ` · ${run.key}`}
        </div>
      </div>
      {facts.map(([label, value]) => (
        <div key={label} className="fact nw">
          <span className="xs mut">{label}</span>
          <b className="num">{value}</b>
        </div>
      ))}
      <div className="row end wrap">
        {sandbox ? (
          <Link to="/sandbox" className="btn">
            <IconDeviceMobileMessage size={15} aria-hidden />
            {t('nav.sandbox')}
          </Link>
        ) : null}
        <Button
          icon={<IconRefresh size={15} />}
          disabled={ended || run.incidents.length === 0}
          onClick={() => onCommand('retry')}
        >
          {t('commands.retry')}
        </Button>
        <Button
          icon={<IconPlayerTrackNext size={15} />}
          disabled={ended || run.incidents.length === 0}
          onClick={() => onCommand('skip')}
        >
          {t('commands.skip')}…
        </Button>
        {run.status === 'held' ? (
          <Button icon={<IconPlayerPlay size={15} />} onClick={() => onCommand('resume')}>
            {t('commands.resume')}
          </Button>
        ) : (
          <Button
            icon={<IconPlayerPause size={15} />}
            disabled={ended}
            onClick={() => onCommand('hold')}
          >
            {t('commands.hold')}
          </Button>
        )}
        <Button
          tone="danger"
          icon={<IconSquare size={15} />}
          disabled={ended}
          onClick={() => onCommand('end')}
        >
          {t('commands.end')}…
        </Button>
      </div>
    </header>
  );
}

interface PathProps {
  run: Run;
  story: Story;
  document: NonNullable<Story['document']>;
}

/** The way this person has gone: visits on each card, the rest dimmed. */
function Path({ run, story, document }: PathProps) {
  const words = useWords();
  const [selection, setSelection] = useState<string[]>([]);
  const onSelect = useCallback((ids: string[]) => setSelection(ids), []);
  const { trail, manifests } = story;
  const walked = useMemo(() => {
    const visits = new Map<string, number>();
    const ways = new Set<string>();
    const ports = new Map<string, string>();
    for (const entry of trail) {
      if (!entry.step) continue;
      if (entry.what === 'entered') visits.set(entry.step, (visits.get(entry.step) ?? 0) + 1);
      const port = entry.because['port'];
      if (entry.what === 'left' && typeof port === 'string') {
        ways.add(`${entry.step}:${port}`);
        ports.set(entry.step, port);
      }
    }
    return { visits, ways, ports };
  }, [trail]);
  const overlay = useMemo(() => {
    const wayOut = (id: string): string => {
      const step = document.steps[id];
      const port = walked.ports.get(id);
      return step && port !== undefined ? portLabel(step, port, words) : '';
    };
    return (id: string): StepOverlay => {
      const visits = walked.visits.get(id);
      const here = run.positions.some((position) => position.step === id);
      if (visits === undefined && !here) return { look: 'same' };
      const incident = run.incidents.some((one) => one.step === id);
      return {
        look: here ? 'here' : 'walk',
        count: `${words.number(visits ?? 1)} ×`,
        line: here ? words.t('run.here') : wayOut(id),
        ...(incident ? { marker: { tone: 'bad', icon: 'warning' } } : {}),
      };
    };
  }, [walked, run, words, document]);
  const edgeOverlay = useMemo(
    () =>
      (id: string): EdgeOverlay => ({ look: walked.ways.has(id) ? 'walk' : 'same' }),
    [walked],
  );
  return (
    <JourneyCanvas
      document={document}
      manifests={manifests}
      selection={selection}
      onSelect={onSelect}
      overlay={overlay}
      edgeOverlay={edgeOverlay}
      map={false}
      notes={false}
    />
  );
}
