import type { Random } from '../clock.ts';
import { ApiPause, type NamedTime } from './api-pause.ts';
import type { Answer, Permit } from './limiter.ts';
import { LiveRhythm } from './live-rhythm.ts';
import { answered, type RateEstimate, rateInForce, refused } from './rate-estimate.ts';
import { type Capacity, capacityOf, RequestWindow } from './request-window.ts';
import { type Waiter, WaitingLine } from './waiting-line.ts';

const MINUTE_MS = 60_000;
/** A longer Retry-After is about something else than the requests of the last minute. */
const LONGEST_LESSON_MS = 2 * MINUTE_MS;
/** How many requests others than live may catch up at once when their turn was withheld. */
const CATCH_UP = 1;
/** A gap's next request comes only after its last answer: for so many turns none waits, but they are not left over. */
const PAUSE_IN_WORK = 3;
/** So many turns others than live leave out after a fall: a bucket that was emptied must not stay empty for the tails. */
const REST = 3;
/** Right after a fall the minute may be full: a tail tries all the same, a few times. */
const LIVE_EXTRA = 3;
/** A tail may come so late that a request of two polls before no longer counts. */
const LIVE_LATE_MS = 2_000;
/** After a restart so much of the last minute counts as free: enough for the tails to go live at once. */
const FREE_AT_START = 2;
/** Live alone shows that the limit binds when it uses this part of it: half is all it may. */
const LIVE_BINDS = 0.4;

/** One route's share-out: who may send the next request, and when. Time is an argument; monotonic milliseconds. */
export class RouteBudget {
  readonly route: string;
  readonly pause: ApiPause;
  readonly line = new WaitingLine();
  readonly #rhythm = new LiveRhythm();
  readonly #window = new RequestWindow();
  #rate: RateEstimate;
  #othersAtMs = Number.NEGATIVE_INFINITY;
  #workedAtMs = Number.NEGATIVE_INFINITY;
  #fellAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    route: string,
    random: Random,
    known: { rate: RateEstimate; named: NamedTime | undefined },
    nowMs: number,
  ) {
    this.route = route;
    this.pause = new ApiPause(random, known.named);
    this.#rate = known.rate;
    this.#assumeSteadyUse(nowMs);
  }

  get rate(): RateEstimate {
    return this.#rate;
  }

  join(waiter: Waiter): void {
    if (waiter.priority === 'live') this.#rhythm.asked(waiter.caller, waiter.askedAtMs);
    this.line.add(waiter);
  }

  /** Takes the next one who may go out of the line, with leave to do so. */
  serve(nowMs: number): { readonly waiter: Waiter; readonly permit: Permit } | undefined {
    const waiter = this.line.next(each => this.#mayGo(each, nowMs));
    if (waiter === undefined) return undefined;
    const { priority, caller } = waiter;
    const permit = { route: this.route, priority, caller, grantedAtMs: nowMs, waited: nowMs > waiter.askedAtMs };
    this.line.serve(waiter);
    this.#window.add(permit);
    this.pause.granted(permit);
    if (priority === 'live') this.#rhythm.granted(caller, nowMs);
    if (priority === 'gap' || priority === 'inventory') this.#workedAtMs = nowMs;
    const catchUpMs = this.#rate.sure === undefined ? 0 : CATCH_UP * this.#spacingMs();
    this.#othersAtMs = Math.max(this.#othersAtMs, nowMs - catchUpMs) + this.#spacingMs();
    return { waiter, permit };
  }

  /** When to look again if nothing is reported before; only while someone waits. */
  wakeAtMs(nowMs: number): number {
    const times = [this.#othersAtMs, nowMs + Math.max(1_000, this.#spacingMs())];
    for (const capacity of this.#capacities()) times.push(this.#window.nextFreeMs(nowMs, capacity.spanMs));
    for (const waiter of this.line) {
      times.push(this.pause.earliestMs(waiter.priority, nowMs));
      const dueMs = this.#liveDueMs(waiter, nowMs);
      if (waiter.priority === 'live') times.push(dueMs, dueMs + LIVE_LATE_MS);
    }
    return Math.min(...times.filter(timeMs => timeMs > nowMs));
  }

  report(permit: Permit, answer: Answer | 'aborted', nowMs: number): void {
    const { status = 0, retryAfterMs } = answer === 'aborted' ? {} : answer;
    const succeeded = status > 0 && status !== 429 && status < 500;
    this.#window.answered(permit, succeeded, nowMs);
    this.#window.forget(nowMs - Math.max(MINUTE_MS, ...this.#capacities().map(({ spanMs }) => spanMs)));
    if (answer === 'aborted') return;
    if (succeeded) {
      this.pause.succeeded(permit);
      this.#rate = answered(this.#rate, permit.waited || this.#liveIsBound(nowMs), nowMs);
      return;
    }
    if (permit.priority === 'live') this.#rhythm.failed(permit.caller);
    if (permit.priority === 'reverify' && status === 429) this.line.giveBackReverify();
    if (status === 429) this.#refused(permit, retryAfterMs, nowMs);
    else this.pause.failed(permit, retryAfterMs, nowMs);
  }

  hasSpare(nowMs: number): boolean {
    return this.#mayGo({ priority: 'live_more', caller: '', askedAtMs: nowMs, go: () => undefined }, nowMs);
  }

  livePaceMs(callers: number): number | undefined {
    return this.#rate.sure === undefined ? undefined : (callers * 2 * MINUTE_MS) / this.#rate.sure;
  }

  #mayGo(waiter: Waiter, nowMs: number): boolean {
    const { priority } = waiter;
    if (nowMs < this.pause.earliestMs(priority, nowMs)) return false;
    const [sure, inForce] = this.#capacities();
    if (sure === undefined || inForce === undefined) return priority === 'live' || nowMs >= this.#othersAtMs;
    if (priority === 'live') return this.#liveMayGo(waiter, inForce, nowMs);
    if (this.#window.countAt(nowMs, inForce.spanMs) >= inForce.requests) return false;
    if (nowMs < this.#othersAtMs || !this.#keepsReserve(inForce, nowMs)) return false;
    if (priority === 'live_more') return this.#liveUse(nowMs) < sure.requests / 2;
    return (
      priority !== 'reverify' || this.line.owesReverify || nowMs >= this.#workedAtMs + PAUSE_IN_WORK * this.#spacingMs()
    );
  }

  /** A tail goes at its pace; where the minute is full it waits for the room that is kept for it, but no longer. */
  #liveMayGo(waiter: Waiter, { requests, spanMs }: Capacity, nowMs: number): boolean {
    const dueMs = this.#liveDueMs(waiter, nowMs);
    if (nowMs < dueMs) return false;
    const count = this.#window.countAt(nowMs, spanMs);
    if (count < requests) return true;
    const soonFree = nowMs < dueMs + LIVE_LATE_MS && this.#window.countAt(dueMs + LIVE_LATE_MS, spanMs) < requests;
    return !soonFree && count < requests + LIVE_EXTRA;
  }

  #liveDueMs({ caller, askedAtMs }: Waiter, nowMs: number): number {
    return Math.max(askedAtMs, this.#rhythm.earliestMs(caller, this.#livePaceMs(nowMs)));
  }

  /** Whether each tail still finds room for its next first page when one more request goes now. */
  #keepsReserve({ requests, spanMs }: Capacity, nowMs: number): boolean {
    return this.#rhythm.expected(nowMs, this.#livePaceMs(nowMs)).every((atMs, livesBefore) => {
      const thisOne = nowMs + spanMs > atMs ? 1 : 0;
      return this.#window.countAt(atMs + LIVE_LATE_MS, spanMs) + thisOne + livesBefore < requests;
    });
  }

  /** What is known to be allowed, and what is in force; none while no limit was met. */
  #capacities(): readonly Capacity[] {
    const { sure } = this.#rate;
    return sure === undefined ? [] : [capacityOf(sure), capacityOf(rateInForce(this.#rate) ?? sure)];
  }

  #spacingMs(): number {
    const rate = rateInForce(this.#rate);
    return rate === undefined ? this.#rate.rampMs : MINUTE_MS / rate;
  }

  #livePaceMs(nowMs: number): number {
    return this.livePaceMs(this.#rhythm.callers(nowMs)) ?? 0;
  }

  #liveUse(nowMs: number): number {
    return this.#window.countAt(nowMs, MINUTE_MS, ({ priority }) => priority === 'live' || priority === 'live_more');
  }

  /** Without this, a limit that was taken for too low would stay so until something else than live is to be read. */
  #liveIsBound(nowMs: number): boolean {
    const { sure, ceiling } = this.#rate;
    if (sure === undefined || ceiling === undefined || sure >= ceiling) return false;
    return this.#liveUse(nowMs) >= sure * LIVE_BINDS;
  }

  #refused(permit: Permit, retryAfterMs: number | undefined, nowMs: number): void {
    // Requests that were under way together are refused for one and the same reason.
    if (permit.grantedAtMs > this.#fellAtMs && (retryAfterMs ?? 0) <= LONGEST_LESSON_MS) {
      this.#fellAtMs = nowMs;
      this.#rate = refused(this.#rate, this.#window.succeededSince(nowMs - MINUTE_MS), nowMs);
      if (retryAfterMs === undefined) this.#othersAtMs = Math.max(this.#othersAtMs, nowMs + REST * this.#spacingMs());
    }
    this.pause.refused(permit, retryAfterMs, this.#spacingMs(), nowMs);
  }

  /** Before a restart the requests were spread evenly, as far as is known: the API still counts them. */
  #assumeSteadyUse(nowMs: number): void {
    const [capacity] = this.#capacities();
    if (capacity === undefined) return;
    const { requests, spanMs } = capacity;
    for (let back = requests - FREE_AT_START; back > 0; back -= 1) {
      const atMs = nowMs - (spanMs * back) / requests;
      const permit: Permit = { route: this.route, priority: 'gap', caller: '', grantedAtMs: atMs, waited: false };
      this.#window.add(permit);
      this.#window.answered(permit, true, atMs);
    }
    this.#othersAtMs = nowMs + this.#spacingMs();
  }
}
