import type { Random } from './clock.ts';

export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** A floor longer than this is asked again after it: a mistyped Retry-After must not end the delivery. */
const LONGEST_FLOOR_MS = 3_600_000;

/** Wait before attempt `attempt` + 1, counted from 1: doubling, capped, its upper half at random; never below the floor. */
export function backoffMs(backoff: Backoff, attempt: number, random: Random, floorMs = 0): number {
  const exponential = Math.min(backoff.initialMs * 2 ** Math.min(attempt - 1, 30), backoff.maxMs);
  const jittered = exponential * (0.5 + random() / 2);
  return Math.max(jittered, Math.min(floorMs, LONGEST_FLOOR_MS));
}
