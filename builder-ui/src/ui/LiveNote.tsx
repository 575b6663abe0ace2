import type { LiveState } from '../api/stream.ts';
import { useWords } from '../i18n/use-words.ts';

/** Whether what is shown follows what happens, and since when not. */
export function LiveNote({ state }: { state: LiveState }) {
  const { t, clock } = useWords();
  return (
    <span className={`row live-dot ${state.live ? '' : 'paused'}`}>
      <b>{t(state.live ? 'live.live' : 'live.paused')}</b>
      <span className="num">{t('live.asOf', { time: clock(state.at, true) })}</span>
    </span>
  );
}
