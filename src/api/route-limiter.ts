import type { Clock, Random } from '../clock.ts';
import type { NamedTime } from './api-pause.ts';
import { formatLearned, type KeptLimit, parseLearned } from './learned-limits.ts';
import type { Ask, Limiter, Permit } from './limiter.ts';
import { livePaceMs } from './live-reserve.ts';
import { type RateEstimate, restoredRate, unknownRate } from './rate-estimate.ts';
import { RouteBudget } from './route-budget.ts';
import type { Waiter } from './waiting-line.ts';

const HOUR_MS = 3_600_000;
/** A rate outside of this was not learned by us. */
const LEAST_KEPT = 0.5;
const MOST_KEPT = 100_000;

export interface RouteLimiterSettings {
  readonly clock: Clock;
  readonly random: Random;
  /** What `snapshot()` gave before; garbage counts as nothing. */
  readonly learned?: string | undefined;
}

/**
 * A limiter that learns each route's silent limit: it speeds up while nothing is refused, and falls back on a 429 to
 * what was allowed in the minute before. Never needs rate-limit headers; obeys Retry-After.
 */
export function createRouteLimiter({ clock, random, learned }: RouteLimiterSettings): Limiter {
  const routes = new Map<string, RouteDesk>();
  const kept = parseLearned(learned);
  const desk = (route: string): RouteDesk => {
    const known = routes.get(route) ?? new RouteDesk(route, clock, random, kept.get(route) ?? {});
    routes.set(route, known);
    return known;
  };
  for (const route of kept.keys()) desk(route);
  return {
    acquire: (ask, signal) => desk(ask.route).acquire(ask, signal),
    report: (permit, answer) => desk(permit.route).report(permit, answer),
    hasSpare: route => desk(route).budget.hasSpare(clock.monotonicMs()),
    livePaceMs: (route, callers) => livePaceMs(routes.get(route)?.budget.rate ?? unknownRate, callers),
    learned: () =>
      [...routes].map(
        ([
          route,
          {
            budget,
            kept: { untilMs },
          },
        ]) => {
          return { route, requestsPerMinute: budget.rate.sure, waitingUntilMs: untilMs };
        },
      ),
    snapshot: () => formatLearned(new Map([...routes].map(([route, { kept }]) => [route, kept]))),
  };
}

/** One route's budget with a clock: wakes those who wait when their time has come. */
class RouteDesk {
  readonly budget: RouteBudget;
  readonly #clock: Clock;
  #alarm = new AbortController();

  constructor(route: string, clock: Clock, random: Random, kept: KeptLimit) {
    const nowMs = clock.monotonicMs();
    const known = { rate: rateOf(kept, nowMs), named: namedOf(kept, clock) };
    this.budget = new RouteBudget(route, random, known, nowMs);
    this.#clock = clock;
  }

  acquire({ priority, caller = '' }: Ask, signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.budget.leave(waiter, this.#clock.monotonicMs());
        this.#serve();
        reject(signal.reason);
      };
      const go = (permit: Permit) => {
        signal.removeEventListener('abort', onAbort);
        resolve(permit);
      };
      const waiter: Waiter = { priority, caller, askedAtMs: this.#clock.monotonicMs(), go };
      signal.addEventListener('abort', onAbort, { once: true });
      this.budget.join(waiter);
      this.#serve();
    });
  }

  report(permit: Permit, answer: Parameters<Limiter['report']>[1]): void {
    this.budget.report(permit, answer, this.#clock.monotonicMs());
    this.#serve();
  }

  get kept(): KeptLimit {
    const { sure, ceiling, failures } = this.budget.rate;
    const monotonicMs = this.#clock.monotonicMs();
    const named = this.budget.pause.named(monotonicMs);
    const toWallMs = this.#clock.nowMs() - monotonicMs;
    return {
      ...(sure === undefined ? {} : { sure, failures }),
      ...(ceiling === undefined ? {} : { ceiling }),
      ...(named === undefined ? {} : { untilMs: named.untilMs + toWallMs, askAtMs: named.askAtMs + toWallMs }),
    };
  }

  #serve(): void {
    const nowMs = this.#clock.monotonicMs();
    for (let served = this.budget.serve(nowMs); served !== undefined; served = this.budget.serve(nowMs)) {
      served.waiter.go(served.permit);
    }
    this.#alarm.abort();
    if (this.budget.line.empty) return;
    this.#alarm = new AbortController();
    const waitMs = this.budget.wakeAtMs(nowMs) - nowMs;
    this.#clock.sleep(waitMs, this.#alarm.signal).then(
      () => this.#serve(),
      () => undefined,
    );
  }
}

function rateOf({ sure, ceiling, failures = 0 }: KeptLimit, nowMs: number): RateEstimate {
  if (sure === undefined || sure < LEAST_KEPT || sure > MOST_KEPT) return unknownRate;
  return restoredRate({ sure, ceiling, failures: Math.floor(failures) }, nowMs);
}

/** Kept by the wall clock, which may have been wrong: an hour at most passes before the API is asked. */
function namedOf({ untilMs, askAtMs = 0 }: KeptLimit, clock: Clock): NamedTime | undefined {
  if (untilMs === undefined) return undefined;
  const toMonotonicMs = clock.monotonicMs() - clock.nowMs();
  const soonestAskMs = Math.min(askAtMs, clock.nowMs() + HOUR_MS);
  return { untilMs: untilMs + toMonotonicMs, askAtMs: soonestAskMs + toMonotonicMs };
}
