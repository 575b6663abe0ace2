import type { JsonObject } from '@sojourn/engine';
import { PluginError, type OptionPage, type PluginRegistry } from '@sojourn/plugin-kit';
import type { Store } from '@sojourn/store';
import type { ApiDependencies, Clock } from '../ports.ts';
import { ChannelFailedError, NotFoundError } from '../problems.ts';

// Choices for the fields of a form, as a plugin finds them.
//
//   C1. A form never waits for longer than three seconds: then the field is a plain one.
//   C2. The same question is asked once a minute, however many type the same: a provider's limit is for sends.

/** Finds choices. */
export interface Options {
  find(question: {
    plugin: string;
    action: string;
    name: string;
    search: string;
    cursor?: string;
    config: JsonObject;
    connection?: string;
  }): Promise<OptionPage>;
}

export interface OptionsDependencies {
  store: Pick<Store, 'connections'>;
  registry: PluginRegistry;
  pluginContext: ApiDependencies['pluginContext'];
  clock: Clock;
}

const answerMs = 3_000;
const keptMs = 60_000;
const mostKept = 500;

/** The service that asks plugins for choices. */
export function createOptions(dependencies: OptionsDependencies): Options {
  const { store, registry, pluginContext, clock } = dependencies;
  const kept = new Map<string, { until: number; page: Promise<OptionPage> }>();

  return {
    async find({ plugin, action, name, connection: id, search, cursor, config }) {
      const definition = registry.action(plugin, action);
      const options = definition?.options ?? {};
      const find = Object.hasOwn(options, name) ? options[name] : undefined;
      if (!find)
        throw new NotFoundError('not-found', `'${plugin}/${action}' offers no choices '${name}'`);
      const connection =
        definition?.connection === undefined
          ? undefined
          : id === undefined
            ? await store.connections.defaultOf(plugin)
            : await store.connections.get(id);
      const question = JSON.stringify([
        plugin,
        action,
        name,
        connection?.id,
        search,
        cursor,
        config,
      ]);
      const known = kept.get(question);
      if (known && known.until > clock()) return await known.page; // C2
      const query = { search, config, ...(cursor === undefined ? {} : { cursor }) };
      const page = within(async () => find(query, pluginContext(connection, plugin, answerMs)));
      kept.delete(question);
      if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '');
      kept.set(question, { until: clock() + keptMs, page });
      page.catch(() => kept.delete(question)); // a failure is asked again
      return await page;
    },
  };
}

/** The answer, or an error that says why there is none (C1). */
async function within(work: () => Promise<OptionPage>): Promise<OptionPage> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(new ChannelFailedError('channel-failed', 'the plugin did not answer in time', {})),
      answerMs + 200,
    );
  });
  try {
    const { items, nextCursor } = await Promise.race([work(), late]);
    return {
      items: items.map(({ value, label }) => ({ value, label })),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
  } catch (error) {
    if (error instanceof ChannelFailedError) throw error;
    const detail = error instanceof PluginError ? error.message : 'the plugin could not answer';
    throw new ChannelFailedError('channel-failed', detail, {});
  } finally {
    clearTimeout(timer);
  }
}
