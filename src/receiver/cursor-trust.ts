const ENOUGH = 20;
const SAMPLE = 200;

/**
 * Whether a cursor can be trusted to go on inside a second. Nothing documents it, and reading each page's last second
 * again would double the requests; so it is checked until it held a number of times, and now and then afterwards.
 */
export class CursorTrust {
  #held = 0;
  #asked = 0;
  #refuted = false;

  /** Whether the next page boundary should be read alone. */
  wantsCheck(): boolean {
    this.#asked += 1;
    return this.#refuted || this.#held < ENOUGH || this.#asked % SAMPLE === 0;
  }

  confirm(): void {
    this.#held += 1;
  }

  /** A boundary had lost events: from now on every one is checked. */
  refute(): void {
    this.#refuted = true;
  }
}
