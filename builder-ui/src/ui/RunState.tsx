import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconClock,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconSquareFilled,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../api/shapes.ts';

/** The state of a run as people speak of it: finer than its status. */
export type RunStateName =
  'active' | 'waiting' | 'deferred' | 'incident' | 'held' | 'completed' | 'left';

/** Derives the state that screens show. */
export function runStateOf(run: Run): RunStateName {
  if (run.status === 'ended')
    return run.outcome === null || run.outcome === 'completed' ? 'completed' : 'left';
  if (run.incidents.length > 0) return 'incident';
  if (run.status === 'held') return 'held';
  const [position] = run.positions;
  if (position?.waitingFor?.startsWith('deferred') === true) return 'deferred';
  if (position?.waitingFor || position?.until) return 'waiting';
  return 'active';
}

const looks = {
  active: { tone: 'accent', Shape: IconPlayerPlayFilled },
  waiting: { tone: 'mut', Shape: IconClock },
  deferred: { tone: 'hold', Shape: IconPlayerPauseFilled },
  held: { tone: 'hold', Shape: IconPlayerPauseFilled },
  incident: { tone: 'bad', Shape: IconAlertTriangleFilled },
  completed: { tone: 'ok', Shape: IconCircleCheckFilled },
  left: { tone: 'mut', Shape: IconSquareFilled },
} as const;

/** The state of a run: icon, word and colour, never colour alone. */
export function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  const name = runStateOf(run);
  const { tone, Shape } = looks[name];
  return (
    <span className={`st ${tone}`}>
      <Shape size={14} aria-hidden />
      {t(`runStates.${name}`)}
    </span>
  );
}
