import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Player, SandboxItem, SandboxView } from '../../api/shapes.ts';
import { sandboxQuery } from '../../api/queries.ts';

/** What is done: the move's type, with what is said. */
export type Deed = { type: string } & Record<string, unknown>;

const path = encodeURIComponent;

/** Plays the other side of one thing. */
export function useMove(place: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, deed }: { id: string; deed: Deed }) =>
      call(`/sandbox/${path(place)}/${path(id)}/actions`, { method: 'POST', body: deed }),
    onMutate: ({ id }) => ({ panel: movesOf(id)?.closest<HTMLElement>('[data-panel]') }),
    onSettled: async (_answer, _error, { id }, before) => {
      await client.invalidateQueries({ queryKey: ['sandbox', place] });
      keepFocus(id, before?.panel);
    },
  });
}

/** Where one can play the other side of a thing. */
const movesOf = (id: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-moves="${CSS.escape(id)}"]`);

/** When the button that was pressed is gone: to what can be done next with that thing, else to its part of the world. */
function keepFocus(id: string, panel: HTMLElement | null | undefined): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    const next = movesOf(id)?.querySelector<HTMLElement>('button:enabled');
    (next ?? panel)?.focus();
  });
}

/** Somebody does something of their own accord. */
export function useBegin(place: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deed: Deed) =>
      call<SandboxItem>(`/sandbox/${path(place)}`, { method: 'POST', body: deed }),
    onSettled: () => client.invalidateQueries({ queryKey: ['sandbox', place] }),
  });
}

/** Lets the outside world play itself, or not. */
export function usePlayer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (player: Player) =>
      call<Player>('/sandbox/player', { method: 'PUT', body: player }),
    onSuccess: (player) =>
      client.setQueryData<SandboxView>(
        sandboxQuery.queryKey,
        (known) => known && { ...known, player },
      ),
  });
}
