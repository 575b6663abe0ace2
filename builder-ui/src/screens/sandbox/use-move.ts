import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, type RefObject } from 'react';
import { call } from '../../api/client.ts';
import type { Player, SandboxItem, SandboxView } from '../../api/shapes.ts';
import { sandboxQuery } from '../../api/queries.ts';

/** What is done: the move's type, with what is said. */
export type Deed = { type: string } & Record<string, unknown>;

const path = encodeURIComponent;

/** Where the other side was played last: the keyboard goes on there, for a moment after it was done. */
let played: { id: string; panel: HTMLElement | null; until: number } | undefined;
const momentMs = 2_000;

/** Plays the other side of one thing. */
export function useMove(place: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, deed }: { id: string; deed: Deed }) =>
      call(`/sandbox/${path(place)}/${path(id)}/actions`, { method: 'POST', body: deed }),
    onMutate: ({ id }) => {
      const moves = document.querySelector(`[data-moves="${CSS.escape(id)}"]`);
      played = { id, panel: moves?.closest<HTMLElement>('[data-panel]') ?? null, until: Infinity };
      return played;
    },
    onSettled: async (_answer, _error, _variables, own) => {
      await client.invalidateQueries({ queryKey: ['sandbox', place] });
      if (own) own.until = Date.now() + momentMs;
    },
  });
}

/**
 * When the button that was pressed is gone, to what can be done next with that thing, else to its part of the world. The list may be
 * read several times before it has the thing where it is now: each time the keyboard goes along.
 */
export function useKeptFocus(id: string, moves: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (played?.id !== id || Date.now() > played.until) return;
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    if (moves.current === null) played.panel?.focus();
    else moves.current.querySelector<HTMLElement>('button:enabled')?.focus();
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
