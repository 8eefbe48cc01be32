/** At most `requests` in any `perMs` milliseconds. No header announces it. */
export interface RateLimit {
  readonly requests: number;
  readonly perMs: number;
  /** Whether a 429 says when to come back. */
  readonly retryAfter: boolean;
}

export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterS: number | undefined };

/** Names every route that has no limit of its own. */
export const EVERY_ROUTE = '*';

/** A sliding window for each route. Refused requests do not count. */
export class RateLimits {
  readonly #limits = new Map<string, RateLimit>();
  readonly #taken = new Map<string, number[]>();

  /** With `undefined` the limit is lifted. */
  set(route: string, limit: RateLimit | undefined): void {
    if (limit === undefined) this.#limits.delete(route);
    else this.#limits.set(route, limit);
  }

  /** Takes one request of a route, at a time that never goes back. */
  take(route: string, monotonicMs: number): Verdict {
    const limit = this.#limits.get(route) ?? this.#limits.get(EVERY_ROUTE);
    if (limit === undefined) return { allowed: true };
    const taken = (this.#taken.get(route) ?? []).filter(at => at > monotonicMs - limit.perMs);
    this.#taken.set(route, taken);
    if (taken.length < limit.requests) {
      taken.push(monotonicMs);
      return { allowed: true };
    }
    const freeInMs =
      limit.requests === 0 ? limit.perMs : (taken[taken.length - limit.requests] ?? 0) + limit.perMs - monotonicMs;
    return { allowed: false, retryAfterS: limit.retryAfter ? Math.max(1, Math.ceil(freeInMs / 1000)) : undefined };
  }
}
