/** Over how long the speed is measured. */
const WINDOW_MS = 5 * 60_000;
/** A shorter look tells no speed. */
const LEAST_MS = 5_000;
/** Looks that are closer together count as one. */
const APART_MS = 1_000;

interface Look {
  readonly atMs: number;
  readonly done: number;
}

/** How fast something gets done. Time is an argument; monotonic milliseconds. */
export class Pace {
  #looks: readonly Look[];

  constructor(startedMs: number, done: number) {
    this.#looks = [{ atMs: startedMs, done }];
  }

  /** So much is done by now. */
  look(atMs: number, done: number): void {
    const previous = this.#looks.at(-2);
    const isClose = previous !== undefined && atMs - previous.atMs < APART_MS;
    this.#looks = [...(isClose ? this.#looks.slice(0, -1) : this.#looks), { atMs, done }];
    // The last look before the window is where it begins.
    const begin = this.#looks.findLastIndex(look => atMs - look.atMs >= WINDOW_MS);
    if (begin > 0) this.#looks = this.#looks.slice(begin);
  }

  /** How long `left` takes at the speed of the last minutes; undefined when none is known, or nothing moves. */
  leftMs(left: number, nowMs: number): number | undefined {
    const first = this.#looks[0];
    const last = this.#looks.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const [tookMs, done] = [nowMs - first.atMs, last.done - first.done];
    if (tookMs < LEAST_MS || nowMs - last.atMs > WINDOW_MS || done <= 0) return undefined;
    return (left / done) * tookMs;
  }
}
