import type { RunningSandbox, SandboxItem } from '../contract.ts';

// What a host and the outside world of a plugin that is not ours say to each other.

/** What the other side can be asked. */
export type StandInFunction = 'items' | 'item' | 'act' | 'begin' | 'behave' | 'report' | 'callBack';

export interface ToStandIn {
  id: number;
  name: StandInFunction;
  args: unknown[];
}

export type FromStandIn =
  | {
      type: 'ready';
      connection: RunningSandbox['connection'];
      /** What not every sandbox can do, and this one can. */
      can: ('begin' | 'report' | 'callBack')[];
    }
  | { type: 'unusable'; detail: string }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'failed'; id: number; detail: string }
  | { type: 'arrival'; item: SandboxItem };
