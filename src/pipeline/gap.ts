import type { Interval } from '../coverage/intervals.ts';
import { firstPace, learnPace, mostPages, nextSlice, pageLengthS, type SlicePace } from '../coverage/slices.ts';
import { CollectorError } from '../errors.ts';
import type { BackfillProgress } from './backfill-progress.ts';
import { ASIDE_MS } from './feed.ts';
import { deliverSecond, type ReadSlice, readSlice, type Slice } from './slice.ts';
import type { Source } from './source.ts';
import { undated } from './undated.ts';

/** Slices that are read at once, so that reading is not bound by the round trip, nor by the export. */
const AHEAD = 3;
/** Bytes of compressed events that may wait in memory until what is older is delivered. */
const MOST_WAITING = 32 * 1024 * 1024;
/** What the API's time had not reached yet when it was read is read again so much later. */
const SOON_MS = 1_000;
/** So often a span fails before it is cut smaller, and a single second at least before it is set aside. */
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
  readonly waiting: { bytes: number };
}

/** A span from the first open second on that could not be read. */
interface Trouble {
  readonly to: number;
  readonly failures: number;
}

/** Fills what is not covered, from the oldest on, slice by slice; slices are read ahead and exported in order. */
export class GapFiller {
  readonly #source: Source;
  readonly #progress: BackfillProgress;
  #pace: SlicePace = firstPace;
  /** Ascending; the first begins where the first gap begins. */
  #readings: readonly Reading[] = [];
  #trouble: Trouble | undefined;
  /** Open seconds with more events than a slice may hold. */
  #dense: readonly number[] = [];

  constructor(source: Source, progress: BackfillProgress) {
    this.#source = source;
    this.#progress = progress;
  }

  /** How long it takes, by the density met last, until events fill a page, in seconds. */
  get pageS(): number {
    return pageLengthS(this.#pace);
  }

  /** Whether it has begun with slices that are not delivered yet. */
  get isAtWork(): boolean {
    return this.#readings.length > 0 || this.#dense.length > 0;
  }

  /** Whether it is looking for what makes a span unreadable. */
  get isInTrouble(): boolean {
    return this.#trouble !== undefined;
  }

  /** Fills one slice below `end` (Unix seconds); undefined when nothing is open there. Throws what the receiver throws. */
  async step(end: number, signal: AbortSignal): Promise<Filled | undefined> {
    const { feed, clock } = this.#source;
    const [gap] = feed.gaps(end, clock.monotonicMs());
    if (gap === undefined || gap.from >= (this.#trouble?.to ?? Number.POSITIVE_INFINITY)) this.#trouble = undefined;
    this.#readings = gap === undefined ? [] : this.#readings.filter(({ slice }) => slice.from >= gap.from);
    this.#dense = this.#dense.filter(second => gap !== undefined && second >= gap.from);
    if (gap === undefined) return undefined;
    if (this.#dense.includes(gap.from)) return this.#fillSecond(gap.from, signal);
    this.#readFirst(gap, signal);
    this.#readAhead(gap.from, end, signal);
    const [reading, ...later] = this.#readings;
    if (reading === undefined) return undefined;
    this.#readings = later;
    let failing: Interval = reading.slice;
    try {
      const read = await reading.read;
      this.#pace = learnPace(this.#pace, read.span.to - read.span.from, read.events.count);
      if (read.failure !== undefined) {
        this.#keep(read);
        failing = { from: failing.from, to: read.span.from };
        throw read.failure;
      }
      if (read.denseSecond !== undefined) return this.#makeWay(reading.slice, read);
      return await this.#fill(reading.slice, read, end, signal);
    } catch (error) {
      if (!signal.aborted && error instanceof CollectorError) this.#giveWay(failing, error);
      throw error;
    }
  }

  /** What comes first of all: the oldest open second is in it. */
  #readFirst(gap: Interval, signal: AbortSignal): void {
    const [first] = this.#readings;
    if (first?.slice.from === gap.from) return;
    const to = Math.min(gap.to, first?.slice.from ?? gap.to, this.#troubledTo(gap.from));
    const slice = this.#trouble === undefined ? nextSlice({ from: gap.from, to }, this.#pace) : { from: gap.from, to };
    this.#readings = [this.#read(this.#belowDense(slice), signal), ...this.#readings];
  }

  /** While a span fails again and again, half of it is tried, down to the bad second. */
  #troubledTo(from: number): number {
    if (this.#trouble === undefined) return Number.POSITIVE_INFINITY;
    const { to, failures } = this.#trouble;
    return failures < PATIENCE ? to : from + Math.max(1, Math.floor((to - from) / 2));
  }

  /** Starts to read what comes next, from `start` on, as far as memory and trust allow. */
  #readAhead(start: number, end: number, signal: AbortSignal): void {
    const { feed, clock } = this.#source;
    // While something fails it is read alone, so that no slice is read in vain.
    if (this.#trouble !== undefined) return;
    while (this.#readings.length < AHEAD && this.#waiting() < MOST_WAITING) {
      const from = this.#readings.at(-1)?.slice.to ?? start;
      const gap = feed.gaps(end, clock.monotonicMs()).find(({ to }) => to > from);
      if (gap === undefined) return;
      const slice = this.#belowDense(nextSlice({ from: Math.max(from, gap.from), to: gap.to }, this.#pace));
      if (slice.from === slice.to) return;
      this.#readings = [...this.#readings, this.#read(slice, signal)];
    }
  }

  #read(slice: Slice, signal: AbortSignal): Reading {
    const waiting = { bytes: 0 };
    const receiver = this.#progress.heard(this.#source.receivers.gap, slice);
    const read = readSlice(this.#source, receiver, slice, mostPages(this.#pace), signal);
    read.then(
      ({ events }) => {
        waiting.bytes = events.bytes;
      },
      () => undefined,
    );
    return { slice, read, waiting };
  }

  /** What was dense is kept until its older part is read, which then goes first; when memory is short it goes at once. */
  async #fill(slice: Slice, read: ReadSlice, end: number, signal: AbortSignal): Promise<Filled> {
    if (read.span.from === slice.from) {
      // The next slices are on their way while this one is exported.
      this.#readAhead(read.span.to, end, signal);
      return this.#deliver(read, signal);
    }
    if (this.#waiting() + read.events.bytes > MOST_WAITING) return this.#deliver(read, signal);
    this.#keep(read);
    return { span: { from: read.span.to, to: read.span.to }, found: 0, late: 0, requests: read.requests };
  }

  #keep({ failure: _, ...read }: ReadSlice): void {
    const kept = { slice: read.span, read: Promise.resolve(read), waiting: { bytes: read.events.bytes } };
    this.#readings = [kept, ...this.#readings];
  }

  /** A second holds more events than a slice may: what is older comes first, then the second itself, page by page. */
  #makeWay(slice: Slice, { denseSecond = slice.from, requests }: ReadSlice): Filled {
    this.#dense = [...this.#dense, denseSecond];
    const to = Math.max(slice.from, Math.min(denseSecond, slice.to));
    return { span: { from: to, to }, found: 0, late: 0, requests };
  }

  async #fillSecond(second: number, signal: AbortSignal): Promise<Filled> {
    const span = { from: second, to: second + 1 };
    try {
      const filled = await deliverSecond(this.#source, this.#source.receivers.gap, second, signal);
      await this.#mustBeCovered(filled, signal);
      return filled;
    } catch (error) {
      if (!signal.aborted && error instanceof CollectorError) this.#giveWay(span, error);
      throw error;
    }
  }

  /** A slice ends below what is too dense for any. */
  #belowDense({ from, to }: Interval): Slice {
    const dense = Math.min(...this.#dense.filter(second => second >= from));
    return dense <= to ? { from, to: dense, noneAbove: true } : { from, to };
  }

  #giveWay(slice: Interval, failure: CollectorError): void {
    const { feed, clock, log } = this.#source;
    if (failure.kind === 'misconfigured' || failure.status === 429 || failure.code === 'api-no-date') return;
    const failures = (this.#trouble?.failures ?? 0) + 1;
    this.#trouble = { to: slice.to, failures };
    if (failures < PATIENCE || slice.to - slice.from > 1) return;
    this.#trouble = undefined;
    feed.setAside({ ...slice, reason: failure.message, retryAtMs: clock.monotonicMs() + ASIDE_MS });
    log.error('a second of the audit log cannot be read; it is set aside and tried again hourly', {
      code: 'span-aside',
      second: new Date(slice.from * 1000).toISOString(),
      reason: failure.message,
    });
  }

  async #deliver({ span, nowS, events, requests }: ReadSlice, signal: AbortSignal): Promise<Filled> {
    const { feed, pipeline } = this.#source;
    const { found, late } = await pipeline.deliver(feed, events.oldestFirst(), 'backfill', { span, nowS }, signal);
    await this.#mustBeCovered({ span, nowS }, signal);
    feed.clearAsides();
    return { span, found, late, requests };
  }

  /** What is open still would be read again at once. */
  async #mustBeCovered({ span, nowS }: Pick<ReadSlice, 'span' | 'nowS'>, signal: AbortSignal): Promise<void> {
    const { feed, clock } = this.#source;
    if (nowS === undefined) throw undated('retryable');
    const isOpen = feed.gaps(span.to, clock.monotonicMs()).some(({ to }) => to > span.from);
    if (isOpen) await clock.sleep(SOON_MS, signal);
  }

  #waiting(): number {
    return this.#readings.reduce((sum, { waiting }) => sum + waiting.bytes, 0);
  }
}
