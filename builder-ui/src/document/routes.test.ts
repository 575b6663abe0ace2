import { describe, expect, it } from 'vitest';
import { card } from './layout.ts';
import { halfway, pathThrough, portOffset, wayBetween } from './routes.ts';

describe('the way of an edge', () => {
  it('is straight when the port is above the middle of its target', () => {
    expect(wayBetween({ x: 104, y: 56 }, { x: 0, y: 92 })).toEqual([
      { x: 104, y: 56 },
      { x: 104, y: 92 },
    ]);
  });

  it('turns 12 px above its target', () => {
    const way = wayBetween({ x: 52, y: 56 }, { x: 232, y: 92 });

    expect(way.map((point) => point.y)).toEqual([56, 80, 80, 92]);
  });

  it('runs at right angles only', () => {
    const way = wayBetween({ x: 52, y: 56 }, { x: 700, y: 500 }, { obstacles: [{ x: 0, y: 200 }] });

    way.slice(1).forEach((point, index) => {
      const before = way[index]!;
      expect(point.x === before.x || point.y === before.y).toBe(true);
    });
  });

  it('goes round a card that is in its way', () => {
    const box = { x: 0, y: 184 };

    const way = wayBetween({ x: 104, y: 56 }, { x: 0, y: 368 }, { obstacles: [box] });

    way.slice(1).forEach((point, index) => {
      const before = way[index]!;
      const vertical = point.x === before.x;
      const throughBox = vertical && point.x > box.x && point.x < box.x + card.width;
      const beside =
        Math.max(point.y, before.y) <= box.y || Math.min(point.y, before.y) >= box.y + 56;
      expect(!throughBox || beside).toBe(true);
    });
  });

  it('enters a card in the same row from the side', () => {
    const way = wayBetween({ x: 156, y: 56 }, { x: 300, y: 0 });

    expect(way.at(-1)).toEqual({ x: 300, y: 28 });
  });
});

describe('a path', () => {
  it('rounds its corners and keeps its ends', () => {
    const path = pathThrough([
      { x: 0, y: 0 },
      { x: 0, y: 40 },
      { x: 60, y: 40 },
    ]);

    expect(path).toBe('M0 0L0 32Q0 40 8 40L60 40');
  });

  it('carries its number in the middle', () => {
    expect(
      halfway([
        { x: 0, y: 0 },
        { x: 0, y: 10 },
        { x: 30, y: 10 },
      ]),
    ).toEqual({ x: 10, y: 10 });
  });
});

describe('ports', () => {
  it('stand in the middle, at the quarters, or evenly', () => {
    expect(portOffset(0, 1)).toBe(104);
    expect([0, 1].map((index) => portOffset(index, 2))).toEqual([52, 156]);
    expect(portOffset(1, 3)).toBe(104);
  });
});
