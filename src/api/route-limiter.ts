import { type Backoff, backoffMs } from '../backoff.ts';
import type { Clock, Random } from '../clock.ts';
import type { Limiter } from './limiter.ts';

const BACKOFF: Backoff = { firstMs: 1_000, mostMs: 60_000 };

interface RouteState {
  failures: number;
  notBeforeMs: number;
}

/** A limiter that waits after a refusal: as long as Retry-After says, else longer after each failure in a row. */
export function createRouteLimiter(clock: Clock, random: Random): Limiter {
  const routes = new Map<string, RouteState>();
  return {
    async acquire(route, _priority, signal) {
      for (;;) {
        signal.throwIfAborted();
        const waitMs = (routes.get(route)?.notBeforeMs ?? 0) - clock.monotonicMs();
        if (waitMs <= 0) return;
        await clock.sleep(waitMs, signal);
      }
    },
    report(route, { status, retryAfterMs }) {
      if (status !== undefined && status !== 429 && status < 500) {
        routes.delete(route);
        return;
      }
      const failures = (routes.get(route)?.failures ?? 0) + 1;
      const waitMs = backoffMs(BACKOFF, failures, random, retryAfterMs);
      routes.set(route, { failures, notBeforeMs: clock.monotonicMs() + waitMs });
    },
  };
}
