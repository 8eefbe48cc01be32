import type { Random } from './clock.ts';

/** Waits that double from `firstMs` to `mostMs`, each shortened by up to half, so that many do not come back at once. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The wait before attempt `attempt` + 1, where `attempt` counts failures from 1; at least `floorMs`. */
export function backoffMs(backoff: Backoff, attempt: number, random: Random, floorMs = 0): number {
  const fullMs = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.max(floorMs, fullMs * (1 - random() / 2));
}
