/** What keeps the embedded stack from running. The message says what was wrong, where, and what to do. */
export type StackErrorCode =
  | 'home-unusable'
  | 'home-locked'
  | 'home-incompatible'
  | 'disk-full'
  | 'port-taken'
  | 'provision-failed'
  | 'server-failed'
  | 'mongo-password-lost'
  | 'key-refused'
  | 'settings-invalid'
  | 'worker-failed';

export class StackError extends Error {
  readonly code: StackErrorCode;

  constructor(code: StackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StackError';
    this.code = code;
  }
}

/** One way to come by a binary that did not work, and why. */
export interface FailedAttempt {
  source: string;
  reason: string;
}

/** No way to come by a server's binary worked. */
export class ProvisionError extends StackError {
  readonly attempts: readonly FailedAttempt[];

  constructor(what: string, attempts: readonly FailedAttempt[], help: readonly string[]) {
    super(
      'provision-failed',
      [
        `${what} could not be found or fetched. Tried:`,
        ...attempts.map(({ source, reason }) => `  - ${source}: ${reason}`),
        'Any one of these helps:',
        ...help.map((line) => `  - ${line}`),
      ].join('\n'),
    );
    this.name = 'ProvisionError';
    this.attempts = attempts;
  }
}

/** The words of whatever was thrown, with those of its causes. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`;
  return `${error.message}${cause}`;
}

/** The system's code for what was thrown, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
