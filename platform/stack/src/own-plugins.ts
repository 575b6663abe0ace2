import { existsSync, readFileSync, readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LiveRegistry, PluginLog } from '@sojourn/plugin-kit';
import { foreignPlugin, startPluginProcess, type PluginProcess } from '@sojourn/plugin-kit/host';
import type { PluginDefinition } from '@sojourn/plugin-kit';

// Plugins that are not ours: folders that are watched, each in a process of its own.
//
//   O1. A folder is a plugin when its package.json names one: `"sojourn": { "plugin": "./src/plugin.ts" }`.
//   O2. What is saved runs within two seconds: the new code is loaded beside the old, and takes its place only when it is
//       sound. Until then, and while it is not, the old one goes on.
//   O3. What is under way in the old one is finished there.
//   O4. An id that is taken is refused, and so is code that drops what open runs need.

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
  log: PluginLog;
}

interface Held {
  state: OwnPlugin;
  process?: PluginProcess;
  /** What changed while it was being loaded: it is loaded again. */
  isStale: boolean;
  loading?: Promise<void>;
}

const settleMs = 150;
const lookMs = 1_000;
const finishMs = 15_000;

/** Loads the plugins in these folders and keeps watching them. Answers once each was tried. */
export async function startOwnPlugins(options: OwnPluginsOptions): Promise<OwnPlugins> {
  const { folders, registry, open, refusal, onChange, log } = options;
  const held = new Map<string, Held>();
  const watchers = new Map<string, FSWatcher>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  const list = (): OwnPlugin[] => [...held.values()].map(({ state }) => ({ ...state }));
  const become = (one: Held, change: Partial<OwnPlugin>): void => {
    const { detail: _detail, ...kept } = one.state;
    one.state = { ...kept, ...change, at: Date.now() };
    onChange(list());
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
      if (isClosed) throw new Error('Sojourn is stopping');
      const before = one.process;
      if (one.state.id !== undefined && one.state.id !== id) registry.remove(one.state.id);
      registry.put(plugin);
      one.process = process;
      become(one, { status: 'ready', id });
      void before?.close(finishMs); // O3
    } catch (error) {
      await process?.close(0);
      const detail = error instanceof Error ? error.message : String(error);
      log.warn('an own plugin could not be loaded', { folder });
      become(one, { status: 'broken', detail });
    }
  };

  const again = (folder: string): void => {
    const one = held.get(folder);
    if (!one || isClosed) return;
    if (one.loading) {
      one.isStale = true;
      return;
    }
    one.isStale = false;
    one.loading = load(folder, one).finally(() => {
      delete one.loading;
      if (one.isStale) again(folder);
    });
  };
  const soon = (folder: string): void => {
    clearTimeout(timers.get(folder));
    timers.set(
      folder,
      setTimeout(() => again(folder), settleMs),
    );
  };

  /** Finds folders that came and went. */
  const look = (): void => {
    const standing = new Set(folders.flatMap(pluginFolders));
    for (const folder of standing) {
      if (held.has(folder)) continue;
      held.set(folder, { state: { folder, status: 'loading', at: Date.now() }, isStale: false });
      watchers.set(
        folder,
        watchFolder(folder, () => soon(folder)),
      );
      again(folder);
    }
    for (const [folder, one] of held) {
      if (standing.has(folder)) continue;
      held.delete(folder);
      watchers.get(folder)?.close();
      watchers.delete(folder);
      if (one.state.id !== undefined) registry.remove(one.state.id);
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
      for (const waiting of timers.values()) clearTimeout(waiting);
      for (const watcher of watchers.values()) watcher.close();
      await Promise.all([...held.values()].flatMap(({ loading }) => loading ?? []));
      await Promise.all(
        [...held.values()].flatMap(({ process }) => process?.close(finishMs) ?? []),
      );
    },
  };
}

function watchFolder(folder: string, onChange: () => void): FSWatcher {
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name === null || !/(^|[/\\])(node_modules|\.git)([/\\]|$)/.test(name)) onChange();
  });
  watcher.on('error', onChange); // the folder went: the next look sees it
  return watcher;
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
