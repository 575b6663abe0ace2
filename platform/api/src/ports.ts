import type { RunEvent } from '@sojourn/engine';

// What the API asks of the rest of the deployment. The composition root gives it.

/** Tells runs what happened. The message stands in the inbox already. */
export interface RunHost {
  tell(runId: string, message: RunEvent): Promise<'told' | 'ended'>;
}

/** Writes a log line: identifiers and numbers, nothing personal. */
export interface Log {
  info(values: object, message: string): void;
  warn(values: object, message: string): void;
  error(values: object, message: string): void;
}

/** The time, in milliseconds since 1970. */
export type Clock = () => number;
