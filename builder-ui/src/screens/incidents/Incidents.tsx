import { Modal, Textarea } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { call, idempotencyKey } from '../../api/client.ts';
import { incidentsQuery, journeysQuery } from '../../api/queries.ts';
import type { ListedIncident } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { Loaded } from '../../ui/StateView.tsx';
import { groupsOf, type IncidentGroup } from './groups.ts';

/** What could not be done, grouped by kind; each kind is retried at once. */
export function Incidents() {
  const { t, number } = useWords();
  const incidents = useQuery(incidentsQuery);
  const state = useLive(['incidents']);
  const [retrying, setRetrying] = useState<IncidentGroup>();
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
              : t('incidents.count', {
                  count: incidents.data.length,
                  incidents: number(incidents.data.length),
                })}
          </span>
        </header>
        <Loaded query={incidents}>
          {(list) =>
            list.length === 0 ? (
              <div className="state-view">
                <IconCircleCheckFilled size={20} color="var(--ok)" aria-hidden />
                <p>{t('incidents.empty')}</p>
              </div>
            ) : (
              <GroupTable groups={groupsOf(list)} onRetry={setRetrying} />
            )
          }
        </Loaded>
      </section>
      <RetryDialog group={retrying} onClose={() => setRetrying(undefined)} />
    </div>
  );
}

function GroupTable(props: {
  groups: readonly IncidentGroup[];
  onRetry: (group: IncidentGroup) => void;
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
            <th className="n">{t('incidents.oldest')}</th>
            <th className="low-priority">{t('incidents.cause')}</th>
            <th />
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
                      {group.steps.join(', ')} ·{' '}
                      {group.journeys
                        .map((key) => text(journeys?.find((one) => one.key === key)?.name) || key)
                        .join(', ')}
                    </div>
                  </div>
                </div>
              </td>
              <td className="n">
                <Link to="/runs" search={{ incident: group.fingerprint }}>
                  <b>{number(group.incidents.length)}</b>
                </Link>
              </td>
              <td className="n" title={moment(group.oldest)}>
                {span(now - Date.parse(group.oldest))}
              </td>
              <td className="low-priority sec" style={{ maxWidth: 420 }}>
                {group.detail}
              </td>
              <td className="n nw">
                <Button icon={<IconRefresh size={15} />} onClick={() => props.onRetry(group)}>
                  {t('incidents.retry', { count: group.incidents.length })}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RetryDialog({ group, onClose }: { group: IncidentGroup | undefined; onClose: () => void }) {
  const { t } = useWords();
  return (
    <Modal
      opened={group !== undefined}
      onClose={onClose}
      title={t('incidents.retry', { count: group?.incidents.length ?? 0 })}
      size={440}
    >
      {group ? <RetryForm key={group.fingerprint} group={group} onClose={onClose} /> : null}
    </Modal>
  );
}

function RetryForm({ group, onClose }: { group: IncidentGroup; onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [keys] = useState(() => group.incidents.map(() => idempotencyKey()));
  const retry = useMutation({
    mutationFn: () => retryAll(group.incidents, keys, reason.trim()),
    onSuccess: async ({ done, refused }) => {
      announce(t('incidents.retried', { done, refused }), refused > 0 ? 'bad' : 'ok');
      onClose();
      await client.invalidateQueries({ queryKey: ['incidents'] });
    },
  });
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault();
        retry.mutate();
      }}
    >
      <p className="sec">
        {t('incidents.retryEffect', { count: group.incidents.length, step: group.steps.join(', ') })}
      </p>
      <Textarea
        data-autofocus
        required
        label={t('commands.reason')}
        description={t('commands.reasonHint')}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className="row">
        <Button className="end" onClick={onClose}>
          {t('actions.cancel')}
        </Button>
        <Button type="submit" tone="primary" disabled={reason.trim() === '' || retry.isPending}>
          {t('commands.retry')}
        </Button>
      </div>
    </form>
  );
}

/** One after another, so that a provider that just failed is not flooded. */
async function retryAll(
  incidents: readonly ListedIncident[],
  keys: readonly Record<string, string>[],
  reason: string,
): Promise<{ done: number; refused: number }> {
  let done = 0;
  for (const [index, { runId, step, visit }] of incidents.entries()) {
    const given = await call(`/runs/${encodeURIComponent(runId)}/commands`, {
      method: 'POST',
      headers: keys[index] ?? {},
      body: { type: 'retry', step, visit, reason },
    }).then(
      () => true,
      () => false,
    );
    if (given) done += 1;
  }
  return { done, refused: incidents.length - done };
}
