import { exitCodeOf, type ProblemCode } from './problems.ts';

export type { ProblemCode };

/**
 * What the caller does next:
 * - `retryable`: the same call may succeed later;
 * - `rejected`: this request will be refused again, another one may pass;
 * - `misconfigured`: a person must act (key, scope, path, certificate);
 * - `malformed`: the answer cannot be trusted and is not used.
 */
export type ErrorKind = 'retryable' | 'rejected' | 'misconfigured' | 'malformed';

/** Foreign errors become this one in exactly two places: the API client and the exporter. Its message holds no secret. */
export class CollectorError extends Error {
  override readonly name = 'CollectorError';
  readonly kind: ErrorKind;
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** Floor for the next attempt, where the other side named one. */
  readonly retryAfterMs: number | undefined;
  /** Under which `explain` says more. */
  readonly code: ProblemCode | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    details: {
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly code?: ProblemCode;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.code = details.code;
  }
}

/** Why a command is to stop when nobody reads its results any more (`| head`): an end in order, and nothing to say. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Exit codes of the program, as documented in the README. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stateDamaged: 10, stateInUse: 11, keyRefused: 12 } as const;

/** What an exit code means where nobody says it more closely. */
const OF_EXIT: Readonly<Record<number, ProblemCode>> = {
  [EXIT.usage]: 'usage',
  [EXIT.stateDamaged]: 'state-damaged',
  [EXIT.stateInUse]: 'state-in-use',
  [EXIT.keyRefused]: 'key-refused',
};

/** An error that ends a command: `message` says what is wrong and what to do, `exitCode` is one of {@link EXIT}. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;
  /** Under which `explain` says more. */
  readonly code: ProblemCode;

  /** `what` is a code of the catalogue, which knows its exit code; or an exit code alone. */
  constructor(what: ProblemCode | number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = typeof what === 'number' ? (OF_EXIT[what] ?? 'failed') : what;
    this.exitCode = typeof what === 'number' ? what : exitCodeOf(what);
  }
}
