import type { Interval } from '../coverage/intervals.ts';
import { CollectorError } from '../errors.ts';
import type { Receiver } from '../receiver/receiver.ts';
import type { Listed } from '../storage/storage.ts';
import { type Head, HeldEvents } from './held-events.ts';
import type { Source } from './source.ts';

/** Characters of events that one slice holds, however few its pages are. */
const MOST_CHARACTERS = 8 * 1024 * 1024;
/** In a slice that is shorter than this, the seconds beside it would be a good part of what is read. */
const SHORT_S = 60;

/** A span to read. */
export interface Slice extends Interval {
  /** Whether its upper neighbour second is too dense to be asked for as a check. */
  readonly noneAbove?: boolean;
}

/** A span that was read to its end, with what it listed. */
export interface ReadSlice {
  readonly span: Interval;
  /** T at its first page, Unix seconds; undefined when it cannot be trusted. */
  readonly nowS: number | undefined;
  /** Those of the span, and those beside it that lie in covered seconds. */
  readonly events: HeldEvents;
  /** Uids that the span listed once, and no longer does. */
  readonly withdrawn: readonly string[];
  readonly requests: number;
  /** Why the rest below the span could not be read. */
  readonly failure?: CollectorError;
  /** Set when nothing was proved within the pages allowed, since this second alone is denser than that. */
  readonly denseSecond?: number;
}

/**
 * Reads [from, to), asking one second more on either side as a check, unless it is short and the stream was seen to keep
 * to such bounds. When it turns out dense, or fails on the way, the newest part that was proved is returned, with a
 * later `from`.
 */
export async function readSlice(
  source: Source,
  receiver: Receiver,
  slice: Slice,
  mostPages: number,
  signal: AbortSignal,
): Promise<ReadSlice> {
  const { time, feed, pipeline } = source;
  const known = await pipeline.known(feed, slice);
  const beside = slice.to - slice.from < SHORT_S && receiver.boundsHold() ? 0 : 1;
  const asked = { gte: slice.from - beside, lte: slice.to - 1 + (slice.noneAbove ? 0 : beside) };
  let events = new HeldEvents();
  let requests = 0;
  let characters = 0;
  let mark = time.mark();
  let from = slice.to;
  let oldest: number | undefined;
  let failure: CollectorError | undefined;
  try {
    for await (const page of receiver.walk(asked, signal)) {
      if (requests === 0) mark = time.mark();
      requests += 1;
      events = events.with(page.events);
      if (page.events.length > 0) feed.sawEvents();
      oldest = page.descending ? page.oldest : undefined;
      if (page.ended) from = slice.from;
      else from = oldest === undefined ? slice.to : Math.min(slice.to, Math.max(slice.from, oldest + 1));
      characters += page.events.reduce((sum, { text }) => sum + text.length, 0);
      const isFull = requests >= mostPages || characters >= MOST_CHARACTERS;
      if (oldest !== undefined && (oldest < slice.from || isFull)) break;
      if (oldest === undefined && !page.ended && characters >= MOST_CHARACTERS) {
        // Without an order nothing of it is proved before its end, and so much is not held: a shorter slice may be.
        if (slice.to - slice.from > 1) throw tooMuch(slice);
        oldest = slice.from;
        break;
      }
    }
  } catch (error) {
    if (signal.aborted || from === slice.to || !(error instanceof CollectorError)) throw error;
    failure = error;
  }
  const span = { from, to: slice.to };
  // What has no time of its own stands somewhere in the span, whatever its neighbour's time is: no other slice lists it.
  const wanted = events.only(
    ({ effectiveAt, timeIsNeighbours }) =>
      (timeIsNeighbours || inside(effectiveAt, span) || feed.isCovered(effectiveAt)) && !feed.isForgotten(effectiveAt),
  );
  const dense = from === slice.to && oldest !== undefined ? { denseSecond: oldest } : {};
  const failed = failure === undefined ? {} : { failure };
  const withdrawn = unlisted(known, events.heads, span);
  return { span, nowS: time.trustedS(mark), events: wanted, withdrawn, requests, ...dense, ...failed };
}

/**
 * Reads a single second that is too dense to hold, and delivers it page by page: since all of it has the same time, any
 * order is the right one. Its neighbours ask for it as a check.
 */
export async function deliverSecond(source: Source, receiver: Receiver, second: number, signal: AbortSignal) {
  const { time, feed, pipeline } = source;
  const span = { from: second, to: second + 1 };
  const nothing = { span: { from: span.to, to: span.to }, nowS: undefined };
  const total = { listed: 0, found: 0, late: 0, requests: 0 };
  let mark = time.mark();
  for await (const page of receiver.walk({ gte: second, lte: second }, signal)) {
    if (total.requests === 0) mark = time.mark();
    total.requests += 1;
    const events = page.events.filter(({ effectiveAt }) => !feed.isForgotten(effectiveAt));
    const { found, late } = await pipeline.deliver(feed, events, 'backfill', nothing, signal);
    total.listed += events.length;
    total.found += found;
    total.late += late;
  }
  const nowS = time.trustedS(mark);
  await pipeline.deliver(feed, [], 'backfill', { span, nowS }, signal);
  return { span, nowS, ...total };
}

/** What was known of a span before it was read, and was not listed in it. */
function unlisted(known: readonly Listed[], events: readonly Head[], span: Interval): readonly string[] {
  if (known.length === 0) return [];
  const listed = new Set(events.flatMap(({ uid, type }) => [uid, `${uid}#${type}`]));
  return known
    .filter(({ effectiveAt, withdrawn }) => inside(effectiveAt, span) && withdrawn === undefined)
    .flatMap(({ uid }) => (listed.has(uid) ? [] : [uid]));
}

function tooMuch({ from, to }: Interval): CollectorError {
  return new CollectorError(
    'malformed',
    `an unsorted listing holds too much in the ${to - from} s that were asked for`,
  );
}

function inside(second: number, { from, to }: Interval): boolean {
  return from <= second && second < to;
}
