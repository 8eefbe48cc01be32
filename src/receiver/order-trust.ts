/** A shuffled list of two events looks descending every second time. */
const ENOUGH_PAIRS = 20;

/**
 * Whether a stream lists newest first: nothing promises it, so it is believed only after it was seen often enough, and
 * never again once it was seen otherwise.
 */
export class OrderTrust {
  #pairs = 0;
  #refuted = false;

  get isDescending(): boolean {
    return !this.#refuted && this.#pairs >= ENOUGH_PAIRS;
  }

  /** Two events that follow each other in a list, by their times. */
  observe(first: number, second: number): void {
    if (second > first) this.#refuted = true;
    else if (second < first) this.#pairs += 1;
  }
}
