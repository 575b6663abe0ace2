import type { JsonObject } from '@sojourn/engine';
import type { RunningSandbox, SandboxItem } from '@sojourn/plugin-kit';
import type { SandboxActionRequest } from '@sojourn/schemas';
import type { Store } from '@sojourn/store';
import type { LinkClaim, LinkSigner } from '../links.ts';
import { invalidAt, NotFoundError } from '../problems.ts';
import type { Audit, Caller } from './audit.ts';
import type { ReportInbox } from './report-inbox.ts';

/** The outside world, to be looked at and played. */
export interface Sandbox {
  /** The plugins whose outside world runs here. */
  channels(): string[];
  /** Plays the other side by itself: nobody's doing, so that it stands in no audit. */
  move(plugin: string, id: string, action: { type: string } & JsonObject): Promise<void>;
  /** What somebody of the other side does of their own accord: writes a text, say. */
  begin(plugin: string, action: SandboxActionRequest, caller: Caller): Promise<SandboxItem>;
  items(plugin: string, filter: { to?: string; limit: number }): Promise<SandboxItem[]>;
  item(plugin: string, id: string): Promise<SandboxItem>;
  /** Plays the other side. `matched`: how many of its reports were about a run of ours. */
  act(
    plugin: string,
    id: string,
    action: SandboxActionRequest,
    caller: Caller,
  ): Promise<{ reported: number; matched: number }>;
}

export interface SandboxDependencies {
  store: Pick<Store, 'effects'>;
  sandboxes: ReadonlyMap<string, RunningSandbox>;
  signer: LinkSigner;
  inbox: ReportInbox;
  audit: Audit;
}

/** The service behind the sandbox's pages. */
export function createSandbox(dependencies: SandboxDependencies): Sandbox {
  const { store, sandboxes, signer, inbox, audit } = dependencies;
  const running = (plugin: string): RunningSandbox => {
    const sandbox = sandboxes.get(plugin);
    if (!sandbox) throw new NotFoundError('not-found', 'the sandbox does not run here');
    return sandbox;
  };
  const item: Sandbox['item'] = async (plugin, id) => {
    const found = await running(plugin).item(id);
    if (!found) throw new NotFoundError('not-found', `nothing called '${id}' has arrived`);
    return found;
  };

  const play = async (
    plugin: string,
    id: string,
    action: { type: string } & JsonObject,
  ): Promise<{ reported: number; matched: number }> => {
    const about = await claimIn(await item(plugin, id), signer);
    const found = await done(() => running(plugin).act(id, action));
    let matched = 0;
    const effect = about && `${about.runId}/${about.effect}`;
    const connection = effect && (await store.effects.get(effect))?.connection;
    for (const report of found) {
      if (effect === undefined || connection === undefined) continue;
      const arrival = await inbox.arrive(report, { plugin, connection, effect });
      if (arrival === 'stored') matched += 1;
    }
    return { reported: found.length, matched };
  };

  return {
    channels: () => [...sandboxes.keys()],
    items: (plugin, filter) => running(plugin).items(filter),
    item,
    async move(plugin, id, action) {
      await play(plugin, id, action);
    },
    async begin(plugin, action, caller) {
      const sandbox = running(plugin);
      if (!sandbox.begin)
        throw invalidAt('/type', 'nobody does anything of their own accord there');
      const begun = await done(() =>
        Promise.resolve(sandbox.begin?.(action as unknown as JsonObject & { type: string })),
      );
      await audit.note(caller, {
        what: 'sandbox-action',
        target: `sandbox/${plugin}`,
        after: { type: action.type },
      });
      return begun as SandboxItem;
    },
    async act(plugin, id, action, caller) {
      const played = await play(plugin, id, action as unknown as JsonObject & { type: string });
      await audit.note(caller, {
        what: 'sandbox-action',
        target: `sandbox/${plugin}/${id}`,
        after: { type: action.type },
      });
      return played;
    },
  };
}

/** A sandbox says in plain words what it cannot do. */
async function done<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    throw invalidAt(
      '/type',
      error instanceof Error ? error.message : String(error),
      'sandbox-action',
    );
  }
}

/** What an item of the outside world is about, by the signed link that it carries. */
async function claimIn(
  item: SandboxItem,
  signer: LinkSigner,
): Promise<Extract<LinkClaim, { kind: 'unsubscribe' }> | undefined> {
  for (const match of JSON.stringify(item).matchAll(/\/u\/([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)/g)) {
    const claim = await signer.read(match[1] ?? '');
    if (claim?.kind === 'unsubscribe') return claim;
  }
  return undefined;
}
