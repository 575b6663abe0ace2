import pino from 'pino';
import type { Log } from '@sojourn/api';

/** A log in a file: one JSON line each, identifiers and numbers only. */
export function createLog(path: string): Log {
  return pino(
    {
      level: 'info',
      base: undefined,
      redact: ['*.email', '*.phone', '*.to', '*.password', '*.token', '*.secret'],
    },
    pino.destination({ dest: path, mkdir: true, sync: false }),
  );
}
