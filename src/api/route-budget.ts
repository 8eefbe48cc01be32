import type { Random } from '../clock.ts';
import { ApiPause, type NamedTime } from './api-pause.ts';
import type { Answer, Permit } from './limiter.ts';
import { LiveReserve } from './live-reserve.ts';
import { answered, type RateEstimate, rateInForce } from './rate-estimate.ts';
import { refused, refusedStill, resumed } from './rate-refusal.ts';
import { capacityOf, RequestWindow } from './request-window.ts';
import { type Waiter, WaitingLine } from './waiting-line.ts';

const MINUTE_MS = 60_000;
/** A longer Retry-After is about something else than the requests of the last minute. */
const LONGEST_LESSON_MS = 2 * MINUTE_MS;
/** How many requests others than live may catch up at once when their turn was withheld. */
const CATCH_UP = 1;
/** A gap's next request comes only after its last answer: for so many turns none waits, but they are not left over. */
const PAUSE_IN_WORK = 3;
/** So many turns others than live leave out after a fall: a bucket that was emptied must not stay empty for the tails. */
const REST = 1;
const MOST_REST_MS = MINUTE_MS;
/** Who waited so long goes next, so that nobody starves: one of them in so long a time, and not in every turn. */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;
const OVERDUE_TURNS = 2;
const LONGEST_REVERIFY_WAIT_MS = 20 * MINUTE_MS;
/** After a restart so much of the last minute counts as free: enough for the tails to go live at once. */
const FREE_AT_START = 2;
/** One route's share-out: who may send the next request, and when. Time is an argument; monotonic milliseconds. */
export class RouteBudget {
  readonly route: string;
  readonly pause: ApiPause;
  readonly line = new WaitingLine();
  readonly #window = new RequestWindow();
  readonly #reserve = new LiveReserve(this.#window);
  #rate: RateEstimate;
  #othersAtMs = Number.NEGATIVE_INFINITY;
  #workedAtMs = Number.NEGATIVE_INFINITY;
  #overdueAtMs = Number.NEGATIVE_INFINITY;
  #fellAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the API answered anything since the rate fell. */
  #recovered = true;

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
    if (waiter.priority === 'live') this.#reserve.joined(waiter);
    this.line.add(waiter);
  }

  /** Takes out one who gave up. */
  leave(waiter: Waiter, nowMs: number): void {
    if (waiter.priority === 'live') this.#reserve.left(waiter, nowMs);
    this.line.remove(waiter);
  }

  /** Takes the next one who may go out of the line, with leave to do so. */
  serve(nowMs: number): { readonly waiter: Waiter; readonly permit: Permit } | undefined {
    const waiter = this.line.next(
      each => this.#mayGo(each, nowMs),
      each => this.#isOverdue(each, nowMs),
    );
    if (waiter === undefined) return undefined;
    if (this.#isOverdue(waiter, nowMs)) this.#overdueAtMs = nowMs;
    const { priority, caller } = waiter;
    const permit = { route: this.route, priority, caller, grantedAtMs: nowMs, waited: nowMs > waiter.askedAtMs };
    this.line.serve(waiter);
    this.#window.add(permit);
    this.pause.granted(permit);
    if (priority === 'live') this.#reserve.granted(permit);
    if (priority === 'gap' || priority === 'inventory') this.#workedAtMs = nowMs;
    const catchUpMs = this.#rate.sure === undefined ? 0 : CATCH_UP * this.#spacingMs();
    this.#othersAtMs = Math.max(this.#othersAtMs, nowMs - catchUpMs) + this.#spacingMs();
    return { waiter, permit };
  }

  /** When to look again if nothing is reported before; only while someone waits. */
  wakeAtMs(nowMs: number): number {
    const times = [this.#othersAtMs, nowMs + Math.max(1_000, this.#spacingMs())];
    const rate = rateInForce(this.#rate);
    if (rate !== undefined) times.push(this.#window.nextFreeMs(nowMs, capacityOf(rate).spanMs));
    for (const waiter of this.line) {
      times.push(this.pause.earliestMs(waiter.priority, this.#isOverdue(waiter, nowMs), nowMs));
      if (waiter.priority === 'live') times.push(...this.#reserve.wakeTimesMs(waiter, this.#rate, nowMs));
    }
    return Math.min(...times.filter(timeMs => timeMs > nowMs));
  }

  report(permit: Permit, answer: Answer | 'aborted', nowMs: number): void {
    const { status = 0, retryAfterMs } = answer === 'aborted' ? {} : answer;
    const succeeded = status > 0 && status !== 429 && status < 500;
    this.#window.answered(permit, succeeded, nowMs);
    if (succeeded) this.#answered(permit, nowMs);
    this.#window.forget(nowMs - this.#spanMs());
    if (succeeded || answer === 'aborted') return;
    if (permit.priority === 'live') this.#reserve.failed(permit);
    if (permit.priority === 'reverify' && status === 429) this.line.giveBackReverify();
    if (status === 429) this.#refused(permit, retryAfterMs, nowMs);
    else this.pause.failed(permit, retryAfterMs, nowMs);
  }

  hasSpare(nowMs: number): boolean {
    return this.#mayGo({ priority: 'live_more', caller: '', askedAtMs: nowMs, go: () => undefined }, nowMs);
  }

  #mayGo(waiter: Waiter, nowMs: number): boolean {
    const { priority } = waiter;
    const isOverdue = this.#isOverdue(waiter, nowMs);
    if (nowMs < this.pause.earliestMs(priority, isOverdue, nowMs)) return false;
    if (isOverdue) return true;
    const perMinute = rateInForce(this.#rate);
    if (perMinute === undefined) return priority === 'live' || nowMs >= this.#othersAtMs;
    if (priority === 'live') return this.#reserve.mayGo(waiter, this.#rate, nowMs);
    if (nowMs < this.#othersAtMs) return false;
    // The sooner an answer comes, the better it shows what was allowed.
    if (this.#rate.atMost !== undefined && priority === 'gap') return true;
    const { requests, spanMs } = capacityOf(perMinute);
    if (this.#window.countAt(nowMs, spanMs) >= requests) return false;
    if (!this.#reserve.isKept(this.#rate, nowMs)) return false;
    if (priority === 'live_more') return this.#reserve.leavesHalf(this.#rate, nowMs);
    return (
      priority !== 'reverify' || this.line.owesReverify || nowMs >= this.#workedAtMs + PAUSE_IN_WORK * this.#spacingMs()
    );
  }

  #isOverdue({ priority, askedAtMs }: Waiter, nowMs: number): boolean {
    if (priority === 'live' || this.pause.named(nowMs) !== undefined) return false;
    const longestMs = priority === 'reverify' ? LONGEST_REVERIFY_WAIT_MS : LONGEST_WAIT_MS;
    const everyMs = Math.max(LONGEST_WAIT_MS, OVERDUE_TURNS * this.#spacingMs());
    return nowMs >= Math.max(askedAtMs + longestMs, this.#overdueAtMs + everyMs);
  }

  #spacingMs(): number {
    const rate = rateInForce(this.#rate);
    return rate === undefined ? this.#rate.rampMs : MINUTE_MS / rate;
  }

  /** How far back requests count. */
  #spanMs(): number {
    const rate = rateInForce(this.#rate);
    return Math.max(MINUTE_MS, rate === undefined ? 0 : capacityOf(rate).spanMs);
  }

  #answered(permit: Permit, nowMs: number): void {
    this.pause.succeeded(permit);
    if (!this.#recovered && permit.grantedAtMs > this.#fellAtMs) {
      this.#recovered = true;
      const inItsMinute = this.#window.succeeded(permit.grantedAtMs - MINUTE_MS, this.#fellAtMs);
      this.#rate = resumed(this.#rate, inItsMinute, nowMs);
    }
    this.#rate = answered(this.#rate, permit.waited || this.#reserve.isBound(this.#rate, nowMs), nowMs);
  }

  #refused(permit: Permit, retryAfterMs: number | undefined, nowMs: number): void {
    // Requests that were under way together are refused for one and the same reason.
    if (permit.grantedAtMs > this.#fellAtMs && (retryAfterMs ?? 0) <= LONGEST_LESSON_MS) {
      if (this.#recovered) this.#fall(retryAfterMs, nowMs);
      else this.#rate = refusedStill(this.#rate, nowMs);
    }
    this.pause.refused(permit, retryAfterMs, this.#spacingMs(), nowMs);
  }

  #fall(retryAfterMs: number | undefined, nowMs: number): void {
    this.#fellAtMs = nowMs;
    this.#recovered = false;
    this.#rate = refused(this.#rate, this.#window.succeeded(nowMs - MINUTE_MS, nowMs), nowMs);
    const restMs = Math.min(REST * this.#spacingMs(), MOST_REST_MS);
    if (retryAfterMs === undefined) this.#othersAtMs = Math.max(this.#othersAtMs, nowMs + restMs);
  }

  /** Before a restart the requests were spread evenly, as far as is known: the API still counts them. */
  #assumeSteadyUse(nowMs: number): void {
    const perMinute = rateInForce(this.#rate);
    if (perMinute === undefined) return;
    const { requests, spanMs } = capacityOf(perMinute);
    for (let back = requests - FREE_AT_START; back > 0; back -= 1) {
      const atMs = nowMs - (spanMs * back) / requests;
      const permit: Permit = { route: this.route, priority: 'gap', caller: '', grantedAtMs: atMs, waited: false };
      this.#window.add(permit);
      this.#window.answered(permit, true, atMs);
    }
    this.#othersAtMs = nowMs + this.#spacingMs();
  }
}
