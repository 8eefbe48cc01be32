import type { Clock } from '../clock.ts';

/** How far an answer's Date may run ahead of the monotonic clock, in seconds. */
const DRIFT_S = 5;
/** A machine that was suspended finds the API ahead by more than this, again and again. */
const JUMP_S = 30;
const JUMP_ANSWERS = 3;
const JUMP_OVER_MS = 60_000;
const FIRST_ANSWERS = 3;
/** An answer whose Date came longer ago had none; streams that ask side by side hear each other's. */
const DATED_MS = 5_000;

/** A moment of a walk: when its first page came. */
export interface TimeMark {
  readonly monotonicMs: number;
  readonly estimateS: number;
  /** Whether the API said what time it was. */
  readonly isDated: boolean;
}

interface Ahead {
  readonly sinceMs: number;
  readonly answers: number;
  readonly lowestS: number;
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
  #datedAtMs = Number.NEGATIVE_INFINITY;
  /** Answers in a row that were far ahead. */
  #ahead: Ahead | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes an answer's Date (Unix seconds). */
  observe(dateS: number): void {
    const monotonicMs = this.#clock.monotonicMs();
    const expectedS = this.#expectedS(monotonicMs);
    this.#datedAtMs = monotonicMs;
    if (this.#answers < FIRST_ANSWERS) {
      this.#answers += 1;
      this.#set(Math.min(dateS, expectedS), monotonicMs);
    } else if (dateS > expectedS + JUMP_S) {
      this.#lookAhead(dateS, expectedS, monotonicMs);
    } else {
      this.#ahead = undefined;
      this.#set(Math.min(dateS, expectedS + DRIFT_S), monotonicMs);
    }
  }

  /** T at this moment; undefined before the first answer. Good for planning, not for coverage. */
  estimateS(): number | undefined {
    return this.#answers === 0 ? undefined : Math.floor(this.#expectedS(this.#clock.monotonicMs()));
  }

  /** Notes this moment, so that coverage can be measured with its T later. */
  mark(): TimeMark {
    const monotonicMs = this.#clock.monotonicMs();
    const isDated = monotonicMs - this.#datedAtMs <= DATED_MS;
    return { monotonicMs, estimateS: this.estimateS() ?? Number.NEGATIVE_INFINITY, isDated };
  }

  /** T at a marked moment as coverage may use it: undefined until three answers were seen, and where one had no Date. */
  trustedS(mark: TimeMark): number | undefined {
    if (this.#answers < FIRST_ANSWERS || !mark.isDated) return undefined;
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
    const ahead = this.#ahead ?? { sinceMs: monotonicMs, answers: 0, lowestS: dateS };
    this.#ahead = { ...ahead, answers: ahead.answers + 1, lowestS: Math.min(ahead.lowestS, dateS) };
    const isBelieved = this.#ahead.answers >= JUMP_ANSWERS && monotonicMs - ahead.sinceMs >= JUMP_OVER_MS;
    this.#set(isBelieved ? this.#ahead.lowestS : expectedS, monotonicMs);
    if (isBelieved) this.#ahead = undefined;
  }
}
