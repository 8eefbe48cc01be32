import type { Kind } from './kind.ts';

/** Since when things are missing from a list, Unix milliseconds by the text of their ids. */
export type Missing = Readonly<Record<string, number>>;

/** A list that is read again so soon shows whether an item slipped through between two of its pages. */
export const CONFIRM_MS = 5_000;

export interface Circumstances {
  readonly nowMs: number;
  readonly patienceMs: number;
  /** Whether the API still tells of anything else in the family. */
  readonly isServed: boolean;
}

export interface Judgement {
  /** Missing twice, which is gone. */
  readonly gone: readonly string[];
  readonly missing: Missing;
  /** When to read the list again, because something is missing for the first time. */
  readonly againInMs?: number;
  /** It would be gone if anything of its family were there: that must be looked at first. */
  readonly lacksWitness: boolean;
}

/**
 * What is missing from a list that was read whole is gone when it is missing again. "Not found" for a setting may also
 * be said by an API that fails or by a plan that lost it: that counts only when it is said still after `patienceMs`, and
 * something else of its family is there.
 */
export function judgeMissing(
  { notSet }: Pick<Kind, 'notSet'>,
  ids: readonly string[],
  before: Missing,
  { nowMs, patienceMs, isServed }: Circumstances,
): Judgement {
  const waitMs = waitingMs(notSet, patienceMs);
  const since = ids.map(id => [id, before[id] ?? nowMs] as const);
  const isMissingStill = ([id, sinceMs]: readonly [string, number]) =>
    before[id] !== undefined && nowMs >= sinceMs + waitMs;
  const isGone = (each: readonly [string, number]) => isMissingStill(each) && (isServed || notSet !== true);
  const waiting = since.filter(each => !isGone(each));
  const dueMs = Math.min(...waiting.map(([, sinceMs]) => sinceMs + waitMs));
  return {
    gone: since.filter(isGone).map(([id]) => id),
    missing: Object.fromEntries(waiting),
    ...(dueMs > nowMs && Number.isFinite(dueMs) ? { againInMs: dueMs - nowMs } : {}),
    lacksWitness: waiting.some(isMissingStill),
  };
}

/** When to look for the second time for what was missing, Unix milliseconds; undefined when nothing was. */
export function secondLookAtMs(
  { notSet }: Pick<Kind, 'notSet'>,
  missing: Missing,
  patienceMs: number,
): number | undefined {
  const sinceMs = Math.min(...Object.values(missing));
  return Number.isFinite(sinceMs) ? sinceMs + waitingMs(notSet, patienceMs) : undefined;
}

function waitingMs(notSet: Kind['notSet'], patienceMs: number): number {
  return notSet ? patienceMs : CONFIRM_MS;
}
