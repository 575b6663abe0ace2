import { Checkbox, Modal, Textarea } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircleCheckFilled, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, call, idempotencyKey } from '../../api/client.ts';
import {
  fetchIncidentsOf,
  incidentsQuery,
  incidentTotal,
  journeysQuery,
} from '../../api/queries.ts';
import type { IncidentGroup } from '../../api/shapes.ts';
import { useLive } from '../../api/stream.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { LiveNote } from '../../ui/LiveNote.tsx';
import { Loaded } from '../../ui/StateView.tsx';

const topics = ['incidents'];

/** What could not be done, grouped by kind; each kind is retried at once. */
export function Incidents() {
  const { t } = useWords();
  const incidents = useQuery(incidentsQuery);
  const state = useLive(topics);
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
              <GroupTable groups={groups} onRetry={setRetrying} />
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
            <th className="n mid-priority">{t('incidents.oldest')}</th>
            <th className="low-priority">{t('incidents.cause')}</th>
            <th aria-label={t('commands.retry')} />
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
                <Button icon={<IconRefresh size={15} />} onClick={() => props.onRetry(group)}>
                  {t('incidents.retry', { count: group.count })}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RetryDialog({
  group,
  onClose,
}: {
  group: IncidentGroup | undefined;
  onClose: () => void;
}) {
  const { t } = useWords();
  return (
    <Modal
      opened={group !== undefined}
      onClose={onClose}
      title={t('incidents.retry', { count: group?.count ?? 0 })}
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
  const [confirmed, setConfirmed] = useState(false);
  const [prefix] = useState(() => idempotencyKey()['idempotency-key'] ?? '');
  const retry = useMutation({
    mutationFn: () =>
      retryAll(group.fingerprint, {
        keyOf: (incident) => `${prefix}-${incident}${confirmed ? '-confirmed' : ''}`,
        reason: reason.trim(),
        confirm: confirmed,
      }),
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: ['incidents'] });
      announce(t('incidents.retried', result), result.refused > 0 ? 'bad' : 'ok');
      if (result.unconfirmed === 0) onClose();
    },
  });
  const mayRepeat = (retry.data?.unconfirmed ?? 0) > 0;
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault();
        retry.mutate();
      }}
    >
      <p className="sec">{t('incidents.retryEffect', { count: group.count, step: group.step })}</p>
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
      {mayRepeat ? (
        <Checkbox
          label={t('commands.mayRepeat')}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      {retry.error ? (
        <p className="hint bad" role="alert">
          {retry.error.message}
        </p>
      ) : null}
      <div className="row">
        <Button className="end" onClick={onClose}>
          {t('actions.cancel')}
        </Button>
        <Button
          type="submit"
          tone="primary"
          disabled={reason.trim() === '' || retry.isPending || (mayRepeat && !confirmed)}
        >
          {t('commands.retry')}
        </Button>
      </div>
    </form>
  );
}

interface RetryOptions {
  keyOf: (incident: string) => string;
  reason: string;
  confirm: boolean;
}

/** One after another, so that a provider that just failed is not flooded. */
async function retryAll(
  fingerprint: string,
  { keyOf, reason, confirm }: RetryOptions,
): Promise<{ done: number; refused: number; unconfirmed: number }> {
  const result = { done: 0, refused: 0, unconfirmed: 0 };
  for (const { id } of await fetchIncidentsOf(fingerprint)) {
    try {
      await call(`/incidents/${encodeURIComponent(id)}/resolution`, {
        method: 'POST',
        headers: { 'idempotency-key': keyOf(id) },
        body: { type: 'retry', reason, ...(confirm ? { confirm } : {}) },
      });
      result.done += 1;
    } catch (error) {
      result.refused += 1;
      if (error instanceof ApiError && error.problem.code === 'confirmation-needed')
        result.unconfirmed += 1;
    }
  }
  return result;
}
