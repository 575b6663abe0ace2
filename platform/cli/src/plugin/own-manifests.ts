import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isObject } from '@sojourn/engine';
import { PluginLoadError, startPluginProcess } from '@sojourn/plugin-kit/host';
import type { PluginManifest } from '@sojourn/schemas';
import { ownPlugins, root } from './places.ts';

// A journey's file may stand in the folder of the plugin that it uses, or use one of `own-plugins`: their manifests are read in
// processes of their own, as everywhere.

const read = new Map<string, Promise<PluginManifest>>();

/**
 * The manifests of own plugins whose actions documents use and that are not `known`: looked for around `path`, then in
 * `own-plugins`. Rejects with a `PluginLoadError` when one cannot be loaded.
 */
export async function ownManifests(
  path: string,
  documents: readonly unknown[],
  known: readonly PluginManifest[],
): Promise<PluginManifest[]> {
  const has = (manifests: readonly PluginManifest[], wanted: string): boolean =>
    manifests.some(({ id }) => id === wanted);
  const found: PluginManifest[] = [];
  for (const id of new Set(documents.flatMap(pluginsIn))) {
    if (has(known, id)) continue;
    for (const folder of [aroundOf(path), join(ownPlugins, id)]) {
      if (has(found, id)) break;
      const module = folder === undefined ? undefined : moduleIn(folder);
      if (module === undefined) continue;
      const manifest = await manifestOf(module);
      if (manifest.id === id) found.push(manifest);
    }
  }
  return found;
}

/** The module of the plugin in a folder, if one is there. */
function moduleIn(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  const { sojourn } = JSON.parse(readFileSync(file, 'utf8')) as { sojourn?: { plugin?: unknown } };
  return typeof sojourn?.plugin === 'string' ? resolve(folder, sojourn.plugin) : undefined;
}

/** The nearest folder around a file that is a package, within this clone. */
function aroundOf(path: string): string | undefined {
  for (let at = dirname(resolve(path)); at.startsWith(root); at = dirname(at))
    if (existsSync(join(at, 'package.json'))) return at;
  return undefined;
}

function pluginsIn(document: unknown): string[] {
  const steps = isObject(document) && isObject(document['steps']) ? document['steps'] : {};
  return Object.values(steps).flatMap((step) =>
    isObject(step) && typeof step['uses'] === 'string' ? [step['uses'].split('/')[0] ?? ''] : [],
  );
}

async function manifestOf(module: string): Promise<PluginManifest> {
  const begun = read.get(module) ?? load(module);
  read.set(module, begun);
  return await begun;
}

async function load(module: string): Promise<PluginManifest> {
  const log = { info: () => undefined, warn: () => undefined };
  const process = await startPluginProcess({ path: module, log }).catch((error: unknown) => {
    if (!(error instanceof PluginLoadError)) throw error;
    throw new PluginLoadError(`${module}: ${error.message}`, { cause: error });
  });
  await process.close(0);
  return process.manifest as unknown as PluginManifest;
}
