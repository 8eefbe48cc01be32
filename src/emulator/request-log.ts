/** One request and how it ended. */
export interface LoggedRequest {
  /** The organization's time, Unix milliseconds. */
  readonly atMs: number;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** The route's template, or `none`. */
  readonly route: string;
  /** Of the answer; 0 when there was none. */
  readonly status: number;
  /** Kind of the fault that was played, if any. */
  readonly fault?: string;
  /** How many events were looked at. */
  readonly visited: number;
}

const KEPT = 1000;

/** What was asked, in all and lately. */
export class RequestLog {
  readonly #counts = new Map<string, Map<number, number>>();
  #last: LoggedRequest[] = [];
  #total = 0;

  add(request: LoggedRequest): void {
    const counts = this.#counts.get(request.route) ?? new Map<number, number>();
    counts.set(request.status, (counts.get(request.status) ?? 0) + 1);
    this.#counts.set(request.route, counts);
    this.#total += 1;
    this.#last.push(request);
    if (this.#last.length > 2 * KEPT) this.#last = this.#last.slice(-KEPT);
  }

  get total(): number {
    return this.#total;
  }

  /** By route and status. */
  counts(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.#counts].map(([route, counts]) => [route, Object.fromEntries(counts)]));
  }

  /** The last ones, oldest first, at most {@link KEPT}. */
  last(): readonly LoggedRequest[] {
    return this.#last.slice(-KEPT);
  }
}
