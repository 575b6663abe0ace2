import { CopyButton, Modal, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { calendarQuery } from '../../api/queries.ts';
import { call } from '../../api/client.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Loaded, Skeleton } from '../../ui/StateView.tsx';

export interface CalendarDialogProps {
  queue: string;
  opened: boolean;
  onClose: () => void;
}

/** The address of a queue's calendar: to copy, or to make worthless by another one. */
export function CalendarDialog({ queue, opened, onClose }: CalendarDialogProps) {
  const { t } = useWords();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('tasks.calendar.title', { queue })}
      size={520}
    >
      <Address queue={queue} />
    </Modal>
  );
}

function Address({ queue }: { queue: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const query = calendarQuery(queue);
  const address = useQuery(query);
  const renew = useMutation({
    mutationFn: () =>
      call<{ url: string }>('/tasks/calendars', { method: 'POST', body: { queue, renew: true } }),
    onSuccess: (next) => {
      client.setQueryData(query.queryKey, next);
      announce(t('tasks.calendar.renewed'));
    },
  });
  return (
    <Loaded query={address} skeleton={<Skeleton rows={2} height={34} />}>
      {({ url }) => (
        <div className="col">
          <p className="sm">{t('tasks.calendar.hint')}</p>
          <div className="row" style={{ alignItems: 'end' }}>
            <TextInput
              className="grow"
              label={t('tasks.calendar.address')}
              value={url}
              readOnly
              onFocus={(event) => event.currentTarget.select()}
            />
            <CopyButton value={url}>
              {({ copied, copy }) => (
                <Button
                  icon={copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                  onClick={copy}
                >
                  {t(copied ? 'plugins.copied' : 'plugins.copy')}
                </Button>
              )}
            </CopyButton>
          </div>
          <div className="note warn">
            <div className="col" style={{ gap: 6 }}>
              <span>{t('tasks.calendar.secret')}</span>
              <span>
                <Button tone="danger" disabled={renew.isPending} onClick={() => renew.mutate()}>
                  {t('tasks.calendar.renew')}
                </Button>
              </span>
              {renew.isError ? (
                <span className="bad" role="alert">
                  {renew.error.message}
                </span>
              ) : null}
            </div>
          </div>
        </div>
      )}
    </Loaded>
  );
}
