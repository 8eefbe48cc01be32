import { type Due, dueSpans, type Tier } from '../coverage/due.ts';
import { gaps, type Interval } from '../coverage/intervals.ts';
import { firstPace, learnPace, mostPages, nextSlice, type SlicePace } from '../coverage/slices.ts';
import { deliverSecond, type ReadSlice, readSlice, type Slice } from './slice.ts';
import type { Source } from './source.ts';

/** Late events come in clusters: one makes the time around it due at once, and twice as much when more are found. */
const FIRST_SUSPICION_S = 3600;
const WIDEST_SUSPICION_S = 14 * 86_400;
/** So often a slice fails before it is passed over. */
const PATIENCE = 4;

interface Suspicion {
  readonly aroundS: number;
  readonly widthS: number;
  readonly open: readonly Interval[];
  readonly found: number;
}

export interface Reverified {
  readonly late: number;
  readonly requests: number;
}

/** Reads covered intervals again, so that events which appear late with old times are found. */
export class Reverifier {
  readonly #source: Source;
  readonly #tiers: readonly Tier[];
  #pace: SlicePace = firstPace;
  #pass: Due | undefined;
  /** When each tier's last pass began, as T. */
  readonly #began = new Map<Tier, number>();
  #failures = 0;
  #suspicions: readonly Suspicion[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#tiers = source.feed.config.reverify
      .map(({ lastMs, everyMs }) => ({ lastS: lastMs / 1000, everyS: everyMs / 1000 }))
      .toSorted((a, b) => a.everyS - b.everyS);
  }

  /** An event was found late at this time (Unix seconds). */
  #suspect(aroundS: number): void {
    if (this.#suspicions.some(({ open }) => open.some(({ from, to }) => from <= aroundS && aroundS < to))) return;
    this.#suspicions = [...this.#suspicions, suspicion(aroundS, FIRST_SUSPICION_S)];
  }

  /** Reads one slice of what is due at T `nowS`; undefined when nothing is. Throws what the receiver throws. */
  async step(nowS: number, signal: AbortSignal): Promise<Reverified | undefined> {
    for (const second of this.#source.feed.takeLateTimes()) this.#suspect(second);
    const [suspected] = this.#suspicions;
    if (suspected !== undefined) return this.#followUp(suspected, signal);
    const pass = this.#pass?.spans.length ? this.#pass : this.#nextPass(nowS);
    this.#pass = pass;
    const [span] = pass?.spans ?? [];
    if (pass === undefined || span === undefined) return undefined;
    const { read, ...result } = await this.#read(span, signal);
    this.#pass = { ...pass, spans: without(pass.spans, read) };
    return result;
  }

  #nextPass(nowS: number): Due | undefined {
    const { feed, log } = this.#source;
    for (const tier of this.#tiers) {
      const due = dueSpans(feed.state.coverage, tier, nowS);
      // Whatever coverage says, a tier is not read in a circle.
      if (due === undefined || nowS - (this.#began.get(tier) ?? Number.NEGATIVE_INFINITY) < tier.everyS / 2) continue;
      this.#began.set(tier, nowS);
      if (due.overdueS > tier.everyS) {
        log.warn('re-verification is behind: the request budget does not suffice; it goes on and skips nothing', {
          code: 'reverify-behind',
          last_h: tier.lastS / 3600,
          every_h: tier.everyS / 3600,
          overdue_h: Math.round(due.overdueS / 3600),
        });
      }
      return due;
    }
    return undefined;
  }

  async #followUp(suspected: Suspicion, signal: AbortSignal): Promise<Reverified> {
    const others = this.#suspicions.filter(other => other !== suspected);
    const [span] = this.#coveredParts(suspected.open);
    if (span !== undefined) {
      const { read, ...result } = await this.#read(span, signal);
      const found = suspected.found + result.late;
      this.#suspicions = [{ ...suspected, found, open: without(suspected.open, read) }, ...others];
      return result;
    }
    const wider = suspected.widthS * 2;
    const goesOn = suspected.found > 0 && wider <= WIDEST_SUSPICION_S;
    this.#suspicions = goesOn ? [...others, suspicion(suspected.aroundS, wider)] : others;
    return { late: 0, requests: 0 };
  }

  /** What is not covered belongs to a gap, and is read there. */
  #coveredParts(spans: readonly Interval[]): readonly Interval[] {
    const { coverage } = this.#source.feed.state;
    return spans.flatMap(span => gaps(gaps(coverage, span), span));
  }

  async #read(span: Interval, signal: AbortSignal): Promise<Reverified & { readonly read: Interval }> {
    const slice = nextSlice(span, this.#pace);
    try {
      const read = await this.#readSlice(slice, signal);
      if (read.failure === undefined) this.#failures = 0;
      return read.denseSecond === undefined
        ? await this.#deliver(read, signal)
        : await this.#readDense(slice, read.denseSecond, signal);
    } catch (error) {
      if (!signal.aborted) this.#giveWay(slice);
      throw error;
    }
  }

  #readSlice(slice: Slice, signal: AbortSignal): Promise<ReadSlice> {
    return readSlice(this.#source, this.#source.receivers.reverify, slice, mostPages(this.#pace), signal);
  }

  async #deliver(read: ReadSlice, signal: AbortSignal) {
    const { pipeline, feed } = this.#source;
    const { span, nowS, withdrawn, events, requests } = read;
    this.#pace = learnPace(this.#pace, span.to - span.from, events.count);
    const { late } = await pipeline.deliver(feed, events.oldestFirst(), 'backfill', { span, nowS, withdrawn }, signal);
    return { read: span, late, requests };
  }

  /** A second with more events than a slice may hold: the newest of the slice, or the one above it. */
  async #readDense(
    slice: Slice,
    second: number,
    signal: AbortSignal,
  ): Promise<Reverified & { readonly read: Interval }> {
    if (second < slice.to) {
      const { span, late, requests } = await deliverSecond(
        this.#source,
        this.#source.receivers.reverify,
        second,
        signal,
      );
      return { read: span, late, requests };
    }
    // Its neighbour above is that dense: this slice is read without it.
    const alone = await this.#readSlice({ ...slice, noneAbove: true }, signal);
    return alone.denseSecond === undefined
      ? this.#deliver(alone, signal)
      : this.#readDense({ ...slice, noneAbove: true }, Math.min(alone.denseSecond, slice.to - 1), signal);
  }

  /** What cannot be read stays due, and the next pass tries it again; this one goes on above it. */
  #giveWay(slice: Interval): void {
    this.#failures += 1;
    if (this.#failures < PATIENCE) return;
    this.#failures = 0;
    this.#pace = firstPace;
    if (this.#pass !== undefined) this.#pass = { ...this.#pass, spans: without(this.#pass.spans, slice) };
    this.#suspicions = this.#suspicions.map(each => ({ ...each, open: without(each.open, slice) }));
  }
}

function suspicion(aroundS: number, widthS: number): Suspicion {
  return { aroundS, widthS, found: 0, open: [{ from: aroundS - widthS, to: aroundS + widthS }] };
}

function without(spans: readonly Interval[], read: Interval): readonly Interval[] {
  return spans.flatMap(span => gaps([read], span));
}
