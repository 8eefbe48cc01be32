/** Something that happens once, at its time. */
export interface Job {
  /** Simulated milliseconds. */
  readonly atMs: number;
  /** Whether it still will happen. */
  cancelled: boolean;
}

interface Entry extends Job {
  readonly number: number;
  readonly run: () => void;
}

/** Simulated time: jobs run in the order of their times, and between two of them every promise settles that can. */
export class Scheduler {
  readonly #heap: Entry[] = [];
  #nowMs = 0;
  #number = 0;

  /** Milliseconds since the simulation began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many jobs have run or wait: a measure of the work. */
  get jobs(): number {
    return this.#number;
  }

  at(atMs: number, run: () => void): Job {
    this.#number += 1;
    const entry: Entry = { atMs: Math.max(atMs, this.#nowMs), number: this.#number, run, cancelled: false };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  /** Runs until a time, or until `done` after a job. */
  async runUntil(untilMs: number, done: () => boolean = () => false): Promise<void> {
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#removeFirst();
      if (next.cancelled) continue;
      this.#nowMs = next.atMs;
      next.run();
      await settle();
      if (done()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) return;
      at = parent;
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (child >= this.#heap.length || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const a = this.#heap[one] as Entry;
    const b = this.#heap[other] as Entry;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
  }

  #swapIfBefore(one: number, other: number): boolean {
    if (!this.#isBefore(one, other)) return false;
    const entry = this.#heap[one] as Entry;
    this.#heap[one] = this.#heap[other] as Entry;
    this.#heap[other] = entry;
    return true;
  }
}

/** One turn of the event loop: nothing in the collector waits for more than promises and our jobs. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
