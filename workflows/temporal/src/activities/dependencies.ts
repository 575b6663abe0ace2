import type { Egress } from '@sojourn/plugin-kit/host';
import type { LinkMaker, PluginRegistry } from '@sojourn/plugin-kit';
import type { ContactFacts, Json, Plan, RunEvent } from '@sojourn/engine';
import type { ConnectionRecord, Store } from '@sojourn/store';

/** What the activities need of the deployment. */
export interface ActivityDependencies {
  store: Pick<
    Store,
    | 'runs'
    | 'effects'
    | 'subjects'
    | 'connections'
    | 'policies'
    | 'contacts'
    | 'journeys'
    | 'intake'
  >;
  plans: { byHash(hash: string): Promise<Plan> };
  /** Other runs: called ones, and those that called. */
  runs: {
    idOf(journey: string, key: string, ordinal: number): string;
    tell(runId: string, message: RunEvent): Promise<unknown>;
  };
  registry: PluginRegistry;
  secrets: { open(record: ConnectionRecord): Record<string, Json> };
  links: {
    for(message: {
      runId: string;
      effect: string;
      plugin: string;
      channel: string;
      purpose?: string;
      subject: { type: string; key: string };
    }): LinkMaker;
    /** Where a provider may report the end of an effect. */
    callback(about: { runId: string; effect: string; plugin: string }): string;
  };
  /** The queues that activities are taken from. */
  queues: {
    /** The one that the running activity was taken from. */
    own(): string;
    /** Whether some worker takes from it. */
    isServed(queue: string): Promise<boolean>;
  };
  /** Says whether the content of a step is approved. Absent: all content is, until there are approvals. */
  approvals?: {
    of(content: {
      planHash: string;
      journey: string;
      step: string;
      channel: string;
      purpose: string | undefined;
    }): Promise<ContactFacts['content']>;
  };
  /** Refuses addresses that plugins may not reach; answers the address to connect to. */
  egress: Egress;
  log: { info(values: object, message: string): void; warn(values: object, message: string): void };
  clock: () => number;
}
