// Verbs that the screen in front offers to the command palette. A screen registers them while it is open.
import { useEffect } from 'react';
import { createStore, useStore } from 'zustand';

/** Something that can be done or gone to from the palette. */
export interface Command {
  id: string;
  group: 'do' | 'steps' | 'journeys' | 'runs' | 'screens';
  label: string;
  detail?: string;
  keys?: string;
  run: () => void;
}

interface CommandState {
  sources: Record<string, readonly Command[]>;
  open: boolean;
  keysOpen: boolean;
}

/** What the palette offers, and whether it and the list of keys are open. */
export const commandStore = createStore<CommandState>()(() => ({
  sources: {},
  open: false,
  keysOpen: false,
}));

/** A part of the palette's state. */
export function useCommands<Part>(selector: (state: CommandState) => Part): Part {
  return useStore(commandStore, selector);
}

/** Offers commands while the component that calls it is on screen. */
export function useOffer(source: string, commands: readonly Command[]): void {
  useEffect(() => {
    commandStore.setState(({ sources }) => ({ sources: { ...sources, [source]: commands } }));
    return () =>
      commandStore.setState(({ sources }) => {
        const { [source]: _gone, ...others } = sources;
        return { sources: others };
      });
  }, [source, commands]);
}
