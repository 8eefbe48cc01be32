import { type Backoff, backoffMs } from '../backoff.ts';
import { gaps, type Interval } from '../coverage/intervals.ts';
import { firstPace, learnPace, mostPages, nextSlice, type SlicePace } from '../coverage/slices.ts';
import { CollectorError } from '../errors.ts';
import type { Stated, Storage } from '../storage/storage.ts';
import { type Answer, failedAnswer } from './answer.ts';
import { FOREIGN, identify, learnTime } from './identity.ts';
import { deliverSecond, readSlice, type Slice } from './slice.ts';
import type { Source } from './source.ts';
import { SpanProgress } from './span-progress.ts';

/** What a span of event time lists now, beside what was known of it. */
interface Verified {
  /** What was read: the span that was asked, as far as it is settled and belongs to the history. */
  readonly span: Interval;
  readonly listed: number;
  /** Of these, how many had no fate and were delivered now; and how many of them lay in what was covered. */
  readonly missing: number;
  readonly late: number;
  /** Known, and no longer listed. */
  readonly withdrawn: number;
  /** What could not be read, or what the backend does not take. */
  readonly open: readonly Interval[];
  /** Hours whose ids are forgotten: only their numbers can be compared. */
  readonly forgotten: readonly Compared[];
}

interface Compared extends Interval {
  readonly listed: number;
  readonly expected: number;
}

const BACKOFF: Backoff = { initialMs: 1_000, maxMs: 30_000 };
/** So often a slice fails before it is cut smaller, down to a second, which is passed over. */
const PATIENCE = 4;

/** What `verify` says of one stream; `sources` are all of its organization. */
export async function verifySource(
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  asked: Interval,
  signal: AbortSignal,
): Promise<Answer> {
  const { feed } = source;
  const name = `${feed.key.organization}/${feed.key.stream}`;
  try {
    return answerOf(name, await verifySpan(source, sources, storage, asked, signal));
  } catch (error) {
    if (signal.aborted || !(error instanceof CollectorError)) throw error;
    const never = feed.key.stream === 'tenant' && !feed.state.listed && error.status !== 401;
    if (never) return { ok: true, lines: [`${name}: not available, and never was: ${error.message}`] };
    return failedAnswer(name, error);
  }
}

function answerOf(name: string, { span, listed, missing, late, withdrawn, open, forgotten }: Verified): Answer {
  if (span.from >= span.to)
    return { ok: true, lines: [`${name}: nothing of this is settled history; nothing to read`] };
  const lines = [
    `${name}: ${isoSpan(span)}: ${listed} listed, ${listed - missing} known, ${missing} missing` +
      ` (${late} of them late), ${withdrawn} newly withdrawn`,
  ];
  if (missing > 0) lines.push(`${name}: what was missing is delivered`);
  for (const each of joined(open)) lines.push(`${name}: not verified: ${isoSpan(each)}`);
  if (forgotten.length > 0) {
    lines.push(`${name}: ids are forgotten in ${forgotten.length} spans; there only numbers could be compared`);
  }
  const differing = forgotten.filter(({ listed, expected }) => listed !== expected);
  for (const each of differing) {
    lines.push(`${name}: ${isoSpan(each)}: ${each.listed} listed, ${each.expected} known by number`);
  }
  const lost = forgotten.some(({ listed, expected }) => listed > expected);
  return { ok: missing === 0 && open.length === 0 && !lost, lines };
}

function joined(spans: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

function isoSpan({ from, to }: Interval): string {
  return [from, to].map(second => new Date(second * 1000).toISOString().replace('.000', '')).join(' to ');
}

/** Reads [from, to) again, delivers what is missing in it and says what it found. Throws what a person must act upon. */
async function verifySpan(
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  asked: Interval,
  signal: AbortSignal,
): Promise<Verified> {
  const reading = new Reading(source, signal);
  await reading.insist(() => learnTime(source, signal));
  const identity = await reading.insist(() => identify(source, sources, storage, signal));
  if (identity === 'another') throw new CollectorError('misconfigured', FOREIGN);
  const { feed, time } = source;
  feed.start(time.estimateS() ?? 0);
  const span = {
    from: Math.max(asked.from, feed.state.startAt),
    to: Math.min(asked.to, feed.settledBefore(time.estimateS() ?? 0)),
  };
  const { floor, coverage } = feed.state;
  const below = { from: span.from, to: Math.min(span.to, floor) };
  const forgotten = gaps(gaps(coverage, below), below);
  await reading.read(gaps(forgotten, span), forgotten);
  await source.pipeline.save(feed);
  return { span, ...reading.result };
}

/** One verification under way. */
class Reading {
  readonly #source: Source;
  readonly #signal: AbortSignal;
  #pace: SlicePace = firstPace;
  #open: readonly Interval[] = [];
  readonly #progress: SpanProgress;
  readonly result = {
    listed: 0,
    missing: 0,
    late: 0,
    withdrawn: 0,
    open: [] as Interval[],
    forgotten: [] as Compared[],
  };

  constructor(source: Source, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    this.#progress = new SpanProgress(source, 'verify', () => this.#open);
  }

  /** Reads what is known by id, and counts where ids are forgotten; both ascending, and disjoint. */
  async read(known: readonly Interval[], forgotten: readonly Interval[]): Promise<void> {
    const { pipeline, feed } = this.#source;
    this.#open = [...forgotten, ...known].sort((a, b) => a.from - b.from);
    try {
      for (const part of known) await this.#verify(part);
      for (const part of forgotten) await this.#compare(part, await pipeline.stated(feed, part));
    } finally {
      this.#progress.end();
    }
  }

  /** Slice by slice from the oldest on. */
  async #verify(span: Interval): Promise<void> {
    let open: readonly Interval[] = [span];
    let failures = 0;
    for (let [part] = open; part !== undefined; [part] = open) {
      const slice = nextSlice(part, this.#pace);
      try {
        const read = await this.#verifySlice(slice);
        open = open.flatMap(each => gaps([read], each));
        this.#done(read);
        failures = 0;
      } catch (error) {
        failures = await this.#afterFailure(error, failures);
        if (failures < PATIENCE) continue;
        failures = 0;
        if (slice.to - slice.from > 1) {
          this.#pace = { lengthS: Math.floor((slice.to - slice.from) / 2), targetPages: 1, density: 0 };
          continue;
        }
        this.result.open.push(slice);
        open = open.flatMap(each => gaps([slice], each));
        this.#done(slice);
      }
    }
  }

  /** Counts what is listed in each span of which only numbers are known. */
  async #compare(span: Interval, stated: readonly Stated[]): Promise<void> {
    const counts = stated.map(() => 0);
    const first = Math.min(...stated.map(({ from }) => from));
    const last = Math.max(...stated.map(({ to }) => to));
    const beside = gaps(stated, span);
    this.result.open.push(...beside);
    if (stated.length === 0) return this.#done(span);
    await this.insist(async () => {
      counts.fill(0);
      const receiver = this.#progress.heard(this.#source.receivers.reverify, { from: first, to: last });
      for await (const { events } of receiver.walk({ gte: first, lte: last - 1 }, this.#signal)) {
        for (const { effectiveAt } of events) {
          const i = stated.findIndex(({ from, to }) => from <= effectiveAt && effectiveAt < to);
          if (i >= 0) counts[i] = (counts[i] ?? 0) + 1;
        }
      }
    });
    stated.forEach(({ from, to, acknowledged, parked, excluded, withdrawn }, i) => {
      const listed = counts[i] ?? 0;
      this.result.listed += listed;
      this.result.forgotten.push({ from, to, listed, expected: acknowledged + parked + excluded - withdrawn });
    });
    this.#done(span);
  }

  async insist<T>(step: () => Promise<T>): Promise<T> {
    for (let failures = 0; ; ) {
      try {
        return await step();
      } catch (error) {
        failures = await this.#afterFailure(error, failures);
        if (failures >= PATIENCE && error instanceof CollectorError && error.kind === 'malformed') throw error;
      }
    }
  }

  async #verifySlice(slice: Slice): Promise<Interval> {
    const { receivers, pipeline, feed } = this.#source;
    const receiver = this.#progress.heard(receivers.reverify, slice);
    const read = await readSlice(this.#source, receiver, slice, mostPages(this.#pace), this.#signal);
    const { span, nowS, withdrawn, events, denseSecond } = read;
    if (denseSecond !== undefined) return this.#verifyDense(slice, denseSecond);
    this.#pace = learnPace(this.#pace, span.to - span.from, events.count);
    const { found, late, aside } = await pipeline.deliver(
      feed,
      events.oldestFirst(),
      'backfill',
      { span, nowS, withdrawn },
      this.#signal,
    );
    this.result.listed += events.only(({ effectiveAt }) => span.from <= effectiveAt && effectiveAt < span.to).count;
    this.#add(found, late);
    this.result.withdrawn += withdrawn.length;
    if (aside !== undefined) this.result.open.push(aside);
    return span;
  }

  /** A second with more events than a slice may hold: the newest of the slice, or the one above it. */
  async #verifyDense(slice: Slice, second: number): Promise<Interval> {
    // Its neighbour above is that dense: this slice is read without it.
    if (second >= slice.to && slice.noneAbove !== true) return this.#verifySlice({ ...slice, noneAbove: true });
    const newest = Math.min(second, slice.to - 1);
    const { receivers } = this.#source;
    const { span, listed, found, late } = await deliverSecond(this.#source, receivers.reverify, newest, this.#signal);
    this.result.listed += listed;
    this.#add(found, late);
    return span;
  }

  #done(span: Interval): void {
    this.#open = this.#open.flatMap(each => gaps([span], each));
    this.#progress.done(span.to - span.from);
  }

  #add(found: number, late: number): void {
    this.result.missing += found;
    this.result.late += late;
  }

  /** Lets through what no repetition mends; else waits, and returns how often it has failed. */
  async #afterFailure(error: unknown, failures: number): Promise<number> {
    const { clock, random } = this.#source;
    if (this.#signal.aborted || !(error instanceof CollectorError)) throw error;
    if (error.kind === 'misconfigured') throw error;
    const waitMs = backoffMs(BACKOFF, failures + 1, random, error.retryAfterMs);
    await clock.sleep(waitMs, this.#signal);
    return failures + 1;
  }
}
