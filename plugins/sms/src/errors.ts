import { PluginError } from '@sojourn/plugin-kit';
import { status as smpp } from './protocol.ts';

// What goes wrong, by what it means for the next attempt. Names no number, no text and no password.

/** The line broke, or nobody answered over it. */
export class LineBrokenError extends Error {
  /** Whether the SMSC may have heard what was asked. */
  readonly isSent: boolean;

  constructor(isSent: boolean) {
    super('the line to the SMSC broke');
    this.name = 'LineBrokenError';
    this.isSent = isSent;
  }
}

/** So long an SMSC that has no time is left alone. */
const pauseMs = { throttled: 1_000, full: 10_000 };

const kinds = new Map<number, [PluginError['kind'], string, number?]>([
  [smpp.throttled, ['rate-limited', 'it is asked too often', pauseMs.throttled]],
  [smpp.queueFull, ['rate-limited', 'its queue is full', pauseMs.full]],
  [smpp.alreadyBound, ['rate-limited', 'it has as many lines as it allows', pauseMs.throttled]],
  [smpp.bindFailed, ['auth', 'it refused the line']],
  [smpp.badPassword, ['auth', 'it refused the password']],
  [smpp.badSystemId, ['auth', 'it does not know the system id']],
  [smpp.badDestination, ['permanent', 'it does not take that number']],
  [smpp.badSource, ['permanent', "it does not take the connection's source address"]],
  // An error that is answered says that the text was not taken (SMPP 3.4, 4.4.2): only silence leaves it open.
  [smpp.systemError, ['retryable', 'it has an error of its own']],
  [smpp.temporary, ['retryable', 'it cannot take it now']],
  [smpp.unknown, ['unknown-outcome', 'it does not say what went wrong']],
]);

/** What an SMSC's status means. */
export function statusError(code: number): PluginError {
  const name = `0x${code.toString(16).padStart(2, '0')}`;
  const [kind, why, retryAfterMs] = kinds.get(code) ?? ['permanent', 'it refuses'];
  return new PluginError({
    code: `smpp-${name}`,
    kind,
    detail: `the SMSC answered ${name}: ${why}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A line that broke before anything was asked that leaves a trace. */
export function unreachable(cause?: unknown): PluginError {
  return new PluginError({
    code: 'smpp-unreachable',
    kind: 'retryable',
    detail: 'the SMSC cannot be reached',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Nobody knows whether the SMSC took the text. */
export function unknownOutcome(detail: string): PluginError {
  return new PluginError({ code: 'smpp-unknown-outcome', kind: 'unknown-outcome', detail });
}
