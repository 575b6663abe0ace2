import { Modal } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { commandStore, useCommands } from './commands.ts';

const everywhere = [
  ['Ctrl K', 'palette'],
  ['g j', 'journeys'],
  ['g r', 'runs'],
  ['g i', 'incidents'],
  ['g w', 'tasks'],
  ['[', 'rail'],
  ['?', 'keys'],
] as const;
const canvas = [
  ['A', 'addAfter'],
  ['C', 'connect'],
  ['← ↑ → ↓', 'follow'],
  ['Alt ← ↑ → ↓', 'move'],
  ['Enter', 'inspect'],
  ['Esc', 'back'],
  ['Delete', 'remove'],
  ['Ctrl D', 'duplicate'],
  ['Ctrl C · X · V', 'clipboard'],
  ['Ctrl Z · Ctrl Shift Z', 'undo'],
  ['1 · 0 · + · −', 'zoom'],
  ['L', 'tidy'],
  ['N', 'note'],
  ['/', 'find'],
  ['F8', 'problem'],
  ['V', 'outline'],
  ['Ctrl Enter', 'publish'],
] as const;
const worklist = [
  ['↑ ↓', 'chooseTask'],
  ['Enter', 'openTask'],
  ['C', 'claimTask'],
] as const;
const outline = [
  ['→ · ←', 'unfold'],
  ['Alt ↑ ↓', 'moveInBranch'],
  ['D', 'disconnect'],
] as const;

/** The keys of this screen. */
export function KeyList() {
  const { t } = useTranslation();
  const open = useCommands((state) => state.keysOpen);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const editing = /^\/journeys\/[^/]+$/.test(path);
  const working = path === '/tasks';
  const list = (keys: readonly (readonly [string, string])[]) => (
    <dl className="kv">
      {keys.map(([key, what]) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{t(`keys.${what}`)}</dd>
        </div>
      ))}
    </dl>
  );
  return (
    <Modal
      opened={open}
      onClose={() => commandStore.setState({ keysOpen: false })}
      title={t('keys.title')}
      size={editing || working ? 620 : 380}
    >
      <div className="keys">
        <section>
          <h3>{t('keys.everywhere')}</h3>
          {list(everywhere)}
        </section>
        {working ? (
          <section>
            <h3>{t('nav.tasks')}</h3>
            {list(worklist)}
          </section>
        ) : null}
        {editing ? (
          <section>
            <h3>{t('keys.canvas')}</h3>
            {list(canvas)}
            <h3>{t('keys.inOutline')}</h3>
            {list(outline)}
          </section>
        ) : null}
      </div>
    </Modal>
  );
}
