import type { Json } from '@sojourn/engine';

// Facts of the deployment, and leases of its processes.

/** Small values under a name: deployment facts, idempotent answers. */
export interface SettingsStore {
  get(name: string): Promise<Json | undefined>;
  put(name: string, value: Json): Promise<void>;
  /** Stores `value` when nothing stands under `name`; answers what stands. */
  putOnce(name: string, value: Json): Promise<{ stored: boolean; value: Json }>;
}

/** What one process alone may do, for as long as it says that it does it. */
export interface LeaseStore {
  /** Takes a lease that nobody holds at `at`, or keeps one's own, until `until`. False while another holds it. */
  take(name: string, holder: string, at: number, until: number): Promise<boolean>;
  /** Gives it back. Nothing when another holds it. */
  drop(name: string, holder: string): Promise<void>;
}
