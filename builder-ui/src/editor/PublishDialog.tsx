import { Modal, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircleXFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call } from '../api/client.ts';
import { countsQuery, peopleIn, versionQuery, versionsQuery } from '../api/queries.ts';
import type { VersionInfo } from '../api/shapes.ts';
import { changesBetween, settingsDiffer } from '../document/changes.ts';
import type { Diagnostic } from '../document/engine.ts';
import { useWords } from '../i18n/use-words.ts';
import { announce } from '../ui/announce.ts';
import { Button } from '../ui/Button.tsx';
import { problemText } from './Problems.tsx';
import { useDocument, useEditor, useEditorStore } from './store.ts';

/** Publishes the draft: what changes, whom it touches, a note, and a reason for each warning. */
export function PublishDialog({ flush }: { flush: () => Promise<void> }) {
  const { t } = useWords();
  const editor = useEditorStore();
  const open = useEditor((state) => state.dialog?.type === 'publish');
  const close = (): void => editor.setState({ dialog: undefined });
  return (
    <Modal opened={open} onClose={close} title={t('publish.title')} size={520}>
      <PublishBody flush={flush} close={close} />
    </Modal>
  );
}

function PublishBody({ flush, close }: { flush: () => Promise<void>; close: () => void }) {
  const words = useWords();
  const { t } = words;
  const client = useQueryClient();
  const editor = useEditorStore();
  const key = useEditor((state) => state.key);
  const findings = useEditor((state) => state.diagnostics) ?? [];
  const errors = findings.filter((finding) => finding.severity === 'error');
  const codes = [
    ...new Map(
      findings
        .filter((finding) => finding.severity === 'warning')
        .map((finding) => [finding.code, finding]),
    ).values(),
  ];
  const [note, setNote] = useState('');
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const { data: versions } = useQuery(versionsQuery(key));
  const latest = Math.max(0, ...(versions ?? []).map((version) => version.number));
  const publish = useMutation({
    mutationFn: async () => {
      await flush();
      const { revision } = editor.getState();
      return call<VersionInfo>(`/journeys/${encodeURIComponent(key)}/versions`, {
        method: 'POST',
        headers: { 'if-match': `"${revision}"` },
        body: {
          ...(note.trim() === '' ? {} : { note: note.trim() }),
          accept: codes.map(({ code }) => ({ code, reason: reasons[code]?.trim() ?? '' })),
        },
      });
    },
    onSuccess: (version) => {
      announce(t('publish.done', { version: version.number }));
      void client.invalidateQueries({ queryKey: ['journey', key] });
      void client.invalidateQueries({ queryKey: ['journeys'] });
      close();
    },
  });
  const reasonsGiven = codes.every(({ code }) => (reasons[code] ?? '').trim() !== '');
  return (
    <form
      className="col"
      onSubmit={(event) => {
        event.preventDefault();
        publish.mutate();
      }}
    >
      {errors.length > 0 ? (
        <div className="note bad" role="alert">
          <IconCircleXFilled size={15} aria-hidden />
          <span>{t('publish.errors', { count: errors.length })}</span>
        </div>
      ) : null}
      <Difference journey={key} latest={latest} />
      <Textarea
        label={t('publish.note')}
        placeholder={t('publish.notePlaceholder')}
        data-autofocus
        autosize
        minRows={2}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {codes.map((finding) => (
        <Warning
          key={finding.code}
          finding={finding}
          reason={reasons[finding.code] ?? ''}
          onReason={(reason) => setReasons((before) => ({ ...before, [finding.code]: reason }))}
        />
      ))}
      <p className="hint">{t('publish.inside')}</p>
      {publish.error ? (
        <p className="hint bad" role="alert">
          {refusalText(publish.error)}
        </p>
      ) : null}
      <div className="row">
        <Button className="end" onClick={close}>
          {t('actions.cancel')}
        </Button>
        <Button
          tone="primary"
          type="submit"
          disabled={errors.length > 0 || !reasonsGiven || publish.isPending}
        >
          {t('edit.publish', { version: latest + 1 })}
        </Button>
      </div>
    </form>
  );
}

function refusalText(error: Error): string {
  const details = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return [error.message, ...details.map((one) => one.detail)].join(' · ');
}

function Warning(props: {
  finding: Diagnostic;
  reason: string;
  onReason: (reason: string) => void;
}) {
  const words = useWords();
  return (
    <div>
      <div className="note warn">
        <IconAlertTriangleFilled size={15} aria-hidden />
        <span>{problemText(props.finding, words)}</span>
      </div>
      <TextInput
        mt={6}
        required
        label={words.t('publish.reason')}
        value={props.reason}
        onChange={(event) => props.onReason(event.currentTarget.value)}
      />
    </div>
  );
}

function Difference({ journey, latest }: { journey: string; latest: number }) {
  const { t, number } = useWords();
  const document = useDocument();
  const { data: version } = useQuery({ ...versionQuery(journey, latest), enabled: latest > 0 });
  const { data: counts } = useQuery({ ...countsQuery(journey, latest), enabled: latest > 0 });
  if (latest === 0) return <p className="sec">{t('publish.first')}</p>;
  if (!version) return null;
  const changes = changesBetween(version.document, document);
  const count = (how: string): number => changes.filter((change) => change.how === how).length;
  const people = peopleIn(counts);
  const same = changes.length === 0 && !settingsDiffer(version.document, document);
  return (
    <div className="row wrap">
      {same ? <span className="sec">{t('publish.same', { version: latest })}</span> : null}
      {count('added') > 0 ? (
        <span className="tag ok">+ {t('publish.added', { count: count('added') })}</span>
      ) : null}
      {count('removed') > 0 ? (
        <span className="tag bad">− {t('publish.removed', { count: count('removed') })}</span>
      ) : null}
      {count('changed') > 0 ? (
        <span className="tag warn">~ {t('publish.changed', { count: count('changed') })}</span>
      ) : null}
      {people === undefined ? null : (
        <span className="sec end num">
          {t('publish.people', { count: people, people: number(people), version: latest })}
        </span>
      )}
    </div>
  );
}
