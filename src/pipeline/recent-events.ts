import type { ListedEvent } from '../api/audit-log.ts';
import type { FeedKey } from '../storage/storage.ts';

/** The tail lists the same pages poll after poll: far more than that. */
const ENOUGH = 5_000;

type Event = Pick<ListedEvent, 'uid' | 'type'>;

/** Events that a stream listed and that had their fate then, the latest of them: storage need not be asked again. */
export class RecentEvents {
  #latest = new Set<string>();
  /** Those before them, as many. */
  #earlier: ReadonlySet<string> = new Set();

  has(feed: FeedKey, event: Event): boolean {
    const key = keyOf(feed, event);
    return this.#latest.has(key) || this.#earlier.has(key);
  }

  add(feed: FeedKey, event: Event): void {
    this.#latest.add(keyOf(feed, event));
    if (this.#latest.size < ENOUGH) return;
    this.#earlier = this.#latest;
    this.#latest = new Set();
  }

  clear(): void {
    this.#latest = new Set();
    this.#earlier = new Set();
  }
}

function keyOf({ stream }: FeedKey, { uid, type }: Event): string {
  return `${stream}\n${type}\n${uid}`;
}
