import type { JsonObject, OpenConnection, PluginErrorKind } from '../contract.ts';

// What a host and a plugin in a process of its own say to each other. Structured clones: bytes stay bytes.

/** A function of a plugin, by its place. */
export type FunctionName =
  | {
      of: 'action';
      action: string;
      /** Of an earlier schema version that the action keeps. */
      version?: number;
      name: 'perform' | 'reconcile' | 'cancel' | 'compensate' | 'answer' | 'preview';
    }
  | { of: 'options'; action: string; name: string }
  | { of: 'migration'; action: string; version: number }
  | { of: 'connection'; type: string; name: 'check' | 'listen' }
  | { of: 'callbacks'; name: 'verify' | 'receive' };

/** What a call may touch. */
export interface CallContext {
  connection: OpenConnection;
  /** `host:port` on private networks that may be reached all the same. */
  open: readonly string[];
}

export type ToPlugin =
  | { type: 'call'; id: number; call: FunctionName; args: unknown[]; context?: CallContext }
  | { type: 'abort'; id: number }
  /** The report that a line said last is stored. */
  | { type: 'next'; id: number };

export type FromPlugin =
  /** The module is loaded. `functions`: those that it has, as the JSON of their names. */
  | {
      type: 'ready';
      manifest: JsonObject;
      /** The manifests of earlier schema versions, by action and number. */
      earlier: Record<string, Record<string, JsonObject>>;
      functions: string[];
      /** Whether it brings an outside world along. */
      hasSandbox: boolean;
    }
  | { type: 'unusable'; detail: string }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'report'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: FailedCall }
  | { type: 'log'; level: 'info' | 'warn'; message: string; values?: JsonObject };

/** What a plugin threw: a `PluginError` as it is, of anything else its name alone. */
export interface FailedCall {
  name: string;
  known?: { code: string; kind: PluginErrorKind; detail: string; retryAfterMs?: number };
}
