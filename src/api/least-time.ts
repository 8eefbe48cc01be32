import type { Limiter } from './limiter.ts';

/** The least time, in milliseconds, that so many requests take by what was learned of their route; 0 when nothing was. */
export function leastTimeMs(limiter: Pick<Limiter, 'learned'>, route: string, requests: number, nowMs: number): number {
  const limit = limiter.learned().find(each => each.route === route);
  const pausedMs = Math.max(0, (limit?.waitingUntilMs ?? nowMs) - nowMs);
  const perMinute = limit?.requestsPerMinute;
  return pausedMs + (perMinute === undefined ? 0 : (requests * 60_000) / perMinute);
}
