import { Modal, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Player } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { announce } from '../../ui/announce.ts';
import { DialogForm } from '../../ui/DialogForm.tsx';
import { usePlayer } from './use-move.ts';

export interface PlayerDialogProps {
  player: Player;
  opened: boolean;
  onClose: () => void;
}

/** How those answer who answer by themselves: how fast, how often wrong, how often not at all. */
export function PlayerDialog({ player, opened, onClose }: PlayerDialogProps) {
  const { t } = useWords();
  return (
    <Modal opened={opened} onClose={onClose} title={t('sandbox.player.title')} size={400}>
      {opened ? <PlayerForm player={player} onClose={onClose} /> : null}
    </Modal>
  );
}

const below = ['label', 'input', 'error', 'description'] as (
  'label' | 'input' | 'error' | 'description'
)[];
const percentOf = (share: number): number => Math.round(share * 1_000) / 10;

function PlayerForm({ player, onClose }: Omit<PlayerDialogProps, 'opened'>) {
  const { t } = useWords();
  const [pace, setPace] = useState<string | number>(player.paceSeconds);
  const [wrong, setWrong] = useState<string | number>(percentOf(player.failureRate));
  const [silent, setSilent] = useState<string | number>(percentOf(player.silence));
  const [seed, setSeed] = useState(player.seed);
  const change = usePlayer();
  const ready = [pace, wrong, silent].every((value) => value !== '') && seed.trim() !== '';
  const save = (): void =>
    change.mutate(
      {
        ...player,
        paceSeconds: Number(pace),
        failureRate: Number(wrong) / 100,
        silence: Number(silent) / 100,
        seed: seed.trim(),
      },
      {
        onSuccess: () => {
          announce(t('sandbox.player.saved'));
          onClose();
        },
      },
    );
  return (
    <DialogForm
      sending={change}
      ready={ready}
      submit={t('actions.save')}
      onSubmit={save}
      onClose={onClose}
    >
      <p className="sec">{t('sandbox.player.about')}</p>
      <NumberInput
        data-autofocus
        label={t('sandbox.player.pace')}
        description={t('sandbox.player.paceHint')}
        inputWrapperOrder={below}
        min={0}
        max={86_400}
        suffix=" s"
        value={pace}
        onChange={setPace}
      />
      <NumberInput
        label={t('sandbox.player.wrong')}
        description={t('sandbox.player.wrongHint')}
        inputWrapperOrder={below}
        min={0}
        max={100}
        suffix=" %"
        value={wrong}
        onChange={setWrong}
      />
      <NumberInput
        label={t('sandbox.player.silent')}
        description={t('sandbox.player.silentHint')}
        inputWrapperOrder={below}
        min={0}
        max={100}
        suffix=" %"
        value={silent}
        onChange={setSilent}
      />
      <TextInput
        label={t('sandbox.player.seed')}
        description={t('sandbox.player.seedHint')}
        inputWrapperOrder={below}
        maxLength={100}
        value={seed}
        onChange={(event) => setSeed(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
