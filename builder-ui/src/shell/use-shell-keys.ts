import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { commandStore } from './commands.ts';

/** True while somebody types, so that single keys are letters. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const places = { j: '/journeys', r: '/runs', i: '/incidents', w: '/tasks' } as const;

/** The keys that act on every screen. */
export function useShellKeys(toggleRail: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let leaderAt = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        commandStore.setState(({ open }) => ({ open: !open }));
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (commandStore.getState().open) return;
      const place = places[event.key as keyof typeof places] as string | undefined;
      if (place !== undefined && event.timeStamp - leaderAt < 1200) {
        event.preventDefault();
        event.stopPropagation();
        leaderAt = 0;
        void navigate({ to: place });
        return;
      }
      leaderAt = event.key === 'g' ? event.timeStamp : 0;
      if (event.key === '[') toggleRail();
      if (event.key === '?') commandStore.setState({ keysOpen: true });
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, [navigate, toggleRail]);
}
