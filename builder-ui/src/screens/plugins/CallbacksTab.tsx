import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { reportsQuery, useConnections } from '../../api/queries.ts';
import type { Plugin, Report } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { LoadedPages } from '../../ui/LoadedPages.tsx';
import { Segments } from '../../ui/Segments.tsx';

const filters = ['all', 'new', 'taken', 'late', 'unmatched', 'messages'] as const;
type Filter = (typeof filters)[number];

/** What providers reported and people wrote, the latest first. */
export function CallbacksTab({ plugin }: { plugin: Plugin }) {
  const { t } = useWords();
  const [filter, setFilter] = useState<Filter>('all');
  const reports = useInfiniteQuery(
    reportsQuery({
      plugin: plugin.id,
      ...(filter === 'messages'
        ? { messages: 'true' as const }
        : filter === 'all'
          ? {}
          : { status: filter }),
    }),
  );
  return (
    <div className="col">
      <div className="scroll-x">
        <Segments
          label={t('plugins.reports.filter')}
          value={filter}
          options={filters.map((one) => ({ value: one, label: t(`plugins.reports.${one}`) }))}
          onChange={setFilter}
        />
      </div>
      {filter === 'unmatched' || filter === 'late' ? (
        <p className="sec">{t(`plugins.reports.${filter}Hint`)}</p>
      ) : null}
      <section className="panel">
        <LoadedPages
          query={reports}
          empty={t(filter === 'all' ? 'plugins.reports.empty' : 'plugins.reports.none')}
        >
          {(items) => <ReportTable reports={items} />}
        </LoadedPages>
      </section>
    </div>
  );
}

const tones = { new: 'accent', taken: 'ok', late: 'warn', unmatched: 'bad' } as const;

function ReportTable({ reports }: { reports: readonly Report[] }) {
  const { t } = useWords();
  const connections = useConnections();
  return (
    <div className="scroll-x">
      <table className="two">
        <thead>
          <tr>
            <th>{t('plugins.reports.when')}</th>
            <th>{t('plugins.reports.what')}</th>
            <th>{t('plugins.reports.status')}</th>
            <th>{t('plugins.reports.about')}</th>
          </tr>
        </thead>
        <tbody>
          {reports.map((report) => (
            <ReportLine
              key={report.id}
              report={report}
              connection={
                connections.find(({ id }) => id === report.connection)?.name ?? report.connection
              }
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReportLine({ report, connection }: { report: Report; connection: string }) {
  const { t, moment } = useWords();
  const { type, status, runId, subject, reference, text, outcome, data, output } = report;
  const more = data ?? output;
  const hasMore = more !== undefined && Object.keys(more).length > 0;
  return (
    <tr>
      <td className="nw num">
        {moment(report.at)}
        <div className="xs mut">{connection}</div>
      </td>
      <td>
        <span className="mono">{outcome === undefined ? type : `${type} · ${outcome}`}</span>
        {text === undefined ? null : <div className="pre">{text}</div>}
        {hasMore ? (
          <details className="report-data">
            <summary>{t('plugins.reports.data')}</summary>
            <pre className="code">{JSON.stringify(more, null, 2)}</pre>
          </details>
        ) : null}
      </td>
      <td>
        <span className={`tag ${tones[status]}`}>{t(`plugins.reports.${status}`)}</span>
      </td>
      <td>
        {runId === null ? null : (
          <Link to="/runs/$id" params={{ id: runId }} className="mono">
            {runId}
          </Link>
        )}
        <div className="mono mut xs">{subject ?? reference ?? '–'}</div>
      </td>
    </tr>
  );
}
