import type { RunningSandbox, SandboxItem } from '@sojourn/plugin-kit';
import { createMemoryStore } from '@sojourn/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlayer, moveOf, playerAtRest, type Player, type PlayerSettings } from './player.ts';

let items: SandboxItem[];
let moves: string[];
let now: number;
let player: Player;
const store = createMemoryStore();
beforeEach(() => {
  items = [];
  moves = [];
  now = 1_000_000;
  player = aPlayer();
});
afterEach(() => player.close());

const title = { en: 'x' };
const anOrder = (id: string, state = 'new'): SandboxItem => ({
  ...{ id, to: 'Ada', state },
  moves: [
    { type: 'pack', title },
    {
      type: 'refuse',
      title,
      harm: true,
      input: { properties: { reason: { default: 'none left' } } },
    },
    { type: 'lose', title, harm: true },
  ],
});
const given = (change: Partial<PlayerSettings>): PlayerSettings => ({ ...playerAtRest, ...change });

function aPlayer(): Player {
  return createPlayer({
    sandboxes: new Map([
      ['pharmacy', { items: () => Promise.resolve([...items]) } as unknown as RunningSandbox],
    ]),
    sandbox: {
      move(plugin, id, action) {
        moves.push(`${plugin}/${id} ${JSON.stringify(action)}`);
        items = items.map((item) =>
          item.id === id ? { ...item, state: 'done', moves: [] } : item,
        );
        return Promise.resolve();
      },
    },
    settings: store.settings,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    clock: () => now,
  });
}

describe('the outside world, playing itself', () => {
  it('does nothing until it is told to', async () => {
    await store.settings.put('sandbox-player', {});
    items = [anOrder('a')];
    expect(await player.play()).toBe(0);
    expect(await player.settings()).toEqual(playerAtRest);
  });

  it('lets each thing rest for the pace (Y2)', async () => {
    await player.change(given({ channels: ['pharmacy'], paceSeconds: 5, failureRate: 0 }));
    items = [anOrder('a')];
    await player.play();
    now += 4_999;
    await player.play();
    expect(moves).toEqual([]);

    now += 1;
    await player.play();
    expect(moves).toEqual(['pharmacy/a {"type":"pack"}']);
    now += 60_000;
    expect(await player.play()).toBe(0); // there is nothing left to do
  });

  it('goes wrong as often as it is told to, and says what its form says by default', async () => {
    await player.change(given({ channels: ['pharmacy'], paceSeconds: 0, failureRate: 1 }));
    items = Array.from({ length: 40 }, (_, index) => anOrder(`o${index}`));
    await player.play();

    expect(moves.filter((move) => move.includes('"refuse","reason":"none left"'))).not.toEqual([]);
    expect(moves.filter((move) => move.includes('"lose"'))).not.toEqual([]);
    expect(moves.filter((move) => move.includes('"pack"'))).toEqual([]);
    const share = (failureRate: number): number =>
      Array.from({ length: 1_000 }, (_, index) =>
        moveOf(anOrder(`x${index}`), 'pharmacy', given({ failureRate })),
      ).filter((move) => move?.harm === true).length / 1_000;
    expect(share(0.2)).toBeGreaterThan(0.15);
    expect(share(0.2)).toBeLessThan(0.25);
  });

  it('leaves a thing alone that stands as it stood before (Y4)', async () => {
    await player.change(given({ channels: ['pharmacy'], paceSeconds: 0, failureRate: 0 }));
    items = [anOrder('a')];
    await player.play();
    items = [anOrder('a', 'packed')];
    await player.play();
    items = [anOrder('a')];
    await player.play();
    expect(moves).toHaveLength(2);
  });

  it('does not leave a thing that went wrong where it stands (Y4)', async () => {
    await player.change(given({ channels: ['pharmacy'], paceSeconds: 0, failureRate: 1 }));
    const delayed: SandboxItem = {
      ...{ id: 'd', to: 'Ada', state: 'on-its-way' },
      moves: [
        { type: 'deliver', title },
        { type: 'delay', title, harm: true },
      ],
    };
    items = [delayed];
    await player.play();
    items = [delayed];
    await player.play();
    items = [delayed];
    await player.play();

    expect(moves).toEqual(['pharmacy/d {"type":"delay"}', 'pharmacy/d {"type":"deliver"}']);
  });

  it('plays the same under the same seed, and another under another (Y1)', () => {
    const played = (seed: string): (string | undefined)[] =>
      Array.from(
        { length: 100 },
        (_, index) =>
          moveOf(anOrder(`x${index}`), 'pharmacy', given({ seed, failureRate: 0.5 }))?.type,
      );
    expect(played('a')).toEqual(played('a'));
    expect(played('a')).not.toEqual(played('b'));
  });

  it('answers some not at all', () => {
    const answered = Array.from({ length: 1_000 }, (_, index) =>
      moveOf(anOrder(`x${index}`), 'pharmacy', given({ silence: 0.3 })),
    ).filter(Boolean).length;
    expect(answered).toBeGreaterThan(650);
    expect(answered).toBeLessThan(750);
  });

  it('goes on as it was set after a restart (Y3)', async () => {
    const set = given({ channels: ['pharmacy'], seed: 'mine' });
    await player.change(set);
    const next = aPlayer();
    expect(await next.settings()).toEqual(set);
    next.close();
  });
});
