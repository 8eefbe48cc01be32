const ENOUGH = 5;
const OVER_MS = 600_000;

/** Counts how often a record failed alone while a probe passed. A whole backend that is down strikes nobody. */
export class Strikes {
  #count = 0;

  /** How long to wait at least before the next attempt: five strikes must not take less than ten minutes. */
  get waitMs(): number {
    return this.#count === 0 ? 0 : OVER_MS / (ENOUGH - 1);
  }

  /** Whether the record has had its chances. */
  add(): boolean {
    this.#count += 1;
    return this.#count >= ENOUGH;
  }

  forget(): void {
    this.#count = 0;
  }
}
