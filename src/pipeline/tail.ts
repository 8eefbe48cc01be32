import type { ListedEvent } from '../api/audit-log.ts';
import type { WalkPage } from '../receiver/receiver.ts';
import { oldestFirst } from './feed.ts';
import type { Source } from './source.ts';

/** How far back the tail looks. What is older belongs to a gap, so that live never steps back by an hour. */
const REACH_S = 45 * 60;
/** In a storm the next poll starts at the newest event again; the rest of the storm is a gap. */
export const MOST_PAGES = 5;

export interface Poll {
  readonly found: number;
  readonly late: number;
  readonly requests: number;
}

/**
 * Reads the newest events and delivers them page by page, each oldest first. Stops where it meets ground that it knows
 * to be whole, at the end of what is listed, or after `mostPages`: then the rest is a gap, and not read here again.
 */
export async function pollTail(source: Source, mostPages: number, signal: AbortSignal): Promise<Poll> {
  const { feed, time } = source;
  const total = { found: 0, late: 0, requests: 0 };
  const nowS = time.estimateS();
  // Until a stream has listed an event, however old, it may be that nothing can be seen in it: look at all of it.
  const gte = nowS === undefined || !feed.state.listed ? undefined : nowS - REACH_S - 1;
  const reached = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY, isWhole: false };
  const met: string[] = [];
  let isCut = false;
  let mark = time.mark();
  try {
    for await (const page of source.receivers.live.walk(gte === undefined ? {} : { gte }, signal)) {
      if (total.requests === 0) mark = time.mark();
      total.requests += 1;
      const trustedS = time.trustedS(mark);
      if (trustedS !== undefined && !feed.started) start(source, trustedS);
      if (page.events.length > 0) feed.sawEvents();
      const fromS = Math.max(
        feed.state.startAt,
        gte === undefined ? latest(source, mark.estimateS) - REACH_S : gte + 1,
      );
      // A Date that is wrong makes it look far back: what was known there may be forgotten, and is no news.
      const isNews = ({ effectiveAt }: ListedEvent) => effectiveAt >= fromS && !feed.isForgotten(effectiveAt);
      const events = oldestFirst(page.events.filter(isNews));
      const from = provedFrom(page, fromS);
      const proof = { span: { from, to: Number.POSITIVE_INFINITY }, nowS: trustedS };
      const delivered = await source.pipeline.deliver(feed, events, 'live', proof, signal);
      total.found += delivered.found;
      total.late += delivered.late;
      // A later page would prove the seconds of this one too, and something of them waits.
      if (delivered.aside !== undefined) break;
      reached.from = from;
      reached.to = Math.max(reached.to, events.at(-1)?.effectiveAt ?? fromS);
      const { descending, oldest } = page;
      reached.isWhole = from === fromS || (descending && oldest !== undefined && feed.isWholeAt(oldest));
      if (reached.isWhole) break;
      const [last] = events;
      met.push(...events.map(({ uid }) => uid));
      isCut = total.requests >= mostPages || !source.hasSpare() || (last !== undefined && feed.leftBehind(last.uid));
      if (isCut) break;
    }
  } finally {
    if (total.requests > 0) feed.tailReached({ from: reached.from, to: reached.to }, reached.isWhole, isCut ? met : []);
  }
  return total;
}

function start({ feed, log }: Source, nowS: number): void {
  const before = feed.state;
  feed.start(nowS);
  const [from, to] = [before.startAt, feed.state.startAt];
  if (before.startText === '' || to <= from) return;
  log.warn('start_from is later than it was: what is not delivered before it is given up', {
    code: 'start-from-later',
    from: new Date(from * 1000).toISOString(),
    to: new Date(to * 1000).toISOString(),
  });
}

/** Where no answer told a time yet, this machine's clock has to do: nothing is covered by it. */
function latest({ clock }: Source, estimateS: number): number {
  return Number.isFinite(estimateS) ? estimateS : Math.floor(clock.nowMs() / 1000);
}

/** The first second of which this page and those before it have shown everything; infinite when none is proved. */
function provedFrom(page: WalkPage, fromS: number): number {
  if (page.ended) return fromS;
  if (!page.descending || page.oldest === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(fromS, page.oldest + 1);
}
