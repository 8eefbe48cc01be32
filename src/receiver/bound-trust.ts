/**
 * Whether a stream lists both ends of what it is asked for. It is documented, and checked by asking one second more on
 * either side; for short spans that would double or triple the requests, so it is believed once it was seen.
 */
export class BoundTrust {
  #lower = false;
  #upper = false;

  get holds(): boolean {
    return this.#lower && this.#upper;
  }

  /** An event of this second was listed by a walk that asked for these. */
  observe(second: number, { gte, lte }: { readonly gte?: number; readonly lte?: number }): void {
    if (second === gte) this.#lower = true;
    if (second === lte) this.#upper = true;
  }
}
