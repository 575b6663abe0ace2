import { Checkbox, Modal, SegmentedControl } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call, idempotencyKey } from '../../api/client.ts';
import { fetchIncidentsOf, journeysQuery, versionQuery } from '../../api/queries.ts';
import type { IncidentGroup } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { DialogForm, ReasonField } from '../../ui/DialogForm.tsx';
import { PortSelect } from './PortSelect.tsx';

/** Resolves every incident of a kind in the same way. */
export function ResolveDialog({
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
      title={t('incidents.resolve', { count: group?.count ?? 0 })}
      size={440}
    >
      {group ? <ResolveForm key={group.fingerprint} group={group} onClose={onClose} /> : null}
    </Modal>
  );
}

const resolutions = ['retry', 'skip', 'end'] as const;
type Resolution = (typeof resolutions)[number];

function ResolveForm({ group, onClose }: { group: IncidentGroup; onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [type, setType] = useState<Resolution>('retry');
  const [port, setPort] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const [prefix] = useState(() => idempotencyKey()['idempotency-key'] ?? '');
  const { data: journeys } = useQuery(journeysQuery);
  const latest = journeys?.find(({ key }) => key === group.journey)?.latestVersion ?? undefined;
  const version = useQuery({
    ...versionQuery(group.journey, latest ?? 1),
    enabled: type === 'skip' && latest !== undefined,
  });
  const resolve = useMutation({
    mutationFn: () =>
      resolveAll(group.fingerprint, {
        keyOf: (incident) =>
          `${prefix}-${type}-${port ?? ''}-${incident}${confirmed ? '-confirmed' : ''}`,
        body: {
          type,
          reason: reason.trim(),
          ...(type === 'skip' && port !== null ? { port } : {}),
          ...(type === 'retry' && confirmed ? { confirm: true } : {}),
        },
        onProgress: setProgress,
      }),
    onSuccess: async (result) => {
      await client.invalidateQueries({ queryKey: ['incidents'] });
      announce(t(`incidents.done.${type}`, { ...result }), result.refused > 0 ? 'bad' : 'ok');
      if (result.unconfirmed === 0 && result.refused === 0) onClose();
    },
  });
  const mayRepeat = type === 'retry' && (resolve.data?.unconfirmed ?? 0) > 0;
  return (
    <DialogForm
      sending={resolve}
      ready={
        reason.trim() !== '' && (!mayRepeat || confirmed) && (type !== 'skip' || port !== null)
      }
      submit={t(`commands.${type}`)}
      tone={type === 'end' ? 'danger' : 'primary'}
      onSubmit={() => resolve.mutate()}
      onClose={onClose}
    >
      <SegmentedControl
        aria-label={t('incidents.resolution')}
        value={type}
        onChange={setType}
        data={resolutions.map((value) => ({ value, label: t(`commands.${value}`) }))}
      />
      <p className="sec">
        {t(`incidents.${type}Effect`, { count: group.count, step: group.step })}
      </p>
      {type === 'skip' ? (
        <PortSelect
          document={version.data?.document}
          step={group.step}
          value={port}
          onChange={setPort}
        />
      ) : null}
      <ReasonField value={reason} onChange={setReason} />
      {mayRepeat ? (
        <Checkbox
          label={t('commands.mayRepeat')}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      {resolve.isPending && progress ? (
        <progress
          value={progress.done + progress.refused}
          max={progress.of}
          aria-label={t('incidents.progress')}
        />
      ) : null}
      {resolve.data?.refusal === undefined ? null : (
        <p className="hint bad" role="alert">
          {resolve.data.refusal}
        </p>
      )}
    </DialogForm>
  );
}

interface Progress {
  done: number;
  refused: number;
  of: number;
}

interface ResolveOptions {
  keyOf: (incident: string) => string;
  body: { type: Resolution; reason: string; port?: string; confirm?: boolean };
  onProgress: (progress: Progress) => void;
}

/** One after another, so that a provider that just failed is not flooded. */
async function resolveAll(
  fingerprint: string,
  { keyOf, body, onProgress }: ResolveOptions,
): Promise<{ done: number; refused: number; unconfirmed: number; refusal?: string }> {
  const result: Awaited<ReturnType<typeof resolveAll>> = { done: 0, refused: 0, unconfirmed: 0 };
  const incidents = await fetchIncidentsOf(fingerprint);
  for (const { id } of incidents) {
    try {
      await call(`/incidents/${encodeURIComponent(id)}/resolution`, {
        method: 'POST',
        headers: { 'idempotency-key': keyOf(id) },
        body,
      });
      result.done += 1;
    } catch (error) {
      result.refused += 1;
      if (error instanceof ApiError && error.problem.code === 'confirmation-needed')
        result.unconfirmed += 1;
      else if (error instanceof Error) result.refusal ??= error.message;
    }
    onProgress({ done: result.done, refused: result.refused, of: incidents.length });
  }
  return result;
}
