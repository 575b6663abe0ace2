import { randomUUID } from 'node:crypto';
import { evaluate, type JsonObject } from '@sojourn/engine';
import {
  checkValue,
  PluginError,
  renderConfig,
  RenderError,
  type ActionDefinition,
  type LinkMaker,
  type PerformResult,
  type PluginRegistry,
} from '@sojourn/plugin-kit';
import type { PreviewRequest, PreviewSendRequest, PreviewView } from '@sojourn/schemas';
import type { ConnectionRecord, Store } from '@sojourn/store';
import type { ApiDependencies, Clock } from '../ports.ts';
import {
  ChannelFailedError,
  InvalidInputError,
  invalidAt,
  NotFoundError,
  UnavailableError,
} from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { SubjectName } from './subjects.ts';

/** What a step would do, for one person, before anybody enters. */
export interface Previews {
  /** The rendered config, and what the channel would make of it. Does nothing. */
  render(request: PreviewRequest): Promise<PreviewView>;
  /** Performs the action once, for the recipient given: "send me this". */
  send(request: PreviewSendRequest, caller: Caller): Promise<PerformResult>;
}

export interface PreviewsDependencies {
  store: Pick<Store, 'subjects' | 'connections'>;
  registry: PluginRegistry;
  pluginContext: ApiDependencies['pluginContext'];
  baseUrl: string;
  audit: Audit;
  clock: Clock;
}

const attemptMs = 10_000;

/** The service behind previews. */
export function createPreviews(dependencies: PreviewsDependencies): Previews {
  const { store, registry, pluginContext, baseUrl, audit, clock } = dependencies;

  const actionOf = (uses: string): { plugin: string; action: ActionDefinition } => {
    const [plugin = '', name = ''] = uses.split('/');
    const action = registry.action(plugin, name);
    if (!action) throw invalidAt('/uses', `no plugin offers '${uses}'`, 'action-unknown');
    return { plugin, action };
  };

  const attributesOf = async (subject: SubjectName | undefined): Promise<JsonObject> => {
    if (!subject) return {};
    const record = await store.subjects.get(subject.type, subject.key);
    if (!record) throw new NotFoundError('not-found', 'there is no such subject');
    return record.attributes;
  };

  const rendered = (
    action: ActionDefinition,
    config: JsonObject,
    subject: SubjectName | undefined,
    attributes: JsonObject,
  ): JsonObject => {
    const scope = {
      subject: { ...attributes, ...subject },
      entry: {},
      vars: {},
      steps: {},
      run: { id: 'preview', key: subject?.key ?? 'preview', startedAt: new Date(clock()) },
      now: new Date(clock()),
    };
    try {
      return renderConfig(config, action.config, {
        scope,
        evaluate: (cel) => {
          const answer = evaluate(cel, scope);
          if (!answer.ok) throw new Error(`'${cel}': ${answer.message}`);
          return answer.value;
        },
      });
    } catch (error) {
      if (error instanceof RenderError) throw invalidAt(`/with${error.pointer}`, error.message);
      throw error;
    }
  };

  const requireFits = (action: ActionDefinition, config: JsonObject): void => {
    const faults = checkValue(action.config, config).map((fault) => ({
      ...fault,
      pointer: `/with${fault.pointer}`,
    }));
    const first = faults[0];
    if (first)
      throw new InvalidInputError('input-invalid', `${first.pointer}: ${first.detail}`, faults);
  };

  const connectionFor = async (
    plugin: string,
    action: ActionDefinition,
    id: string | undefined,
  ): Promise<ConnectionRecord | undefined> => {
    if (action.connection === undefined) return undefined;
    const record =
      id === undefined
        ? await store.connections.defaultOf(plugin)
        : await store.connections.get(id);
    if (record?.plugin === plugin && record.type === action.connection) return record;
    throw invalidAt(
      '/connection',
      id === undefined
        ? `there is no default connection of '${plugin}': name one`
        : `'${id}' is no '${action.connection}' connection of '${plugin}'`,
    );
  };

  const perform = async (work: () => Promise<PerformResult>): Promise<PerformResult> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PluginError)
        throw error.kind === 'rate-limited'
          ? new UnavailableError('channel-failed', error.message)
          : new ChannelFailedError('channel-failed', error.message, { reason: error.code });
      throw error;
    }
  };

  return {
    async render(request) {
      const { action } = actionOf(request.uses);
      const attributes = await attributesOf(request.subject);
      const config = rendered(action, request.with as JsonObject, request.subject, attributes);
      requireFits(action, config);
      const subject = { ...(request.subject ?? { type: 'visitor', key: 'preview' }), attributes };
      return { config, ...(await shown(action, { config, subject })) };
    },

    async send(request, caller) {
      const { plugin, action } = actionOf(request.uses);
      if (action.contact !== true)
        throw invalidAt('/uses', `'${request.uses}' contacts nobody`, 'action-unknown');
      const subject = request.subject ?? { type: 'visitor', key: 'preview' };
      const attributes = {
        ...(await attributesOf(request.subject)),
        ...{ email: request.to, phone: request.to },
      };
      const given: JsonObject = { ...(request.with as JsonObject) };
      delete given['to']; // it goes to whoever asked, never to whom the step names
      const config = rendered(action, given, subject, attributes);
      requireFits(action, config);
      const record = await connectionFor(plugin, action, request.connection);
      const key = `preview/${randomUUID()}`;
      await audit.note(caller, {
        what: 'preview-sent',
        target: record === undefined ? `plugin/${plugin}` : `connection/${record.id}`,
        after: { uses: request.uses, key },
      });
      return await perform(() =>
        action.perform(
          {
            config,
            subject: { ...subject, attributes },
            idempotencyKey: key,
            attempt: 1,
            deadline: clock() + attemptMs,
            links: plainLinks(baseUrl),
          },
          pluginContext(record, plugin, attemptMs),
        ),
      );
    },
  };
}

/** What the channel makes of the config; a config that it refuses is the caller's to mend. */
async function shown(
  action: ActionDefinition,
  request: Parameters<NonNullable<ActionDefinition['preview']>>[0],
): Promise<JsonObject> {
  try {
    return (await action.preview?.(request)) ?? {};
  } catch (error) {
    if (error instanceof PluginError) throw invalidAt('/with', error.message);
    throw error;
  }
}

/** Links of a message that is about no run: they lead where they point, and report nothing. */
function plainLinks(baseUrl: string): LinkMaker {
  return {
    click: (target) => target,
    open: () => `${baseUrl}/t/preview`,
    unsubscribe: () => `${baseUrl}/u/preview`,
  };
}
