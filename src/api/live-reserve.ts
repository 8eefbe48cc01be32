import type { Permit } from './limiter.ts';
import { LiveRhythm } from './live-rhythm.ts';
import { type RateEstimate, rateInForce } from './rate-estimate.ts';
import { type Capacity, capacityOf, type RequestWindow } from './request-window.ts';
import type { Waiter } from './waiting-line.ts';

const MINUTE_MS = 60_000;
/** Right after a fall the minute may be full: a tail tries all the same, a few times, but never twice what is allowed. */
const LIVE_EXTRA = 3;
/** A tail may come so late that a request of two polls before no longer counts. */
const LIVE_LATE_MS = 2_000;
/** Live alone shows that the limit binds when it uses this part of it: half is all it may. */
const LIVE_BINDS = 0.4;

/** The half of a route's rate that is the tails': when each may poll, and what room is kept for them. */
export class LiveReserve {
  readonly #window: RequestWindow;
  readonly #rhythm = new LiveRhythm();

  constructor(window: RequestWindow) {
    this.#window = window;
  }

  joined({ caller, askedAtMs }: Waiter): void {
    this.#rhythm.asked(caller, askedAtMs);
  }

  left({ caller }: Waiter, nowMs: number): void {
    this.#rhythm.left(caller, nowMs);
  }

  granted({ caller, grantedAtMs }: Permit): void {
    this.#rhythm.granted(caller, grantedAtMs);
  }

  failed({ caller }: Permit): void {
    this.#rhythm.failed(caller);
  }

  /** A tail goes at its pace; where the minute is full it waits for the room that is kept for it, but no longer. */
  mayGo(waiter: Waiter, rate: RateEstimate, nowMs: number): boolean {
    const dueMs = this.#dueMs(waiter, rate, nowMs);
    if (nowMs < dueMs) return false;
    const { requests, spanMs } = roomOf(rate);
    const count = this.#window.countAt(nowMs, spanMs);
    if (count < requests) return true;
    const soonFree = nowMs < dueMs + LIVE_LATE_MS && this.#window.countAt(dueMs + LIVE_LATE_MS, spanMs) < requests;
    return !soonFree && count < requests + Math.min(LIVE_EXTRA, Math.floor(requests / 2));
  }

  /** When to look again whether a tail may go. */
  wakeTimesMs(waiter: Waiter, rate: RateEstimate, nowMs: number): readonly number[] {
    const dueMs = this.#dueMs(waiter, rate, nowMs);
    return [dueMs, dueMs + LIVE_LATE_MS];
  }

  /** Whether each tail still finds room for its next first page when one more request goes now. */
  isKept(rate: RateEstimate, nowMs: number): boolean {
    const { requests, spanMs } = roomOf(rate);
    return this.#rhythm.expected(nowMs, this.#paceMs(rate, nowMs)).every((atMs, livesBefore) => {
      const thisOne = nowMs + spanMs > atMs ? 1 : 0;
      return this.#window.countAt(atMs + LIVE_LATE_MS, spanMs) + thisOne + livesBefore < requests;
    });
  }

  /** Whether the tails leave half of the bucket to the others. */
  leavesHalf(rate: RateEstimate, nowMs: number): boolean {
    return this.#use(nowMs) < roomOf(rate).requests / 2;
  }

  /** Without this, a limit that was taken for too low would stay so until something else than live is to be read. */
  isBound(rate: RateEstimate, nowMs: number): boolean {
    return this.#use(nowMs) >= (rateInForce(rate) ?? Number.POSITIVE_INFINITY) * LIVE_BINDS;
  }

  #dueMs({ caller, askedAtMs }: Waiter, rate: RateEstimate, nowMs: number): number {
    return Math.max(askedAtMs, this.#rhythm.earliestMs(caller, this.#paceMs(rate, nowMs)));
  }

  #paceMs(rate: RateEstimate, nowMs: number): number {
    return livePaceMs(rate, this.#rhythm.callers(nowMs)) ?? 0;
  }

  #use(nowMs: number): number {
    return this.#window.countAt(nowMs, MINUTE_MS, ({ priority }) => priority === 'live' || priority === 'live_more');
  }
}

/** Time between two polls of each of so many tails that share half of the rate; undefined when no limit is known. */
export function livePaceMs(rate: RateEstimate, callers: number): number | undefined {
  const perMinute = rateInForce(rate);
  return perMinute === undefined ? undefined : (callers * 2 * MINUTE_MS) / perMinute;
}

function roomOf(rate: RateEstimate): Capacity {
  const perMinute = rateInForce(rate);
  return perMinute === undefined ? { requests: Number.POSITIVE_INFINITY, spanMs: 0 } : capacityOf(perMinute);
}
