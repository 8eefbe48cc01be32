import type { Interval } from '../coverage/intervals.ts';
import { firstPace, learnPace, mostPages, nextSlice, type SlicePace } from '../coverage/slices.ts';
import { CollectorError } from '../errors.ts';
import { type ReadSlice, readSlice } from './slice.ts';
import type { Source } from './source.ts';

/** How long a span waits that could not be read, or that the backend does not take. */
const ASIDE_MS = 3_600_000;
/** Newer parts of a dense slice that may wait in memory until the older parts are delivered. */
const MOST_HELD_EVENTS = 50_000;
/** So often a span fails before it is cut smaller, and a single second before it is set aside. */
const PATIENCE = 4;

export interface Filled {
  readonly span: Interval;
  readonly found: number;
  readonly late: number;
  readonly requests: number;
}

/** Fills what is not covered, from the oldest on, slice by slice; each slice is read whole and exported oldest first. */
export class GapFiller {
  readonly #source: Source;
  #pace: SlicePace = firstPace;
  /** Slices read already that wait for what is older, the oldest last. */
  #held: ReadSlice[] = [];
  #failures = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Fills one slice below `end` (Unix seconds); undefined when nothing is open there. Throws what the receiver throws. */
  async step(end: number, signal: AbortSignal): Promise<Filled | undefined> {
    const { feed, clock } = this.#source;
    const [gap] = feed.gaps(end, clock.nowMs());
    if (gap === undefined) {
      this.#held = [];
      return undefined;
    }
    const held = this.#held.at(-1);
    if (held !== undefined && held.span.from <= gap.from) {
      this.#held.pop();
      return this.#deliver({ ...held, requests: 0 }, signal);
    }
    const slice = nextSlice({ from: gap.from, to: Math.min(gap.to, held?.span.from ?? gap.to) }, this.#pace);
    const read = await this.#read(slice, signal);
    if (read.span.from > slice.from && this.#heldEvents() + read.events.length <= MOST_HELD_EVENTS) {
      this.#held.push(read);
      return { span: { from: read.span.to, to: read.span.to }, found: 0, late: 0, requests: read.requests };
    }
    return this.#deliver(read, signal);
  }

  async #read(slice: Interval, signal: AbortSignal): Promise<ReadSlice> {
    try {
      const read = await readSlice(this.#source, this.#source.receivers.gap, slice, mostPages(this.#pace), signal);
      this.#failures = 0;
      this.#pace = learnPace(this.#pace, read.span.to - read.span.from, read.events.length);
      return read;
    } catch (error) {
      this.#giveWay(slice, error);
      throw error;
    }
  }

  /** A span that fails again and again is cut, down to the bad second, which is set aside; filling goes on above it. */
  #giveWay(slice: Interval, error: unknown): void {
    const { feed, clock, log } = this.#source;
    if (!(error instanceof CollectorError) || error.kind === 'misconfigured') return;
    this.#failures += 1;
    if (this.#failures < PATIENCE) return;
    this.#failures = 0;
    if (slice.to - slice.from > 1) {
      this.#pace = { lengthS: Math.max(1, Math.floor((slice.to - slice.from) / 2)), targetPages: 1 };
      return;
    }
    feed.setAside({ ...slice, reason: error.message, retryAtMs: clock.nowMs() + ASIDE_MS });
    log.error('a second of the audit log cannot be read; it is set aside and tried again hourly', {
      second: new Date(slice.from * 1000).toISOString(),
      reason: error.message,
    });
  }

  async #deliver({ span, nowS, events, requests }: ReadSlice, signal: AbortSignal): Promise<Filled> {
    const { feed, pipeline, clock, log } = this.#source;
    const delivered = await pipeline.deliver(feed, events, 'backfill', { span, nowS }, signal);
    for (const { from, to, reason } of delivered.aside) {
      feed.setAside({ from, to, reason, retryAtMs: clock.nowMs() + ASIDE_MS });
      log.error('the backend takes no events this old; they are kept and tried again hourly', {
        from: new Date(from * 1000).toISOString(),
        to: new Date(to * 1000).toISOString(),
        reason,
      });
    }
    feed.clearAsides();
    return { span, found: delivered.found, late: delivered.late, requests };
  }

  #heldEvents(): number {
    return this.#held.reduce((sum, slice) => sum + slice.events.length, 0);
  }
}
