import type { ListedEvent } from '../../api/audit-log.ts';
import type { Asked } from '../../receiver/receiver.ts';

const PAGE = 100;
const DAY_S = 86_400;
/** Where a span of known length is looked at, as parts of it; and one without a beginning, as ages. */
const PARTS = [0.05, 0.3, 0.7];
const AGES_S = [7, 30, 90, 365, 1_095].map(days => days * DAY_S);
const HALVINGS = 3;
/** The receiver reads so many page boundaries again before it trusts cursors. */
const CHECKS = 20;
/** The first page tells enough of what takes no more than this. */
const FEW = 20;

/** The newest events below a second, at most a page, and whether there are more. */
export type Look = (lte: number) => Promise<{ readonly events: readonly ListedEvent[]; readonly hasMore: boolean }>;

/**
 * About how many requests the rest of a span takes, by what its first page shows and, where that may be many, by looks at
 * a few places further down.
 */
export async function requestsLeft(first: readonly ListedEvent[], { gte }: Asked, look: Look): Promise<number> {
  const edge = edgeOf(first);
  if (edge === undefined) return 0;
  const guess = gte === undefined ? Number.POSITIVE_INFINITY : requestsFor((edge.oldest - gte) * edge.perSecond);
  return guess <= FEW ? guess : requestsFor(await eventsBelow(edge, gte, look));
}

interface Edge {
  readonly oldest: number;
  /** Events in a second, there. */
  readonly perSecond: number;
}

async function eventsBelow(edge: Edge, gte: number | undefined, look: Look): Promise<number> {
  const places =
    gte === undefined
      ? AGES_S.map(age => edge.oldest - age)
      : PARTS.map(part => Math.round(edge.oldest - part * (edge.oldest - gte)));
  let events = 0;
  let above = edge;
  for (const place of places.filter(each => each > 0)) {
    const { events: found, hasMore } = await look(place);
    const here = edgeOf(found, place);
    if (here === undefined) return events + (await eventsSince(place, above, look));
    events += between(above, place, here);
    if (!hasMore) return events + found.length;
    above = { ...here, oldest: place };
  }
  // Without a beginning it is as much again, at a guess.
  return events + (gte === undefined ? events : (above.oldest - gte) * above.perSecond);
}

/** Where nothing is at a place, the list begins somewhere above: a few halvings tell about where. */
async function eventsSince(nothing: number, edge: Edge, look: Look): Promise<number> {
  let events = 0;
  let [above, empty] = [edge, nothing];
  for (let i = 0; i < HALVINGS; i += 1) {
    const place = Math.round((above.oldest + empty) / 2);
    const { events: found, hasMore } = await look(place);
    const here = edgeOf(found, place);
    if (here === undefined) empty = place;
    else {
      events += between(above, place, here);
      if (!hasMore) return events + found.length;
      above = { ...here, oldest: place };
    }
  }
  return events + ((above.oldest - empty) * above.perSecond) / 2;
}

function between(above: Edge, place: number, below: Edge): number {
  return ((above.oldest - place) * (above.perSecond + below.perSecond)) / 2;
}

function edgeOf(events: readonly ListedEvent[], newest?: number): Edge | undefined {
  const times = events.map(({ effectiveAt }) => effectiveAt);
  const oldest = Math.min(...times);
  if (!Number.isFinite(oldest)) return undefined;
  return { oldest, perSecond: times.length / Math.max(1, (newest ?? Math.max(...times)) - oldest) };
}

function requestsFor(events: number): number {
  const pages = Math.ceil(Math.max(0, events) / PAGE);
  return pages + Math.min(pages, CHECKS);
}
