import type { Clock } from '../clock.ts';

/** How far an answer's Date may run ahead of the monotonic clock, in seconds. */
const DRIFT_S = 5;
/** A machine that was suspended finds the API ahead by more than this, again and again. */
const JUMP_S = 30;
const JUMP_ANSWERS = 3;
const JUMP_OVER_MS = 60_000;
const FIRST_ANSWERS = 3;

/** A moment of a walk: when its first page came. */
export interface TimeMark {
  readonly monotonicMs: number;
  readonly estimateS: number;
}

/**
 * T: the API's time as far as it can be trusted, in Unix seconds. Coverage is measured with it, so it must never run
 * ahead: it is the lower of an answer's Date and the last T plus the monotonic time passed, plus a little drift.
 */
export class ApiTime {
  readonly #clock: Clock;
  #answers = 0;
  #atS = Number.POSITIVE_INFINITY;
  #atMonotonicMs = 0;
  #ahead: { readonly dateS: number; readonly monotonicMs: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes an answer's Date (Unix seconds). */
  observe(dateS: number): void {
    const monotonicMs = this.#clock.monotonicMs();
    const expectedS = this.#expectedS(monotonicMs);
    if (this.#answers < FIRST_ANSWERS) {
      this.#answers += 1;
      this.#set(Math.min(dateS, expectedS), monotonicMs);
    } else if (dateS > expectedS + JUMP_S) {
      this.#lookAhead(dateS, expectedS, monotonicMs);
    } else {
      this.#ahead = [];
      this.#set(Math.min(dateS, expectedS + DRIFT_S), monotonicMs);
    }
  }

  /** T at this moment; undefined before the first answer. Good for planning, not for coverage. */
  estimateS(): number | undefined {
    return this.#answers === 0 ? undefined : Math.floor(this.#expectedS(this.#clock.monotonicMs()));
  }

  /** Notes this moment, so that coverage can be measured with its T later. */
  mark(): TimeMark {
    return { monotonicMs: this.#clock.monotonicMs(), estimateS: this.estimateS() ?? Number.NEGATIVE_INFINITY };
  }

  /** T at a marked moment as coverage may use it: undefined until three answers were seen. */
  trustedS(mark: TimeMark): number | undefined {
    if (this.#answers < FIRST_ANSWERS) return undefined;
    return Math.min(mark.estimateS, Math.floor(this.#expectedS(mark.monotonicMs)));
  }

  #expectedS(monotonicMs: number): number {
    return this.#atS + (monotonicMs - this.#atMonotonicMs) / 1000;
  }

  #set(atS: number, monotonicMs: number): void {
    this.#atS = atS;
    this.#atMonotonicMs = monotonicMs;
  }

  #lookAhead(dateS: number, expectedS: number, monotonicMs: number): void {
    this.#ahead.push({ dateS, monotonicMs });
    this.#set(expectedS, monotonicMs);
    const first = this.#ahead.at(-JUMP_ANSWERS);
    if (first === undefined || monotonicMs - (this.#ahead[0]?.monotonicMs ?? 0) < JUMP_OVER_MS) return;
    this.#set(Math.min(...this.#ahead.map(answer => answer.dateS)), monotonicMs);
    this.#ahead = [];
  }
}
