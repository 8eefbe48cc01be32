import type { ListedEvent } from '../api/audit-log.ts';
import type { Interval } from '../coverage/intervals.ts';
import type { Receiver } from '../receiver/receiver.ts';
import { oldestFirst } from './feed.ts';
import type { Source } from './source.ts';

/** A span that was read to its end, with what it listed. */
export interface ReadSlice {
  readonly span: Interval;
  /** T at its first page, Unix seconds; undefined when it cannot be trusted. */
  readonly nowS: number | undefined;
  /** Oldest first: those of the span, and those beside it that lie in covered seconds. */
  readonly events: readonly ListedEvent[];
  readonly requests: number;
}

/**
 * Reads [from, to), asking one second more on either side. When it turns out dense, or fails on the way, the newest
 * part that was proved is returned, with a later `from`.
 */
export async function readSlice(
  source: Source,
  receiver: Receiver,
  slice: Interval,
  mostPages: number,
  signal: AbortSignal,
): Promise<ReadSlice> {
  const { time, feed } = source;
  const events: ListedEvent[] = [];
  let requests = 0;
  let mark = time.mark();
  let from = Number.POSITIVE_INFINITY;
  try {
    for await (const page of receiver.walk({ gte: slice.from - 1, lte: slice.to }, signal)) {
      if (requests === 0) mark = time.mark();
      requests += 1;
      events.push(...page.events);
      if (page.events.length > 0) feed.sawEvents();
      if (page.ended) from = slice.from;
      else if (!page.descending || page.oldest === undefined) from = Number.POSITIVE_INFINITY;
      else from = Math.max(slice.from, page.oldest + 1);
      if (requests >= mostPages && from < slice.to) break;
    }
  } catch (error) {
    if (signal.aborted || from >= slice.to) throw error;
  }
  const span = { from, to: slice.to };
  const wanted = events.filter(({ effectiveAt }) => inside(effectiveAt, span) || feed.isCovered(effectiveAt));
  return { span, nowS: time.trustedS(mark), events: oldestFirst(wanted), requests };
}

function inside(second: number, { from, to }: Interval): boolean {
  return from <= second && second < to;
}
