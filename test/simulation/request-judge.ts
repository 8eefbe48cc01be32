import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ROUNDING_MS = 1;
/** Requests in a minute in which nothing but failures came back: every loop backs off. */
const MOST_FAILURES_A_MINUTE = 60;
/** Of the last so many requests so many may be refused under a limit: what asks on is no limiter. */
const REFUSALS = { of: 100, most: 60 };

/** What the API asked for with a Retry-After. Simulated milliseconds. */
interface Named {
  readonly atMs: number;
  readonly untilMs: number;
  readonly isLong: boolean;
}

/** Hears what became of a request. */
export interface Sent {
  answered(status: number, retryAfter: string | undefined): void;
}

/** Whether a process keeps to what it says of its requests: Retry-After is obeyed, failures and refusals slow it down. */
export class RequestJudge {
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  #life: Life | undefined;
  #named: Named | undefined;
  #grantedMs = Number.NEGATIVE_INFINITY;
  #failedMs: number[] = [];
  #refused: boolean[] = [];

  constructor(scheduler: Scheduler, trace: Trace) {
    this.#scheduler = scheduler;
    this.#trace = trace;
  }

  sent(life: Life): Sent {
    const { nowMs } = this.#scheduler;
    if (life !== this.#life) this.#forget(life);
    const named = this.#named;
    if (named !== undefined && nowMs < named.untilMs - ROUNDING_MS) {
      const mayAsk = named.isLong && nowMs >= Math.max(named.atMs, this.#grantedMs) + HOUR_MS - ROUNDING_MS;
      const leftS = (named.untilMs - nowMs) / 1000;
      if (!mayAsk) this.#trace.violation('limit', `a request ${leftS.toFixed(1)} s before Retry-After is over`);
    }
    this.#grantedMs = nowMs;
    return { answered: (status, retryAfter) => this.#answered(nowMs, status, retryAfter) };
  }

  /** What another process knew is not this one's. */
  #forget(life: Life): void {
    this.#life = life;
    this.#named = undefined;
    this.#grantedMs = Number.NEGATIVE_INFINITY;
    this.#failedMs = [];
    this.#refused = [];
  }

  #answered(sentMs: number, status: number, retryAfter: string | undefined): void {
    const { nowMs } = this.#scheduler;
    this.#refused = [...this.#refused, status === 429].slice(-REFUSALS.of);
    const refused = this.#refused.filter(Boolean).length;
    if (refused > REFUSALS.most) this.#trace.violation('limit', `${refused} of ${REFUSALS.of} requests were refused`);
    if (status >= 500) {
      this.#failedMs = [...this.#failedMs, nowMs].filter(atMs => atMs > nowMs - MINUTE_MS);
      const failed = this.#failedMs.length;
      if (failed > MOST_FAILURES_A_MINUTE) this.#trace.violation('limit', `${failed} failures within a minute`);
    } else if (status === 200) {
      this.#failedMs = [];
      if (sentMs > (this.#named?.atMs ?? 0)) this.#named = undefined;
    }
    if (status !== 429 || retryAfter === undefined) return;
    const afterMs = Number(retryAfter) * 1000;
    // Of requests that were under way together, the longest word counts; else the latest.
    const together = this.#named !== undefined && sentMs <= this.#named.atMs ? this.#named.untilMs : 0;
    this.#named = { atMs: nowMs, untilMs: Math.max(together, nowMs + afterMs), isLong: afterMs > HOUR_MS };
  }
}
