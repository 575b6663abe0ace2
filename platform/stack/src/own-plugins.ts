import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LiveRegistry, PluginLog } from '@sojourn/plugin-kit';
import {
  foreignPlugin,
  startPluginProcess,
  startStandIn,
  type PluginProcess,
} from '@sojourn/plugin-kit/host';
import type { PluginDefinition } from '@sojourn/plugin-kit';
import type { OutsideWorld } from './sandboxes.ts';

// Plugins that are not ours: folders that are looked at again and again, each plugin in a process of its own. (Node's own watch loses a
// file that an editor replaces by another of the same name.)
//
//   O1. A folder is a plugin when its package.json names one: `"sojourn": { "plugin": "./src/plugin.ts" }`.
//   O2. What is saved runs within two seconds: the new code is loaded beside the old, and takes its place only when it is
//       sound. Until then, and while it is not, the old one goes on.
//   O3. What is under way in the old one is finished there.
//   O4. An id that is taken is refused, and so is code that drops what open runs need.
//   O5. Its stand-in is of the same code: it starts again after the plugin was found sound. A plugin without one that works still
//       runs, and says what is wrong.

/** One own plugin, as it stands. */
export interface OwnPlugin {
  folder: string;
  /** Known once it was loaded. */
  id?: string;
  status: 'loading' | 'ready' | 'broken';
  /** What is wrong with it; the code before it may be running all the same. */
  detail?: string;
  at: number;
}

export interface OwnPlugins {
  list(): OwnPlugin[];
  /** Calls back whenever one of them came, changed or broke. */
  close(): Promise<void>;
}

export interface OwnPluginsOptions {
  /** The folders that hold plugin folders. */
  folders: readonly string[];
  registry: LiveRegistry;
  /** Where on private networks they may connect to: `host:port`. */
  open: () => readonly string[];
  /** Why a plugin may not run, as it is; undefined when it may. */
  refusal: (plugin: PluginDefinition) => Promise<string | undefined>;
  onChange: (plugins: OwnPlugin[]) => void;
  /** Where their stand-ins go; absent where there are none. */
  world?: Pick<OutsideWorld, 'add' | 'remove'>;
  log: PluginLog;
}

interface Held {
  state: OwnPlugin;
  process?: PluginProcess;
  /** What its files were when it was loaded last. */
  files: string;
  loading?: Promise<void>;
}

const lookMs = 400;
const finishMs = 15_000;

/** Loads the plugins in these folders and keeps watching them. Answers once each was tried. */
export async function startOwnPlugins(options: OwnPluginsOptions): Promise<OwnPlugins> {
  const { folders, registry, open, refusal, onChange, world, log } = options;
  const held = new Map<string, Held>();
  let isClosed = false;

  const list = (): OwnPlugin[] => [...held.values()].map(({ state }) => ({ ...state }));
  const become = (one: Held, change: Partial<OwnPlugin>): void => {
    const { detail: _detail, ...kept } = one.state;
    one.state = { ...kept, ...change, at: Date.now() };
    onChange(list());
  };

  /** Starts its outside world; what is wrong with it, if anything (O5). */
  const standInFor = async (
    plugin: PluginDefinition,
    folder: string,
  ): Promise<string | undefined> => {
    try {
      const path = modulePath(folder);
      await world?.add(plugin, (where) => startStandIn({ ...where, path, log }));
      return undefined;
    } catch (error) {
      return `its sandbox does not start: ${error instanceof Error ? error.message : String(error)}`;
    }
  };

  /** Loads what stands in a folder, beside what runs (O2). */
  const load = async (folder: string, one: Held): Promise<void> => {
    become(one, { status: 'loading' });
    let process: PluginProcess | undefined;
    try {
      process = await startPluginProcess({ path: modulePath(folder), log });
      const plugin = foreignPlugin(process, open);
      const { id } = plugin;
      const isTaken =
        one.state.id !== id &&
        (registry.plugin(id) !== undefined ||
          [...held.values()].some((other) => other !== one && other.state.id === id));
      if (isTaken) throw new Error(`there is a plugin '${id}' already: choose another id`); // O4
      const why = await refusal(plugin);
      if (why !== undefined) throw new Error(why); // O4
      if (isClosed || held.get(folder) !== one) throw new Error('it is no longer wanted');
      const before = one.process;
      if (one.state.id !== undefined && one.state.id !== id) {
        registry.remove(one.state.id);
        await world?.remove(one.state.id);
      }
      registry.put(plugin);
      one.process = process;
      void before?.close(finishMs); // O3
      const trouble = process.hasSandbox ? await standInFor(plugin, folder) : undefined;
      become(one, { status: 'ready', id, ...(trouble === undefined ? {} : { detail: trouble }) });
    } catch (error) {
      await process?.close(0);
      const detail = error instanceof Error ? error.message : String(error);
      log.warn('an own plugin could not be loaded', { folder });
      become(one, { status: 'broken', detail });
    }
  };

  /** Loads what was found or has changed, and lets go what is no longer there. */
  const look = (): void => {
    const standing = new Set(folders.flatMap(pluginFolders));
    for (const folder of standing) {
      const files = filesOf(folder);
      const one = held.get(folder) ?? {
        state: { folder, status: 'loading' as const, at: Date.now() },
        files: '',
      };
      if (one.loading || one.files === files) continue;
      held.set(folder, one);
      one.files = files;
      one.loading = load(folder, one).finally(() => delete one.loading);
    }
    for (const [folder, one] of held) {
      if (standing.has(folder)) continue;
      held.delete(folder);
      if (one.state.id !== undefined) {
        registry.remove(one.state.id);
        void world?.remove(one.state.id);
      }
      void one.process?.close(finishMs); // O3
      onChange(list());
    }
  };

  look();
  await Promise.all([...held.values()].flatMap(({ loading }) => loading ?? []));
  const timer = setInterval(look, lookMs);
  return {
    list,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await Promise.all([...held.values()].flatMap(({ loading }) => loading ?? []));
      await Promise.all(
        [...held.values()].flatMap(({ process }) => process?.close(finishMs) ?? []),
      );
    },
  };
}

/** What tells whether any file of a plugin changed: names, sizes and times. */
function filesOf(folder: string): string {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesOf(path);
        const { size, mtimeMs } = statSync(path);
        return `${path} ${size} ${mtimeMs}`;
      })
      .join('\n');
  } catch {
    return `${folder} is changing`; // a file went in this moment: the next look sees what is left
  }
}

/** The folders in `folder` that are plugins (O1). */
function pluginFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => {
      try {
        return statSync(path).isDirectory() && pluginField(path) !== undefined;
      } catch {
        return false; // it went in this moment
      }
    });
}

function modulePath(folder: string): string {
  return resolve(folder, pluginField(folder) ?? '');
}

/** The module that a folder's package.json names as its plugin; undefined when it is none, or is being written. */
function pluginField(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { sojourn } = JSON.parse(text) as { sojourn?: { plugin?: unknown } };
    return typeof sojourn?.plugin === 'string' ? sojourn.plugin : undefined;
  } catch {
    return undefined;
  }
}
