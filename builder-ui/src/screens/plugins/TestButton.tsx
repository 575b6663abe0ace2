import { IconHeartbeat } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Connection, Health } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';

/** Asks the provider whether the connection works. */
export function TestButton({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () =>
      call<Health>(`/connections/${encodeURIComponent(connection.id)}/test`, { method: 'POST' }),
    onSuccess: (health) => {
      const words = [t(`health.${health.status}`), `${health.latencyMs} ms`, health.detail];
      announce(
        `${connection.name}: ${words.filter(Boolean).join(' · ')}`,
        health.status === 'ok' ? 'ok' : 'bad',
      );
      return client.invalidateQueries({ queryKey: ['connections'] });
    },
    onError: (error) => announce(error.message, 'bad'),
  });
  return (
    <Button
      icon={<IconHeartbeat size={15} />}
      disabled={test.isPending}
      onClick={() => test.mutate()}
    >
      {t(test.isPending ? 'plugins.testing' : 'plugins.test')}
    </Button>
  );
}
