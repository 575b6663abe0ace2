import { createContext, useContext } from 'react';

/** The places in the top bar that a screen fills: in the middle its modes, at the right its actions. */
export interface TopBarPlaces {
  middle: HTMLElement | null;
  right: HTMLElement | null;
}

export const TopBarContext = createContext<TopBarPlaces>({ middle: null, right: null });

/** The top bar's places. */
export function useTopBar(): TopBarPlaces {
  return useContext(TopBarContext);
}
