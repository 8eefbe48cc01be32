import { hourOf } from '../coverage/hours.ts';
import { STREAMS, streamBit } from './ledger.ts';
import type { FeedKey } from './storage.ts';

/** The hours of which a transaction may have changed what is to be said. */
export class Touched {
  readonly #hours = new Map<string, { readonly feed: FeedKey; readonly hours: Set<number> }>();

  /** An event of this second changed; `streams` is the mask of those that list it. */
  touch(organization: string, streams: number, second: number): void {
    for (const stream of STREAMS) {
      if ((streams & streamBit(stream)) === 0) continue;
      const key = `${stream}/${organization}`;
      const entry = this.#hours.get(key) ?? { feed: { organization, stream }, hours: new Set() };
      entry.hours.add(hourOf(second));
      this.#hours.set(key, entry);
    }
  }

  get feeds(): readonly { readonly feed: FeedKey; readonly hours: ReadonlySet<number> }[] {
    return [...this.#hours.values()];
  }
}
