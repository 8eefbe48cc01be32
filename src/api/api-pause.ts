import { type Backoff, backoffMs } from '../backoff.ts';
import type { Random } from '../clock.ts';
import type { Permit, Priority } from './limiter.ts';

const HOUR_MS = 3_600_000;
/** After a server error or without an answer. A tail tries again within its poll interval. */
const FAILURE: Backoff = { initialMs: 1_000, maxMs: 60_000 };
const LIVE_FAILURE: Backoff = { initialMs: 1_000, maxMs: 15_000 };
/** After refusals in a row that named no time. */
const MOST_PAUSE_MS = 60_000;
/** A tail asks again so much sooner: the minute of an API that counts by the minute may be over at any time. */
const LIVE_SOONER = 3;

/** The time that the API named, as the next start has to know it. Monotonic milliseconds. */
export interface NamedTime {
  readonly untilMs: number;
  /** When one request may ask whether it still holds. */
  readonly askAtMs: number;
}

/** When a route must be left alone: because the API said so, refuses, or fails. All times are monotonic milliseconds. */
export class ApiPause {
  readonly #random: Random;
  readonly #failures = new Map<Priority, { readonly count: number; readonly untilMs: number }>();
  #named: NamedTime | undefined;
  #namedAtMs = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #pauseMs = 0;

  constructor(random: Random, named: NamedTime | undefined) {
    this.#random = random;
    this.#named = named;
  }

  /** What the API named and is not over. */
  named(nowMs: number): NamedTime | undefined {
    return this.#named !== undefined && this.#named.untilMs > nowMs ? this.#named : undefined;
  }

  /** The first moment at which a request of this priority may go; an urgent one tries as soon as a tail. */
  earliestMs(priority: Priority, urgent: boolean, nowMs: number): number {
    const named = this.named(nowMs);
    const sooner = urgent || priority === 'live' || priority === 'live_more';
    const pauseMs = Math.min(sooner ? this.#pauseMs / LIVE_SOONER : this.#pauseMs, MOST_PAUSE_MS);
    return Math.max(
      named === undefined ? 0 : Math.min(named.untilMs, named.askAtMs),
      this.#failures.get(priority)?.untilMs ?? 0,
      this.#refusedAtMs + pauseMs,
    );
  }

  granted({ grantedAtMs }: Permit): void {
    const named = this.named(grantedAtMs);
    if (named !== undefined) this.#named = { ...named, askAtMs: grantedAtMs + HOUR_MS };
  }

  succeeded({ priority, grantedAtMs }: Permit): void {
    this.#failures.delete(priority);
    if (grantedAtMs > this.#namedAtMs) this.#named = undefined;
    if (grantedAtMs <= this.#refusedAtMs) return;
    this.#refusals = 0;
    this.#pauseMs = 0;
  }

  /** The API failed, or did not answer: this teaches nothing about its limit. */
  failed(permit: Permit, retryAfterMs: number | undefined, nowMs: number): void {
    const { priority } = permit;
    if (retryAfterMs !== undefined) this.#obey(permit, retryAfterMs, nowMs);
    const count = (this.#failures.get(priority)?.count ?? 0) + 1;
    const waitMs = backoffMs(priority === 'live' ? LIVE_FAILURE : FAILURE, count, this.#random);
    this.#failures.set(priority, { count, untilMs: nowMs + waitMs });
  }

  /** The API refused (429). Without a time, waits until about one request more is allowed, longer each time in a row. */
  refused(permit: Permit, retryAfterMs: number | undefined, spacingMs: number, nowMs: number): void {
    this.#failures.delete(permit.priority);
    if (retryAfterMs !== undefined && retryAfterMs > 0) this.#obey(permit, retryAfterMs, nowMs);
    else if (permit.grantedAtMs > this.#refusedAtMs) this.#backOff(spacingMs, nowMs);
  }

  #backOff(spacingMs: number, nowMs: number): void {
    this.#pauseMs = spacingMs * 2 ** Math.min(this.#refusals, 20) * (1 + this.#random() / 10);
    this.#refusals += 1;
    this.#refusedAtMs = nowMs;
  }

  /** The latest word counts; of requests that were under way together, the longest. */
  #obey({ grantedAtMs }: Permit, retryAfterMs: number, nowMs: number): void {
    const together = grantedAtMs <= this.#namedAtMs ? (this.named(nowMs)?.untilMs ?? 0) : 0;
    const untilMs = Math.max(together, nowMs + retryAfterMs);
    this.#named = { untilMs, askAtMs: nowMs + HOUR_MS };
    this.#namedAtMs = nowMs;
  }
}
