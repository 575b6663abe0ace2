import type { Json, JsonObject } from '@sojourn/engine';
import { PluginError, type ActionDefinition, type PluginRegistry } from '@sojourn/plugin-kit';
import type { JourneyDocument } from '@sojourn/schemas';
import type { Store } from '@sojourn/store';
import { ChannelFailedError, ConflictError, invalidAt, NotFoundError } from '../problems.ts';
import type { Journeys } from './journeys.ts';

// Configs of steps, brought up to what their plugins ask for now.
//
//   U1. Nothing is changed here: a designer takes what is offered, or leaves it.
//   U2. A step is offered it when it was published for an older schema version than the action has now, and stands in the draft as it
//       was published, or does not fit any more.

/** A step whose config may be brought up to date. */
export interface UpgradeOffer {
  step: string;
  /** `plugin/action`. */
  uses: string;
  /** The schema version that it was published for, and the one that the action has now. */
  from: number;
  to: number;
}

export interface Upgrades {
  /** The steps of a draft that may be brought up to date. */
  offers(journey: string): Promise<UpgradeOffer[]>;
  /** A config of an older schema version, as the action's newest wants it. Throws when the plugin has no way, or cannot. */
  upgrade(given: {
    plugin: string;
    action: string;
    from: number;
    config: JsonObject;
  }): Promise<{ config: JsonObject; schemaVersion: number }>;
}

export interface UpgradesDependencies {
  store: Pick<Store, 'journeys'>;
  registry: PluginRegistry;
  diagnose: Journeys['diagnose'];
}

/** The service behind a plugin's migrations. */
export function createUpgrades({ store, registry, diagnose }: UpgradesDependencies): Upgrades {
  const actionOf = (plugin: string, action: string): ActionDefinition => {
    const found = registry.action(plugin, action);
    if (!found) throw new NotFoundError('not-found', `no plugin offers '${plugin}/${action}'`);
    return found;
  };

  return {
    async offers(key) {
      const [journey, draft] = await Promise.all([
        store.journeys.get(key),
        store.journeys.draft(key),
      ]);
      if (!journey || !draft) throw new NotFoundError('not-found', `there is no journey '${key}'`);
      const { latestVersion } = journey;
      const published =
        latestVersion === undefined ? undefined : await store.journeys.version(key, latestVersion);
      if (!published) return [];
      const older = Object.entries(stepsOf(draft.document)).flatMap(([id, step]) => {
        const planned = published.plan.steps[id];
        if (planned?.kind !== 'action' || step.uses !== `${planned.plugin}/${planned.action}`)
          return [];
        const to = registry.action(planned.plugin, planned.action)?.schemaVersion ?? 0;
        const from = planned.schemaVersion;
        if (to <= from) return [];
        const isAsPublished =
          JSON.stringify(step.with ?? {}) === JSON.stringify(withOf(published.document, id));
        return [{ step: id, uses: step.uses, from, to, isAsPublished }];
      });
      if (older.length === 0) return [];
      const faults = (await diagnose(draft.document)).filter(
        ({ severity }) => severity === 'error',
      );
      return older
        .filter(
          ({ step, isAsPublished }) =>
            isAsPublished ||
            faults.some(({ pointer }) => `${pointer}/`.startsWith(`/steps/${step}/with/`)),
        ) // U2
        .map(({ isAsPublished: _isAsPublished, ...offer }) => offer);
    },

    async upgrade({ plugin, action, from, config }) {
      const { schemaVersion, migrations = {} } = actionOf(plugin, action);
      if (from >= schemaVersion)
        throw invalidAt('/from', `'${plugin}/${action}' has no version after ${schemaVersion}`);
      let next = config;
      for (let version = from + 1; version <= schemaVersion; version += 1) {
        const migrate = Object.hasOwn(migrations, version) ? migrations[version] : undefined;
        if (!migrate)
          throw new ConflictError(
            'no-migration',
            `'${plugin}/${action}' does not say how a config of version ${version - 1} becomes one of version ${version}: fill the form in anew`,
          );
        next = await migrated(migrate, next);
      }
      return { config: next, schemaVersion };
    },
  };
}

type Migration = NonNullable<ActionDefinition['migrations']>[number];

async function migrated(migrate: Migration, config: JsonObject): Promise<JsonObject> {
  try {
    return await migrate(structuredClone(config));
  } catch (error) {
    const detail = error instanceof PluginError ? error.message : 'its migration failed';
    throw new ChannelFailedError('channel-failed', `the plugin could not do it: ${detail}`, {});
  }
}

/** The action steps of a document that need not be valid. */
function stepsOf(document: unknown): Record<string, { uses: string; with?: Json }> {
  const steps = (document as Partial<JourneyDocument> | null)?.steps ?? {};
  return Object.fromEntries(
    Object.entries(steps as Record<string, unknown>).flatMap(([id, step]) => {
      const { uses, with: config } = (step ?? {}) as { uses?: unknown; with?: Json };
      return typeof uses === 'string'
        ? [[id, { uses, ...(config === undefined ? {} : { with: config }) }]]
        : [];
    }),
  );
}

function withOf({ steps }: JourneyDocument, id: string): unknown {
  const step = steps[id];
  return step?.kind === 'action' ? (step.with ?? {}) : {};
}
