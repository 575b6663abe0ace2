import { IconHistory } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Panel } from '@xyflow/react';
import { useCallback, useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import {
  countsQuery,
  fetchDraft,
  peopleIn,
  useNameOf,
  useManifests,
  versionQuery,
  versionsQuery,
} from '../../api/queries.ts';
import type { Version, VersionInfo } from '../../api/shapes.ts';
import { JourneyCanvas } from '../../canvas/JourneyCanvas.tsx';
import type { StepOverlay } from '../../canvas/graph.ts';
import { changesBetween } from '../../document/changes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { TopBarActions, TopBarMiddle } from '../../shell/TopBar.tsx';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty, Loaded, Skeleton } from '../../ui/StateView.tsx';
import { ModeTabs } from '../ModeTabs.tsx';

const route = getRouteApi('/journeys/$key/versions');

/** What was published, by whom, why, and who still travels on it. */
export function Versions() {
  const { t } = useWords();
  const { key } = route.useParams();
  const search = route.useSearch();
  const versions = useQuery(versionsQuery(key));
  return (
    <>
      <TopBarMiddle>
        <ModeTabs journey={key} mode="versions" />
      </TopBarMiddle>
      <Loaded query={versions}>
        {(list) => {
          const sorted = [...list].sort((one, other) => other.number - one.number);
          const number = search.number ?? sorted[0]?.number;
          if (number === undefined)
            return (
              <Empty
                action={
                  <Link to="/journeys/$key" params={{ key }} className="btn">
                    {t('modes.edit')}
                  </Link>
                }
              >
                {t('versions.empty')}
              </Empty>
            );
          return (
            <div className="split-view" data-open={search.number !== undefined}>
              <nav className="list" aria-label={t('modes.versions')}>
                <header>
                  <h1>{t('modes.versions')}</h1>
                </header>
                {sorted.map((version) => (
                  <VersionLine
                    key={version.number}
                    journey={key}
                    version={version}
                    current={version.number === number}
                  />
                ))}
              </nav>
              <div className="detail">
                <VersionView key={number} journey={key} number={number} />
              </div>
            </div>
          );
        }}
      </Loaded>
    </>
  );
}

function VersionLine(props: { journey: string; version: VersionInfo; current: boolean }) {
  const { t, number, moment } = useWords();
  const { journey, version, current } = props;
  const counts = useQuery(countsQuery(journey, version.number));
  const people = peopleIn(counts.data);
  const nameOf = useNameOf();
  return (
    <Link
      to="/journeys/$key/versions"
      params={{ key: journey }}
      search={{ number: version.number }}
      className="list-item"
      aria-current={current}
    >
      <div className="grow">
        <div className="row">
          <b>v{version.number}</b>
          <span className="mut sm end num">
            {people === undefined
              ? ''
              : people === 0
                ? t('versions.nobody')
                : t('versions.running', { count: people, people: number(people) })}
          </span>
        </div>
        <div>{version.note}</div>
        <div className="xs mut num">
          {moment(version.publishedAt)} · {nameOf(version.publishedBy)}
        </div>
      </div>
    </Link>
  );
}

function VersionView({ journey, number }: { journey: string; number: number }) {
  const version = useQuery(versionQuery(journey, number));
  return (
    <Loaded query={version} skeleton={<Skeleton rows={8} height={56} />}>
      {(data) => <VersionCanvas journey={journey} version={data} />}
    </Loaded>
  );
}

function VersionCanvas({ journey, version }: { journey: string; version: Version }) {
  const { t } = useWords();
  const manifests = useManifests();
  const [selection, setSelection] = useState<string[]>([]);
  const onSelect = useCallback((ids: string[]) => setSelection(ids), []);
  const { data: before } = useQuery({
    ...versionQuery(journey, version.number - 1),
    enabled: version.number > 1,
  });
  const changes = useMemo(
    () => (before ? changesBetween(before.document, version.document) : []),
    [before, version],
  );
  const overlay = useMemo(() => {
    const how = new Map(changes.map((change) => [change.id, change.how]));
    return (id: string): StepOverlay | undefined => {
      const change = how.get(id);
      if (change === 'added') return { look: 'add', marker: { tone: 'ok', icon: 'added' } };
      if (change === 'changed') return { look: 'chg', marker: { tone: 'warn', icon: 'changed' } };
      return undefined;
    };
  }, [changes]);
  const count = (how: string): number => changes.filter((change) => change.how === how).length;
  return (
    <>
      <TopBarActions>
        <Restore journey={journey} version={version} />
      </TopBarActions>
      <JourneyCanvas
        document={version.document}
        manifests={manifests}
        selection={selection}
        onSelect={onSelect}
        overlay={overlay}
      >
        {before ? (
          <Panel position="top-left">
            <div className="float" style={{ padding: '5px 12px', gap: 10 }}>
              <span className="sec">{t('versions.since', { version: before.number })}</span>
              <span className="st ok">+ {t('publish.added', { count: count('added') })}</span>
              <span className="st bad">− {t('publish.removed', { count: count('removed') })}</span>
              <span className="st warn">~ {t('publish.changed', { count: count('changed') })}</span>
            </div>
          </Panel>
        ) : null}
      </JourneyCanvas>
    </>
  );
}

function Restore({ journey, version }: { journey: string; version: Version }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: async () => {
      const draft = await fetchDraft(journey);
      await call(`/journeys/${encodeURIComponent(journey)}/draft`, {
        method: 'PUT',
        headers: { 'if-match': `"${draft.revision}"` },
        body: version.document,
      });
    },
    onSuccess: async () => {
      client.removeQueries({ queryKey: ['draft', journey] });
      announce(t('versions.restored', { version: version.number }));
      await navigate({ to: '/journeys/$key', params: { key: journey } });
    },
    onError: (error) => announce(error.message, 'bad'),
  });
  return (
    <Button
      icon={<IconHistory size={15} />}
      disabled={restore.isPending}
      onClick={() => restore.mutate()}
    >
      {t('versions.restore', { version: version.number })}
    </Button>
  );
}
