import { Menu, Modal } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState } from 'react';
import type { SandboxItem, SandboxMove } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { defaultsOf } from '../../inspector/form/schema.ts';
import { speakOut } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Skeleton } from '../../ui/StateView.tsx';
import { useKeptFocus, useMove, type Deed } from './use-move.ts';

const SchemaForm = lazy(async () => ({
  default: (await import('../../inspector/form/SchemaForm.tsx')).SchemaForm,
}));

export interface MovesProps {
  place: string;
  item: SandboxItem;
  /** Whether what goes wrong is behind a menu: where there is little room. */
  harmInMenu?: boolean;
}

/** What can be done with a thing now: the usual first, what goes wrong last. What cannot be done is said here. */
export function Moves({ place, item, harmInMenu = false }: MovesProps) {
  const { t, text } = useWords();
  const [asked, setAsked] = useState<SandboxMove>();
  const move = useMove(place);
  const own = useRef<HTMLDivElement>(null);
  useKeptFocus(item.id, own);
  const moves = item.moves ?? [];
  const [first, ...others] = moves.filter(({ harm }) => harm !== true);
  const wrong = moves.filter(({ harm }) => harm === true);
  const isMenu = harmInMenu && wrong.length > 0;
  const rest = isMenu ? others : [...others, ...wrong];
  const give = (chosen: SandboxMove, deed: Deed): void =>
    move.mutate(
      { id: item.id, deed },
      {
        onSuccess: () => {
          setAsked(undefined);
          speakOut(t('sandbox.done', { move: text(chosen.title) }));
        },
      },
    );
  const press = (chosen: SandboxMove): void => {
    move.reset();
    if (chosen.input) setAsked(chosen);
    else give(chosen, { type: chosen.type });
  };
  const nameOf = (one: SandboxMove): string => text(one.title) + (one.input ? '…' : '');
  if (moves.length === 0) return null;
  return (
    <div className="moves" data-moves={item.id} ref={own}>
      <div className="row wrap">
        {first ? (
          <Button tone="primary" disabled={move.isPending} onClick={() => press(first)}>
            {nameOf(first)}
          </Button>
        ) : null}
        {isMenu ? (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <button
                type="button"
                className="btn quiet more"
                aria-label={t('sandbox.goesWrong')}
                title={t('sandbox.goesWrong')}
                disabled={move.isPending}
              >
                <IconChevronDown size={15} aria-hidden />
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t('sandbox.goesWrong')}</Menu.Label>
              {wrong.map((one) => (
                <Menu.Item key={one.type} color="var(--bad)" onClick={() => press(one)}>
                  {nameOf(one)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : null}
        {rest.map((one) => (
          <Button
            key={one.type}
            tone={one.harm === true ? 'danger' : 'plain'}
            disabled={move.isPending}
            onClick={() => press(one)}
          >
            {nameOf(one)}
          </Button>
        ))}
      </div>
      {move.error && !asked ? (
        <p className="hint bad" role="alert">
          {move.error.message}
        </p>
      ) : null}
      <Modal
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={asked ? text(asked.title) : ''}
        size={420}
      >
        {asked ? (
          <MoveForm
            key={asked.type}
            move={asked}
            isPending={move.isPending}
            fault={move.error?.message}
            onSubmit={(input) => give(asked, { ...input, type: asked.type })}
            onClose={() => setAsked(undefined)}
          />
        ) : null}
      </Modal>
    </div>
  );
}

interface MoveFormProps {
  move: SandboxMove;
  isPending: boolean;
  fault: string | undefined;
  onSubmit: (input: Record<string, unknown>) => void;
  onClose: () => void;
}

/** What is said with a move, filled in with what is usually said. */
function MoveForm({ move, isPending, fault, onSubmit, onClose }: MoveFormProps) {
  const { t, text } = useWords();
  const [value, setValue] = useState(() => defaultsOf(move.input));
  return (
    <Suspense fallback={<Skeleton rows={2} height={42} />}>
      <SchemaForm schema={move.input ?? {}} value={value} onChange={setValue} onSubmit={onSubmit}>
        {fault === undefined ? null : (
          <p className="hint bad" role="alert">
            {fault}
          </p>
        )}
        <div className="row">
          <Button className="end" onClick={onClose}>
            {t('actions.cancel')}
          </Button>
          <Button
            type="submit"
            tone={move.harm === true ? 'danger' : 'primary'}
            disabled={isPending}
          >
            {text(move.title)}
          </Button>
        </div>
      </SchemaForm>
    </Suspense>
  );
}
