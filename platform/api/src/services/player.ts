import { unitInterval, type Json, type JsonObject } from '@sojourn/engine';
import type { RunningSandbox, SandboxItem, SandboxMove } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';
import type { Clock, Log } from '../ports.ts';
import type { Sandbox } from './sandbox.ts';

// The outside world, playing itself.
//
//   Y1. What is done with an item depends on the seed, the item and how it stands, and on nothing else: the same seed plays the same.
//   Y2. Each item rests for the pace between two moves, so that one can watch.
//   Y4. With a thing that stands as it stood before nothing goes wrong again, and nothing is done twice: nobody answers the same text
//       again, or lets coverage lapse for ever; but what was delayed still arrives.
//   Y3. What is set is kept, and goes on after a restart.

/** How the outside world plays itself. */
export interface PlayerSettings {
  /** The channels that play themselves, by plugin. */
  channels: string[];
  /** Seconds between two moves of one item. */
  paceSeconds: number;
  /** How many moves of a hundred go wrong: 0 to 1. */
  failureRate: number;
  /** How many of a thousand items nobody answers at all: 0 to 1. */
  silence: number;
  seed: string;
}

export interface Player {
  settings(): Promise<PlayerSettings>;
  change(settings: PlayerSettings): Promise<PlayerSettings>;
  /** Makes every move that is due. Answers how many those were. */
  play(): Promise<number>;
  close(): void;
}

export interface PlayerDependencies {
  sandbox: Pick<Sandbox, 'move'>;
  sandboxes: ReadonlyMap<string, RunningSandbox>;
  settings: Pick<Store['settings'], 'get' | 'put'>;
  log: Log;
  clock: Clock;
}

const setting = 'sandbox-player';
const tickMs = 250;
const mostItems = 1_000;

/** What stands before anybody chose: everything by hand. */
export const playerAtRest: PlayerSettings = {
  ...{ channels: [], paceSeconds: 5, failureRate: 0.1, silence: 0, seed: 'sojourn' },
};

/** The service that plays the other side. */
export function createPlayer(dependencies: PlayerDependencies): Player {
  const { sandbox, sandboxes, settings, log, clock } = dependencies;
  const rested = new Map<string, { state: string; since: number }>();
  /** What was done with each thing as it stood: the words of both. */
  const played = new Map<string, Set<string>>();
  let known: PlayerSettings | undefined;
  let playing = false;

  const read = async (): Promise<PlayerSettings> =>
    (known ??= {
      ...playerAtRest,
      ...((await settings.get(setting)) as Partial<PlayerSettings> | undefined),
    });

  const playChannel = async (plugin: string, given: PlayerSettings): Promise<number> => {
    const running = sandboxes.get(plugin);
    if (!running) return 0;
    let moved = 0;
    for (const item of (await running.items({ limit: mostItems })).toReversed()) {
      const name = `${plugin}/${item.id}`;
      const state = `${item.state ?? ''}/${(item.moves ?? []).map(({ type }) => type).join()}`;
      const done = played.get(name) ?? new Set<string>();
      const move = done.has(state)
        ? rightMoves(item).find(({ type }) => !done.has(`${state} ${type}`)) // Y4
        : moveOf(item, plugin, given);
      if (!move) {
        rested.delete(name);
        continue;
      }
      const rest = rested.get(name);
      if (rest?.state !== state) {
        rested.set(name, { state, since: clock() });
        if (given.paceSeconds > 0) continue; // Y2
      } else if (clock() - rest.since < given.paceSeconds * 1_000) continue;
      rested.delete(name);
      played.set(name, done.add(state).add(`${state} ${move.type}`));
      await sandbox.move(plugin, item.id, { type: move.type, ...inputOf(move, item, given) });
      moved += 1;
    }
    return moved;
  };

  const play: Player['play'] = async () => {
    const given = await read();
    let moved = 0;
    for (const plugin of given.channels)
      moved += await playChannel(plugin, given).catch((error: unknown) => {
        log.warn(
          { plugin, error: error instanceof Error ? error.name : 'unknown' },
          'the outside world could not make a move; it is tried again',
        );
        return 0;
      });
    return moved;
  };

  const timer = setInterval(() => {
    if (playing || sandboxes.size === 0) return;
    playing = true;
    play()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the player could not look'))
      .finally(() => (playing = false));
  }, tickMs);
  timer.unref();

  return {
    settings: read,
    async change(next) {
      await settings.put(setting, next as unknown as Json);
      known = next;
      return next;
    },
    play,
    close: () => clearInterval(timer),
  };
}

/** What the other side does with an item; undefined when it does nothing, or can do nothing. */
export function moveOf(
  item: SandboxItem,
  plugin: string,
  { seed, failureRate, silence }: PlayerSettings,
): SandboxMove | undefined {
  const moves = item.moves ?? [];
  const draw = (of: string): number =>
    unitInterval(JSON.stringify([seed, plugin, item.id, item.state ?? '', of])); // Y1
  if (draw('silent') < silence) return undefined;
  const wrong = moves.filter(({ harm }) => harm === true);
  const right = rightMoves(item);
  const goesWrong = wrong.length > 0 && draw('wrong') < failureRate;
  if (!goesWrong) return right[0];
  return wrong[Math.floor(draw('which') * wrong.length)];
}

/** The moves by which things go as they should. */
const rightMoves = ({ moves = [] }: SandboxItem): SandboxMove[] =>
  moves.filter(({ harm }) => harm !== true);

/** What is said with a move: the defaults of its form, and one of its examples where it has several. */
function inputOf(move: SandboxMove, item: SandboxItem, { seed }: PlayerSettings): JsonObject {
  const properties = (move.input?.['properties'] ?? {}) as Record<string, JsonObject>;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, rules]) => {
      const examples = rules['examples'];
      if (Array.isArray(examples) && examples.length > 0) {
        const draw = unitInterval(JSON.stringify([seed, item.id, move.type, name]));
        return [[name, examples[Math.floor(draw * examples.length)] ?? null]];
      }
      return 'default' in rules ? [[name, rules['default'] ?? null]] : [];
    }),
  );
}
