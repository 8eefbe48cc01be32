import type { Permit, Priority } from './limiter.ts';

/** Someone who wants to send a request. */
export interface Waiter {
  readonly priority: Priority;
  readonly caller: string;
  readonly askedAtMs: number;
  readonly go: (permit: Permit) => void;
}

const ORDER: readonly Priority[] = ['live', 'live_more', 'gap', 'inventory', 'reverify'];
const REVERIFY_FIRST: readonly Priority[] = ['live', 'live_more', 'reverify', 'gap', 'inventory'];
/** Re-verification has at least a tenth of what live leaves: one request after nine of the others. */
const OTHERS_PER_REVERIFY = 9;

/** Those who wait for one route: by priority, and within one priority by turns. */
export class WaitingLine {
  readonly #waiters = new Set<Waiter>();
  readonly #lastTurn = new Map<string, number>();
  #turn = 0;
  #othersSinceReverify = 0;

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  get empty(): boolean {
    return this.#waiters.size === 0;
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters.values();
  }

  /** The next one of those who may go: who waited for too long goes first. */
  next(mayGo: (waiter: Waiter) => boolean, isOverdue: (waiter: Waiter) => boolean): Waiter | undefined {
    const [oldest] = [...this.#waiters]
      .filter(waiter => isOverdue(waiter) && mayGo(waiter))
      .sort((a, b) => a.askedAtMs - b.askedAtMs);
    if (oldest !== undefined) return oldest;
    for (const priority of this.#order()) {
      const [first] = [...this.#waiters]
        .filter(waiter => waiter.priority === priority && mayGo(waiter))
        .sort((a, b) => this.#turnOf(a) - this.#turnOf(b));
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** Takes out one who goes. */
  serve(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#turn += 1;
    this.#lastTurn.set(turnKey(waiter), this.#turn);
    if (waiter.priority === 'reverify') this.#othersSinceReverify = 0;
    else if (waiter.priority !== 'live' && waiter.priority !== 'live_more') this.#othersSinceReverify += 1;
  }

  /** Whether re-verification has less than its tenth. */
  get owesReverify(): boolean {
    return this.#othersSinceReverify >= OTHERS_PER_REVERIFY;
  }

  /** A turn of re-verification came to nothing: the next one is its again. */
  giveBackReverify(): void {
    this.#othersSinceReverify = OTHERS_PER_REVERIFY;
  }

  #order(): readonly Priority[] {
    return this.owesReverify ? REVERIFY_FIRST : ORDER;
  }

  #turnOf(waiter: Waiter): number {
    return this.#lastTurn.get(turnKey(waiter)) ?? 0;
  }
}

function turnKey({ priority, caller }: Waiter): string {
  return `${priority} ${caller}`;
}
