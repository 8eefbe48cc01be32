import { CollectorError } from '../errors.ts';

const WHOLE = 100;
/** So often a page fails before it is asked for in halves. */
const PATIENCE = 3;
/** So many smaller pages come before a whole one is tried again, after that failed. */
const PAUSE = 5;

/**
 * How many events to ask for: fewer after pages failed again and again, since one event may be what breaks a page or
 * makes it too large. As soon as a smaller page comes, a whole one is tried: it may have been the API altogether.
 */
export class PageLimit {
  #limit = WHOLE;
  #failures = 0;
  /** The smaller limit that worked, while a whole page is tried. */
  #fallback: number | undefined;
  #pause = 0;

  get limit(): number {
    return this.#limit;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#fallback = undefined;
    if (this.#limit === WHOLE) return;
    this.#pause -= 1;
    if (this.#pause > 0) return;
    this.#fallback = this.#limit;
    this.#limit = WHOLE;
  }

  failed(error: unknown): void {
    if (!(error instanceof CollectorError) || error.status === 429) return;
    if (error.kind !== 'malformed' && error.kind !== 'retryable') return;
    this.#failures += 1;
    if (this.#fallback !== undefined) {
      this.#limit = this.#fallback;
      this.#fallback = undefined;
      this.#pause = PAUSE;
    } else if (this.#failures >= PATIENCE) {
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    }
  }
}
