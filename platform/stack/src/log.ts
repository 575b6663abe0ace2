import type { Log } from '@sojourn/api';
import { destination, pino } from 'pino';

/** Never in a log, wherever a line carries it. */
const redact = ['*.email', '*.phone', '*.to', '*.password', '*.token', '*.secret'];

/** A log in a file: one JSON line each, identifiers and numbers only. */
export function createLog(path: string): Log {
  return pino(
    { level: 'info', base: null, redact },
    destination({ dest: path, mkdir: true, sync: false }),
  );
}
