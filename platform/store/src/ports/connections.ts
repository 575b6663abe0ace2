import type { JsonObject } from '@sojourn/engine';
import type { ConnectionLimits } from '@sojourn/schemas';

// Connections to providers.

export interface ConnectionRecord {
  id: string;
  plugin: string;
  type: string;
  name: string;
  /** Settings with every secret as `{ sealed: "<text>" }`. */
  settings: JsonObject;
  limits: ConnectionLimits;
  default: boolean;
  health?: { status: 'ok' | 'degraded' | 'down'; latencyMs: number; detail?: string; at: number };
  createdAt: number;
  updatedAt: number;
}

/** What is answered is sealed under roots that this process knows, as far as there are any. */
export interface ConnectionStore {
  insert(connection: ConnectionRecord): Promise<boolean>;
  get(id: string): Promise<ConnectionRecord | undefined>;
  list(): Promise<ConnectionRecord[]>;
  replace(connection: ConnectionRecord): Promise<boolean>;
  /** Notes how a connection is, as long as it is the one that was asked: unchanged since `updatedAt`. Changes nothing else of it. */
  noteHealth(
    id: string,
    health: NonNullable<ConnectionRecord['health']>,
    updatedAt: number,
  ): Promise<boolean>;
  /**
   * Replaces the settings by what `change` makes of them, and nothing else; the record stays as old as it was. False when anything
   * of it was changed meanwhile, and when there is none.
   */
  amend(
    id: string,
    change: (settings: JsonObject) => JsonObject | Promise<JsonObject>,
  ): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  defaultOf(plugin: string): Promise<ConnectionRecord | undefined>;
}
