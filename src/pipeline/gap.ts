import type { Interval } from '../coverage/intervals.ts';
import { firstPace, learnPace, mostPages, nextSlice, type SlicePace } from '../coverage/slices.ts';
import { CollectorError } from '../errors.ts';
import { deliverSecond, type ReadSlice, readSlice, type Slice } from './slice.ts';
import type { Source } from './source.ts';

/** How long a span waits that could not be read, or that the backend does not take. */
const ASIDE_MS = 3_600_000;
/** Slices that are read at once, so that reading is not bound by the round trip, nor by the export. */
const AHEAD = 3;
/** Events that may wait in memory until what is older is delivered. */
const MOST_WAITING_EVENTS = 30_000;
/** So often a span fails before it is cut smaller, and a single second before it is set aside. */
const PATIENCE = 4;

export interface Filled {
  readonly span: Interval;
  readonly found: number;
  readonly late: number;
  readonly requests: number;
}

/** A slice on its way from the API. */
interface Reading {
  readonly slice: Slice;
  readonly read: Promise<ReadSlice>;
  /** Once it has been read. */
  readonly waiting: { events: number };
}

/** Fills what is not covered, from the oldest on, slice by slice; slices are read ahead and exported in order. */
export class GapFiller {
  readonly #source: Source;
  #pace: SlicePace = firstPace;
  /** Ascending, without a hole between them that is open. */
  #readings: readonly Reading[] = [];
  #failures = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** How long it takes, by the density met last, until events fill a page, in seconds. */
  get pageS(): number {
    return this.#pace.lengthS / this.#pace.targetPages;
  }

  /** Fills one slice below `end` (Unix seconds); undefined when nothing is open there. Throws what the receiver throws. */
  async step(end: number, signal: AbortSignal): Promise<Filled | undefined> {
    const { feed, clock } = this.#source;
    const [gap] = feed.gaps(end, clock.monotonicMs());
    if (gap === undefined || this.#readings[0]?.slice.from !== gap.from) this.#readings = [];
    if (gap === undefined) return undefined;
    this.#readAhead(end, signal);
    const [reading, ...later] = this.#readings;
    if (reading === undefined) return undefined;
    try {
      const read = await reading.read;
      this.#readings = later;
      this.#failures = 0;
      this.#pace = learnPace(this.#pace, read.span.to - read.span.from, read.events.length);
      if (read.denseSecond !== undefined) return await this.#fillDense(reading.slice, read.denseSecond, signal);
      return await this.#fill(reading.slice, read, end, signal);
    } catch (error) {
      this.#readings = [];
      this.#giveWay(reading.slice, error);
      throw error;
    }
  }

  /** Starts to read what comes next, as far as memory and trust allow. */
  #readAhead(end: number, signal: AbortSignal): void {
    const { feed, clock } = this.#source;
    // While something fails it is read alone, so that no slice is read in vain.
    const most = this.#failures > 0 ? 1 : AHEAD;
    while (this.#readings.length < most && this.#waitingEvents() < MOST_WAITING_EVENTS) {
      const from = this.#readings.at(-1)?.slice.to ?? Number.NEGATIVE_INFINITY;
      const gap = feed.gaps(end, clock.monotonicMs()).find(({ to }) => to > from);
      if (gap === undefined) return;
      const slice = nextSlice({ from: Math.max(from, gap.from), to: gap.to }, this.#pace);
      this.#readings = [...this.#readings, this.#read(slice, signal)];
    }
  }

  #read(slice: Slice, signal: AbortSignal): Reading {
    const waiting = { events: 0 };
    const read = readSlice(this.#source, this.#source.receivers.gap, slice, mostPages(this.#pace), signal);
    read.then(
      ({ events }) => {
        waiting.events = events.length;
      },
      () => undefined,
    );
    return { slice, read, waiting };
  }

  /** What was dense is kept until its older part is read, which then goes first; when memory is short it goes at once. */
  async #fill(slice: Slice, read: ReadSlice, end: number, signal: AbortSignal): Promise<Filled> {
    const isWhole = read.span.from === slice.from;
    if (isWhole || this.#waitingEvents() + read.events.length > MOST_WAITING_EVENTS) {
      // The next slices are on their way while this one is exported.
      if (isWhole) this.#readAhead(end, signal);
      return this.#deliver(read, signal);
    }
    const older = this.#read({ from: slice.from, to: read.span.from }, signal);
    const newer = { slice: read.span, read: Promise.resolve(read), waiting: { events: read.events.length } };
    this.#readings = [older, newer, ...this.#readings];
    return { span: { from: read.span.to, to: read.span.to }, found: 0, late: 0, requests: read.requests };
  }

  /** A second with more events than a slice may hold: first what is older, then the second itself, page by page. */
  async #fillDense(slice: Slice, second: number, signal: AbortSignal): Promise<Filled> {
    const olderTo = Math.min(second, slice.to);
    if (slice.from < olderTo) {
      const older = this.#read({ from: slice.from, to: olderTo, noneAbove: true }, signal);
      this.#readings = [older];
      return { span: { from: olderTo, to: olderTo }, found: 0, late: 0, requests: 0 };
    }
    this.#readings = [];
    return deliverSecond(this.#source, this.#source.receivers.gap, slice.from, signal);
  }

  /** A span that fails again and again is cut, down to the bad second, which is set aside; filling goes on above it. */
  #giveWay(slice: Interval, error: unknown): void {
    const { feed, clock, log } = this.#source;
    if (!(error instanceof CollectorError) || error.kind === 'misconfigured') return;
    this.#failures += 1;
    if (this.#failures % PATIENCE !== 0) return;
    if (slice.to - slice.from > 1) {
      this.#pace = { lengthS: Math.max(1, Math.floor((slice.to - slice.from) / 2)), targetPages: 1 };
      return;
    }
    feed.setAside({ ...slice, reason: error.message, retryAtMs: clock.monotonicMs() + ASIDE_MS });
    log.error('a second of the audit log cannot be read; it is set aside and tried again hourly', {
      second: new Date(slice.from * 1000).toISOString(),
      reason: error.message,
    });
  }

  async #deliver({ span, nowS, events, requests }: ReadSlice, signal: AbortSignal): Promise<Filled> {
    const { feed, pipeline, clock, log } = this.#source;
    const delivered = await pipeline.deliver(feed, events, 'backfill', { span, nowS }, signal);
    for (const { from, to, reason } of delivered.aside) {
      feed.setAside({ from, to, reason, retryAtMs: clock.monotonicMs() + ASIDE_MS });
      log.error('the backend takes no events this old; they are kept and tried again hourly', {
        from: new Date(from * 1000).toISOString(),
        to: new Date(to * 1000).toISOString(),
        reason,
      });
    }
    feed.clearAsides();
    return { span, found: delivered.found, late: delivered.late, requests };
  }

  #waitingEvents(): number {
    return this.#readings.reduce((sum, { waiting }) => sum + waiting.events, 0);
  }
}
