import type { ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTopBar } from './top-bar.ts';

/** Puts a screen's actions into the top bar. */
export function TopBarActions({ children }: { children: ReactNode }) {
  const { right } = useTopBar();
  return right ? createPortal(children, right) : null;
}

/** Puts a screen's modes into the middle of the top bar. */
export function TopBarMiddle({ children }: { children: ReactNode }) {
  const { middle } = useTopBar();
  return middle ? createPortal(children, middle) : null;
}
