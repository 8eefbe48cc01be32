import type { Interval } from '../coverage/intervals.ts';
import type { Receiver } from '../receiver/receiver.ts';
import type { Filled } from './gap.ts';
import type { Source } from './source.ts';
import { SpanProgress } from './span-progress.ts';

/** Says how far a backfill is while it lasts, and when it is complete. */
export class BackfillProgress {
  readonly #source: Source;
  readonly #progress: SpanProgress;
  #events = 0;
  #untilS = 0;

  constructor(source: Source) {
    const { feed, time, clock } = source;
    this.#source = source;
    this.#progress = new SpanProgress(source, 'history', () =>
      feed.gaps(feed.settledBefore(time.estimateS() ?? 0), clock.monotonicMs()),
    );
  }

  /** The same receiver, whose pages count as read of a slice. */
  heard(receiver: Receiver, slice: Interval): Receiver {
    return this.#progress.heard(receiver, slice);
  }

  filled({ span, found }: Filled): void {
    this.#events += found;
    if (span.from < span.to) this.#untilS = span.to;
    this.#progress.done(span.to - span.from, this.#facts);
  }

  /** Nothing is open any more, besides what is set aside. */
  ended(): void {
    const isWhole = this.#source.feed.asides.length === 0;
    if (this.#events > 0 && isWhole) this.#source.log.info('history is complete', this.#facts);
    this.#progress.end();
    this.#events = 0;
  }

  get #facts() {
    const upTo = this.#untilS === 0 ? undefined : new Date(this.#untilS * 1000).toISOString();
    return { events: this.#events, up_to: upTo };
  }
}
