import { setTimeout as delay } from 'node:timers/promises';

/** Time as an argument, so that the whole collector also runs on simulated time. */
export interface Clock {
  /** Wall-clock time in whole milliseconds since the Unix epoch; may jump. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout fires at once for anything longer (2^31 - 1 ms, 24.8 days). */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    signal.throwIfAborted();
    try {
      await delay(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};

/** A number in [0, 1), as an argument for the same reason as Clock. */
export type Random = () => number;

/** The same clock, whose wall time stands still instead of going back: what is stamped with it keeps its order. */
export function steady(clock: Clock): Clock {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    nowMs() {
      lastMs = Math.max(lastMs, clock.nowMs());
      return lastMs;
    },
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
