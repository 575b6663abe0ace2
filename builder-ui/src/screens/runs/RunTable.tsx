import { Link, useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { journeysQuery } from '../../api/queries.ts';
import type { Run } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { shortId } from '../../shell/crumbs.ts';
import { RunState } from '../../ui/RunState.tsx';

/** Runs as a table; narrow beside a canvas, where journey and step are known. */
export function RunTable({ runs, narrow = false }: { runs: readonly Run[]; narrow?: boolean }) {
  const { t, text, moment, span } = useWords();
  const navigate = useNavigate();
  const { data: journeys } = useQuery(journeysQuery);
  const now = Date.now();
  const nameOf = (key: string): string =>
    text(journeys?.find((journey) => journey.key === key)?.name) || key;
  return (
    <div className="scroll-x">
      <table>
        <thead>
          <tr>
            <th>{t('runs.run')}</th>
            <th>{t('runs.person')}</th>
            {narrow ? null : <th className="mid-priority">{t('journeys.journey')}</th>}
            <th>{t('runs.state')}</th>
            {narrow ? null : <th className="low-priority">{t('runs.at')}</th>}
            <th className="n">{t('runs.since')}</th>
            {narrow ? null : <th className="low-priority">{t('runs.started')}</th>}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const [position] = run.positions;
            const since = position?.since ?? run.endedAt ?? run.startedAt;
            return (
              <tr
                key={run.id}
                style={{ cursor: 'pointer' }}
                onClick={() => void navigate({ to: '/runs/$id', params: { id: run.id } })}
              >
                <td>
                  <Link
                    to="/runs/$id"
                    params={{ id: run.id }}
                    className="mono"
                    onClick={(event) => event.stopPropagation()}
                  >
                    {shortId(run.id)}
                  </Link>
                </td>
                <td className="mono">{run.subject}</td>
                {narrow ? null : (
                  <td className="mid-priority">
                    {nameOf(run.journey)} <span className="mut">v{run.version}</span>
                  </td>
                )}
                <td>
                  <RunState run={run} />
                </td>
                {narrow ? null : (
                  <td className="low-priority">
                    {run.status === 'ended' ? (
                      <span className="sec">{run.outcome}</span>
                    ) : (
                      run.positions.map((one) => one.step).join(', ')
                    )}
                  </td>
                )}
                <td className="n" title={moment(since)}>
                  {span(now - Date.parse(since))}
                </td>
                {narrow ? null : <td className="low-priority num sec">{moment(run.startedAt)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
