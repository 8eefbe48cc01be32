const ENOUGH = 5;
const OVER_MS = 600_000;

/** Counts how often a record failed alone while a probe passed. A whole backend that is down strikes nobody. */
export class Strikes {
  readonly #nowMs: () => number;
  #count = 0;
  #firstMs = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** How long to wait at least before the next attempt, so that five strikes cover ten minutes and no more are needed. */
  get waitMs(): number {
    return this.#count === 0 ? 0 : OVER_MS / (ENOUGH - 1);
  }

  /** Whether the record has had its chances: 5 strikes over 10 minutes. */
  add(): boolean {
    if (this.#count === 0) this.#firstMs = this.#nowMs();
    this.#count += 1;
    return this.#count >= ENOUGH && this.#nowMs() - this.#firstMs >= OVER_MS;
  }

  forget(): void {
    this.#count = 0;
  }
}
