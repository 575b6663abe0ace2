import { IconAlertTriangleFilled, IconCircleCheckFilled, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { incidentsQuery, incidentTotal, journeysQuery } from '../../api/queries.ts';
import type { IncidentGroup } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { Loaded } from '../../ui/StateView.tsx';
import { ResolveDialog } from './ResolveDialog.tsx';

const topics = ['incidents'];

/** What could not be done, grouped by kind; each kind is resolved at once. */
export function Incidents() {
  const { t } = useWords();
  const incidents = useQuery(incidentsQuery);
  const state = useLive(topics);
  const [resolving, setResolving] = useState<IncidentGroup>();
  return (
    <div className="page">
      <div className="head">
        <h1>{t('nav.incidents')}</h1>
        <span className="sm sec">
          <LiveNote state={state} />
        </span>
      </div>
      <section className="panel">
        <header>
          {t('incidents.byKind')}
          <span className="mut num">
            {incidents.data === undefined
              ? ''
              : t('incidents.count', { count: incidentTotal(incidents.data) })}
          </span>
        </header>
        <Loaded query={incidents}>
          {({ groups }) =>
            groups.length === 0 ? (
              <div className="state-view">
                <IconCircleCheckFilled size={20} color="var(--ok)" aria-hidden />
                <p>{t('incidents.empty')}</p>
              </div>
            ) : (
              <GroupTable groups={groups} onResolve={setResolving} />
            )
          }
        </Loaded>
      </section>
      <ResolveDialog group={resolving} onClose={() => setResolving(undefined)} />
    </div>
  );
}

function GroupTable(props: {
  groups: readonly IncidentGroup[];
  onResolve: (group: IncidentGroup) => void;
}) {
  const { t, text, number, span, moment } = useWords();
  const { data: journeys } = useQuery(journeysQuery);
  const now = Date.now();
  return (
    <div className="scroll-x">
      <table className="two">
        <thead>
          <tr>
            <th>{t('incidents.kind')}</th>
            <th className="n">{t('nav.runs')}</th>
            <th className="n mid-priority">{t('incidents.oldest')}</th>
            <th className="low-priority">{t('incidents.cause')}</th>
            <th aria-label={t('incidents.resolution')} />
          </tr>
        </thead>
        <tbody>
          {props.groups.map((group) => (
            <tr key={group.fingerprint}>
              <td>
                <div className="row">
                  <IconAlertTriangleFilled size={15} color="var(--bad)" aria-hidden />
                  <div>
                    <b className="mono">{group.code}</b>
                    <div className="xs mut">
                      {group.step} ·{' '}
                      {text(journeys?.find((one) => one.key === group.journey)?.name) ||
                        group.journey}
                    </div>
                  </div>
                </div>
              </td>
              <td className="n">
                <Link to="/runs" search={{ incident: group.fingerprint }}>
                  <b>{number(group.count)}</b>
                </Link>
              </td>
              <td className="n mid-priority" title={moment(group.oldestAt)}>
                {span(now - Date.parse(group.oldestAt))}
              </td>
              <td className="low-priority sec" style={{ maxWidth: 420 }}>
                {group.detail}
              </td>
              <td className="n nw">
                <Button icon={<IconRefresh size={15} />} onClick={() => props.onResolve(group)}>
                  {t('incidents.resolve', { count: group.count })}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
