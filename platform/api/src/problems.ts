import { InvalidCursorError, SubjectErasedError } from '@sojourn/store';

// What can go wrong with a request, and how that is said (RFC 9457). The catalogue of codes is errors.md.
//
//   Q1. The status follows from the kind, here and nowhere else.
//   Q2. What we did not expect is a bare 500 with the request's id: nothing of it leaves the log.

/** One thing that is wrong with an input. `pointer` is a JSON pointer into the body. */
export interface InputFault {
  pointer: string;
  detail: string;
  code?: string;
}

const statusOfKind = {
  malformed: 400,
  unauthenticated: 401,
  'not-allowed': 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-type': 415,
  misdirected: 421,
  'invalid-input': 422,
  'precondition-required': 428,
  'too-many': 429,
  'channel-failed': 502,
  unavailable: 503,
} as const;

type ProblemKind = keyof typeof statusOfKind;

/** A request that cannot be met, with its code in the catalogue. */
export abstract class DomainError extends Error {
  abstract readonly kind: ProblemKind;
  readonly code: string;
  /** More members of the problem: `errors`, `yours`, `theirs` … */
  readonly extensions: Record<string, unknown>;

  constructor(
    code: string,
    detail: string,
    extensions: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = new.target.name;
    this.code = code;
    this.extensions = extensions;
  }
}

/** The request cannot be read: no JSON, a query that means nothing. */
export class MalformedError extends DomainError {
  readonly kind = 'malformed';
}

/** Nobody known is asking. */
export class UnauthenticatedError extends DomainError {
  readonly kind = 'unauthenticated';
}

/** Whoever asks may not. */
export class NotAllowedError extends DomainError {
  readonly kind = 'not-allowed';
}

/** There is no such thing. */
export class NotFoundError extends DomainError {
  readonly kind = 'not-found';
}

/** It cannot be done as things stand. */
export class ConflictError extends DomainError {
  readonly kind = 'conflict';
}

/** It was there, and is no more. */
export class GoneError extends DomainError {
  readonly kind = 'gone';
}

/** Somebody else changed it meanwhile. */
export class PreconditionFailedError extends DomainError {
  readonly kind = 'precondition-failed';
}

/** A change that must say what it is based on. */
export class PreconditionRequiredError extends DomainError {
  readonly kind = 'precondition-required';
}

/** More than is taken at once. */
export class TooLargeError extends DomainError {
  readonly kind = 'too-large';
}

/** A content type that is not read here. */
export class UnsupportedTypeError extends DomainError {
  readonly kind = 'unsupported-type';
}

/** A host name that is not ours. */
export class MisdirectedError extends DomainError {
  readonly kind = 'misdirected';
}

/** Asked too often. */
export class TooManyError extends DomainError {
  readonly kind = 'too-many';
}

/** A channel could not do it. */
export class ChannelFailedError extends DomainError {
  readonly kind = 'channel-failed';
}

/** It works again later. */
export class UnavailableError extends DomainError {
  readonly kind = 'unavailable';
}

/** The input is wrong: every fault with its place. */
export class InvalidInputError extends DomainError {
  readonly kind = 'invalid-input';
  readonly faults: readonly InputFault[];

  constructor(
    code: string,
    detail: string,
    faults: readonly InputFault[],
    extensions: Record<string, unknown> = {},
  ) {
    super(code, detail, { errors: faults, ...extensions });
    this.faults = faults;
  }
}

/** An invalid input with one fault. */
export function invalidAt(pointer: string, detail: string, code = 'input-invalid'): DomainError {
  return new InvalidInputError(code, `${pointer || 'The body'}: ${detail}`, [{ pointer, detail }]);
}

/** Every code there is, with its title. A test holds it and errors.md together. */
export const problemTitles = {
  'action-unknown': 'No such action',
  'body-malformed': 'The body cannot be read',
  'body-too-large': 'The body is too large',
  'callback-late': 'The callback came too late',
  'channel-failed': 'The channel failed',
  'command-invalid': 'The command is incomplete',
  'confirmation-needed': 'A confirmation is needed',
  'connection-in-use': 'The connection is in use',
  'connection-invalid': 'The connection is wrong',
  'content-type': 'The content type is not read here',
  'cursor-invalid': 'The cursor is unknown',
  'draft-changed': 'The draft was changed meanwhile',
  'erasure-waits': 'The erasure is not complete yet',
  'host-unknown': 'The host name is not ours',
  'id-taken': 'The id is taken',
  'idempotency-key-reused': 'The idempotency key was used for something else',
  'if-match-missing': 'If-Match is missing',
  'input-invalid': 'The input is wrong',
  'inputs-invalid': "The data does not fit the journey's inputs",
  internal: 'Something went wrong with us',
  'journey-closed': 'The journey is closed',
  'journey-draft': 'The journey is a draft',
  'journey-invalid': 'The journey has errors',
  'journey-paused': 'The journey is paused',
  'key-failed': 'The run key could not be computed',
  'key-taken': 'The key is taken',
  'no-longer-applies': 'The command no longer applies',
  'no-manual-entry': 'The journey has no manual entry',
  'no-migration': 'The plugin has no way from the older form',
  'not-for-us': 'No trigger matches',
  'not-found': 'Not found',
  'not-published': 'The journey is not published',
  'nothing-changed': 'Nothing has changed',
  'origin-refused': 'The request comes from another site',
  'policy-changed': 'The policy was changed meanwhile',
  'policy-invalid': 'The policy is wrong',
  'query-invalid': 'The query is wrong',
  'rate-limited': 'Too many requests',
  'reentry-never': 'This key has entered before',
  'sandbox-action': 'The other side cannot do that',
  'sign-in-needed': 'Sign in first',
  'signature-invalid': 'The signature is wrong',
  'still-inside': 'The earlier run has not ended',
  'subject-erased': 'The person was erased',
  'subject-type': 'The journey is for another type of subject',
  'task-answer-invalid': 'The answer does not fit the task',
  'task-changed': 'Something happened to the task meanwhile',
  'task-hand-over-invalid': 'The task cannot go there',
  'task-held': 'Somebody else has the task',
  'task-later': 'The task is back later',
  'task-over': 'The task is over',
  'too-soon': 'The earlier run ended too recently',
  'version-taken': 'Somebody published meanwhile',
  'warnings-not-accepted': 'Warnings were not accepted',
} as const satisfies Record<string, string>;

/** A problem as it is answered. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  instance: string;
  [extension: string]: unknown;
}

/** The problem of an error; `expected` is false when it must be logged whole (Q2). */
export function problemOf(
  error: unknown,
  requestId: string,
): { problem: Problem; expected: boolean } {
  const known = asDomainError(error);
  if (!known)
    return { problem: problem('internal', 500, undefined, requestId, {}), expected: false };
  const { code, kind, message, extensions } = known;
  return {
    problem: problem(code, statusOfKind[kind], message, requestId, extensions),
    expected: true,
  };
}

function problem(
  code: string,
  status: number,
  detail: string | undefined,
  instance: string,
  extensions: Record<string, unknown>,
): Problem {
  const titles: Record<string, string> = problemTitles;
  return {
    type: `/problems/${code}`,
    title: titles[code] ?? code,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    instance,
    ...extensions,
  };
}

function asDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error instanceof InvalidCursorError)
    return new MalformedError('cursor-invalid', 'ask for the first page without a cursor');
  if (error instanceof SubjectErasedError)
    return new ConflictError(
      'subject-erased',
      'the person was erased: put the subject again before anything is kept about them',
    );
  return ofTransport(error);
}

/** What the transport itself refused: a body too large, an unknown encoding, an address that cannot be decoded. */
function ofTransport(error: unknown): DomainError | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  switch (error.status) {
    case 413:
      return new TooLargeError('body-too-large', 'the body is larger than this call takes');
    case 415:
      return new UnsupportedTypeError('content-type', error.message);
    case 400:
      return new MalformedError('body-malformed', 'the request cannot be read');
    default:
      return undefined;
  }
}
