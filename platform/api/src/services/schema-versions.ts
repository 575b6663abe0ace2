import type { PluginDefinition } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';

/** A version of an action's schema that open runs may reach, and that a plugin no longer keeps. */
export interface DroppedVersion {
  plugin: string;
  action: string;
  schemaVersion: number;
  journeys: string[];
  /** Open runs of the versions that pinned it. */
  runs: number;
}

/**
 * The schema versions that open runs may reach and that these plugins do not keep. A published version pins the schema version of each
 * of its actions. Plugins that are not given are not looked at.
 */
export async function droppedVersions(
  store: Pick<Store, 'journeys' | 'runs'>,
  plugins: readonly PluginDefinition[],
): Promise<DroppedVersion[]> {
  const byId = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const found = new Map<string, DroppedVersion>();
  let cursor: string | undefined;
  do {
    const page = await store.journeys.list({
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { key } of page.items) await lookAt(key);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return [...found.values()];

  async function lookAt(journey: string): Promise<void> {
    for (const { number } of await store.journeys.versions(journey)) {
      const version = await store.journeys.version(journey, number);
      const missing = Object.values(version?.plan.steps ?? {}).flatMap((step) => {
        if (step.kind !== 'action') return [];
        const plugin = byId.get(step.plugin);
        return plugin && !keeps(plugin, step.action, step.schemaVersion) ? [step] : [];
      });
      if (missing.length === 0) continue;
      const filter = { journey, version: number };
      const runs =
        (await store.runs.count({ ...filter, status: 'active' })) +
        (await store.runs.count({ ...filter, status: 'held' }));
      if (runs === 0) continue;
      const named = new Map(
        missing.map((step) => [`${step.plugin}/${step.action}@${step.schemaVersion}`, step]),
      );
      for (const [name, { plugin, action, schemaVersion }] of named) {
        const known = found.get(name) ?? { plugin, action, schemaVersion, journeys: [], runs: 0 };
        known.runs += runs;
        if (!known.journeys.includes(journey)) known.journeys.push(journey);
        found.set(name, known);
      }
    }
  }
}

function keeps(plugin: PluginDefinition, name: string, schemaVersion: number): boolean {
  const action = Object.hasOwn(plugin.actions, name) ? plugin.actions[name] : undefined;
  return (
    action !== undefined &&
    (action.schemaVersion === schemaVersion || action.earlier?.[schemaVersion] !== undefined)
  );
}

/** In words, for whoever is refused. */
export function droppedWords(dropped: DroppedVersion): string {
  const { plugin, action, schemaVersion, journeys, runs } = dropped;
  return `plugin '${plugin}' no longer keeps version ${schemaVersion} of '${action}', which ${runs} open ${runs === 1 ? 'run' : 'runs'} of ${journeys.map((key) => `'${key}'`).join(', ')} may reach: keep it in 'earlier', or end those runs first`;
}
