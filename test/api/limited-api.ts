import type { Answer, Limiter, Priority } from '../../src/api/limiter.ts';
import type { Clock } from '../../src/clock.ts';

/** An API that answers or refuses; `atMs` is monotonic. */
export type Api = (atMs: number) => Answer;

const MINUTE_MS = 60_000;
const OK = { status: 200 };
const REFUSED = { status: 429 };

export const unlimited: Api = () => OK;

/** So many requests in each minute; the first minute began `phaseMs` before time zero. */
export function fixedWindow(limit: number, phaseMs = 0): Api {
  let window = -1;
  let count = 0;
  return atMs => {
    const current = Math.floor((atMs + phaseMs) / MINUTE_MS);
    if (current !== window) [window, count] = [current, 0];
    if (count >= limit) return REFUSED;
    count += 1;
    return OK;
  };
}

export function tokenBucket(perMinute: number, burst: number): Api {
  let tokens = burst;
  let filledAtMs = 0;
  return atMs => {
    tokens = Math.min(burst, tokens + ((atMs - filledAtMs) * perMinute) / MINUTE_MS);
    filledAtMs = atMs;
    if (tokens < 1) return REFUSED;
    tokens -= 1;
    return OK;
  };
}

export interface Exchange {
  readonly priority: Priority;
  readonly caller: string;
  readonly askedAtMs: number;
  readonly sentAtMs: number;
  readonly status: number;
}

/** A seeded stand-in for chance. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface TrafficSettings {
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly api: Api;
  readonly random?: () => number;
  /** There and back, give or take a half. */
  readonly roundTripMs?: number;
  readonly signal: AbortSignal;
}

/** Those who ask: tails, backfills and re-verification on one route, and a record of what became of it. */
export class Traffic {
  readonly exchanges: Exchange[] = [];
  readonly #settings: Required<TrafficSettings>;

  constructor(settings: TrafficSettings) {
    this.#settings = { random: seeded(1), roundTripMs: 300, ...settings };
  }

  /** Polls for ever, with `intervalMs` after each answer; comes back 1 s after a refusal. */
  async tail(caller: string, intervalMs: number): Promise<void> {
    await this.#forever(async () => {
      const succeeded = await this.send('live', caller);
      await this.#settings.clock.sleep(succeeded ? intervalMs : 1_000, this.#settings.signal);
    });
  }

  /** Sends until so many requests succeeded. */
  async work(priority: Priority, caller: string, requests = Number.POSITIVE_INFINITY): Promise<void> {
    let left = requests;
    await this.#forever(async () => {
      if (await this.send(priority, caller)) left -= 1;
      return left > 0;
    });
  }

  async send(priority: Priority, caller: string): Promise<boolean> {
    const { clock, limiter, api, random, roundTripMs, signal } = this.#settings;
    const askedAtMs = clock.monotonicMs();
    const permit = await limiter.acquire({ route: ROUTE, priority, caller }, signal);
    const sentAtMs = clock.monotonicMs();
    const oneWayMs = (roundTripMs / 2) * (0.5 + random());
    await clock.sleep(oneWayMs, signal);
    const answer = api(clock.monotonicMs());
    await clock.sleep(oneWayMs, signal);
    limiter.report(permit, answer);
    const status = answer.status ?? 0;
    this.exchanges.push({ priority, caller, askedAtMs, sentAtMs, status });
    return status === 200;
  }

  async #forever(step: () => Promise<unknown>): Promise<void> {
    try {
      while ((await step()) !== false);
    } catch (error) {
      if (!this.#settings.signal.aborted) throw error;
    }
  }
}

export const ROUTE = '/organization/audit_logs';

/** The times between a tail's polls that succeeded. */
export function pauses(exchanges: readonly Exchange[], caller: string, sinceMs: number): readonly number[] {
  const polls = exchanges.filter(each => each.caller === caller && each.priority === 'live' && each.status === 200);
  const times = polls.map(each => each.sentAtMs).filter(atMs => atMs >= sinceMs);
  return times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
}
