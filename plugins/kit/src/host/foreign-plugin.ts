import type {
  ActionDefinition,
  CallbackDefinition,
  ConnectionDefinition,
  HeardAnswer,
  InboundMessage,
  JsonObject,
  OptionPage,
  OptionQuery,
  PluginContext,
  PluginDefinition,
  ProviderReport,
} from '../contract.ts';
import type { ActionManifest, PluginManifest } from '@sojourn/schemas';
import type { CallContext, FunctionName } from './messages.ts';
import type { PluginProcess } from './plugin-process.ts';

// A plugin in a process of its own, as the rest of Sojourn sees plugins: its functions answer over the channel.

const callMs = 10_000;

/** The definition whose functions run in `process`. `open`: where on private networks it may connect to. */
export function foreignPlugin(
  process: PluginProcess,
  open: () => readonly string[],
): PluginDefinition {
  const manifest = process.manifest as unknown as PluginManifest;
  const contextOf = ({ connection }: PluginContext): CallContext => ({ connection, open: open() });
  const ask = async <Answer>(
    call: FunctionName,
    args: unknown[],
    context: PluginContext,
  ): Promise<Answer> =>
    (await process.call({
      ...{ call, args, withinMs: callMs, context: contextOf(context), signal: context.signal },
    })) as Answer;

  /** Asks a function that touches nothing. */
  const compute = async <Answer>(call: FunctionName, args: unknown[]): Promise<Answer> =>
    (await process.call({ call, args, withinMs: callMs })) as Answer;

  const actionOf = (action: string, shown: ActionManifest, version?: number): ActionDefinition => {
    const name = (
      of: 'perform' | 'reconcile' | 'cancel' | 'compensate' | 'answer' | 'preview',
    ): FunctionName => ({
      ...{ of: 'action', action, name: of },
      ...(version === undefined ? {} : { version }),
    });
    return {
      ...shown,
      perform: (request, context) => {
        const { links, ...rest } = request;
        const grant = links.grant ? { grant: links.grant } : {}; // functions do not travel
        return ask(name('perform'), [{ ...rest, links: grant }], context);
      },
      ...(process.has(name('reconcile'))
        ? {
            reconcile: (key: string, context: PluginContext, written: JsonObject) =>
              ask(name('reconcile'), [key, written], context),
          }
        : {}),
      ...(process.has(name('cancel'))
        ? {
            cancel: (reference: string, context: PluginContext) =>
              ask(name('cancel'), [reference], context),
          }
        : {}),
      ...(process.has(name('compensate'))
        ? {
            compensate: (
              done: Parameters<NonNullable<ActionDefinition['compensate']>>[0],
              context: PluginContext,
            ) => ask(name('compensate'), [done], context),
          }
        : {}),
      options: Object.fromEntries(
        process
          .optionsOf(action)
          .map((of) => [
            of,
            (query: OptionQuery, context: PluginContext) =>
              ask<OptionPage>({ of: 'options', action, name: of }, [query], context),
          ]),
      ),
      migrations: Object.fromEntries(
        process
          .migrationsOf(action)
          .map((to) => [
            to,
            (config: JsonObject) =>
              compute<JsonObject>({ of: 'migration', action, version: to }, [config]),
          ]),
      ),
      ...(process.has(name('answer'))
        ? {
            answer: (message: InboundMessage, written: JsonObject) =>
              compute<HeardAnswer | undefined>(name('answer'), [message, written]),
          }
        : {}),
      ...(process.has(name('preview'))
        ? { preview: (request: unknown) => compute<JsonObject>(name('preview'), [request]) }
        : {}),
    };
  };

  const earlierOf = (action: string): Record<number, ActionDefinition> =>
    Object.fromEntries(
      Object.entries(process.earlier[action] ?? {}).map(([version, shown]) => [
        version,
        actionOf(action, shown as unknown as ActionManifest, Number(version)),
      ]),
    );

  const connectionOf = (
    type: string,
    { checks: _checks, ...shown }: NonNullable<PluginManifest['connections']>[string],
  ): ConnectionDefinition => {
    const name = (of: 'check' | 'listen'): FunctionName => ({ of: 'connection', type, name: of });
    return {
      ...shown,
      ...(process.has(name('check'))
        ? { check: (context: PluginContext) => ask(name('check'), [], context) }
        : {}),
      ...(process.has(name('listen'))
        ? {
            listen: (context: PluginContext) =>
              process.listen({
                ...{ call: name('listen'), args: [], signal: context.signal },
                context: contextOf(context),
              }) as AsyncIterable<ProviderReport>,
          }
        : {}),
    };
  };

  const callbacks: CallbackDefinition = {
    verify: (request, connection) =>
      compute({ of: 'callbacks', name: 'verify' }, [request, connection]),
    receive: (request, context, asked) =>
      ask({ of: 'callbacks', name: 'receive' }, [request, asked], context),
  };

  const { actions, connections, ...rest } = manifest;
  return {
    ...rest,
    actions: Object.fromEntries(
      Object.entries(actions).map(([action, shown]) => [
        action,
        { ...actionOf(action, shown), earlier: earlierOf(action) },
      ]),
    ),
    ...(connections
      ? {
          connections: Object.fromEntries(
            Object.entries(connections).map(([type, shown]) => [type, connectionOf(type, shown)]),
          ),
        }
      : {}),
    ...(process.has({ of: 'callbacks', name: 'verify' }) ? { callbacks } : {}),
  };
}
