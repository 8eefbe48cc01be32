import type { ProblemCode } from '../problems.ts';

export type Mark = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check found. Only `fail` needs a person at once. */
export type Result =
  | { readonly mark: 'ok'; readonly says?: string }
  | { readonly mark: 'warn' | 'fail'; readonly code: ProblemCode; readonly cause: string; readonly action?: string }
  | { readonly mark: 'skipped'; readonly cause: string };

/** One thing that can be looked at. */
export interface Check {
  readonly group: string;
  /** For ever: scripts look at it. */
  readonly id: string;
  /** What is so when it passes. */
  readonly claim: string;
  /** Checks that must have passed, or only warned, before this one can say anything. */
  readonly needs?: readonly string[];
  /** Checks that it waits for, whatever they find. */
  readonly after?: readonly string[];
  /** May reject: an ExitError or a CollectorError becomes a `fail` with its code. */
  readonly run: (signal: AbortSignal) => Promise<Result> | Result;
}

export type Finding = Pick<Check, 'group' | 'id' | 'claim'> & { readonly result: Result };

export function ok(says?: string): Result {
  return says === undefined ? { mark: 'ok' } : { mark: 'ok', says };
}

export function warn(code: ProblemCode, cause: string, action?: string): Result {
  return { mark: 'warn', code, cause, ...(action === undefined ? {} : { action }) };
}

export function fail(code: ProblemCode, cause: string, action?: string): Result {
  return { mark: 'fail', code, cause, ...(action === undefined ? {} : { action }) };
}

export function skipped(cause: string): Result {
  return { mark: 'skipped', cause };
}
