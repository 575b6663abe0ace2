import { describe, expect, it } from 'vitest';
import { shiftIntoView } from './fitting.ts';

const view = { left: 200, top: 48, right: 1000, bottom: 748 };
const card = (left: number, top: number) => ({ left, top, right: left + 208, bottom: top + 56 });

describe('bringing a card into view', () => {
  it('leaves the picture alone when the card is in view', () => {
    expect(shiftIntoView(card(216, 104), view)).toEqual({ x: 0, y: 0 });
  });

  it('moves it no further than it takes', () => {
    expect(shiftIntoView(card(190, 700), view)).toEqual({ x: 26, y: -80 });
  });

  it('shows the beginning of a card larger than the view', () => {
    const wide = { left: 300, top: 300, right: 1300, bottom: 356 };

    expect(shiftIntoView(wide, view)).toEqual({ x: -84, y: 0 });
  });
});
