import type { ActionStep } from '@sojourn/schemas';
import { IconArrowUpCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { upgradesQuery } from '../api/queries.ts';
import type { UpgradeOffer } from '../api/shapes.ts';
import { useDocument } from '../editor/store.ts';
import { useWords } from '../i18n/use-words.ts';
import { announce } from '../ui/announce.ts';
import { Button } from '../ui/Button.tsx';

export interface UpgradeNoteProps {
  id: string;
  step: ActionStep;
  onUpgrade: (config: Record<string, unknown>) => void;
}

/** Says that a plugin asks for another form than when the step was published, and brings the step up to date when told to. */
export function UpgradeNote({ id, step, onUpgrade }: UpgradeNoteProps) {
  const { t } = useWords();
  const client = useQueryClient();
  const { queryKey, ...query } = upgradesQuery(useDocument().key);
  const offer = useQuery({ queryKey, ...query }).data?.find(
    (one) => one.step === id && one.uses === step.uses,
  );
  const upgrade = useMutation({
    mutationFn: ({ from }: UpgradeOffer) => {
      const [plugin = '', action = ''] = step.uses.split('/');
      return call<{ config: Record<string, unknown> }>(
        `/plugins/${plugin}/actions/${action}/upgrade`,
        { method: 'POST', body: { from, config: step.with ?? {} } },
      );
    },
    onSuccess: ({ config }) => {
      onUpgrade(config);
      client.setQueryData<UpgradeOffer[]>(queryKey, (offers) =>
        offers?.filter((one) => one.step !== id),
      );
      announce(t('action.upgraded'));
    },
  });
  if (!offer) return null;
  return (
    <div className="note accent">
      <IconArrowUpCircle size={15} aria-hidden />
      <div className="col" style={{ gap: 6 }}>
        <span>{t('action.newForm', { from: offer.from, to: offer.to })}</span>
        {upgrade.isError ? (
          <span className="bad" role="alert">
            {upgrade.error.message}
          </span>
        ) : null}
        <span>
          <Button disabled={upgrade.isPending} onClick={() => upgrade.mutate(offer)}>
            {t('action.upgrade')}
          </Button>
        </span>
      </div>
    </div>
  );
}
