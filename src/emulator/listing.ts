import { traitsOf } from './audit-event.ts';
import { comparePlaces, type Entries, type Entry, type Filters, type Place, type Shelf } from './shelf.ts';

/** How the listing is ordered. Descending is what the API was seen to do; the others break what it never promised. */
export type Order = 'descending' | 'ascending' | 'shuffled';

export interface PageQuery {
  /** Unix seconds, inclusive. */
  readonly from?: number;
  /** Unix seconds, exclusive. */
  readonly to?: number;
  readonly filters: Filters;
  readonly limit: number;
  /** The page starts behind this place. */
  readonly after?: Place;
  /** Without `after`, the page ends before this place. */
  readonly before?: Place;
}

export interface Page {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
  /** How many events were looked at: the work that the page took. */
  readonly visited: number;
}

/** One page over the events of some shelves taken together. Its work depends on the page, not on the history (unless shuffled). */
export function listPage(shelves: readonly Shelf[], query: PageQuery, order: Order): Page {
  const lists = shelves.flatMap(shelf => shelf.candidates(query.filters));
  if (order === 'shuffled') return shuffledPage(lists, query);
  const { low, high } = bounds(query, order);
  const backwards = query.before !== undefined && query.after === undefined;
  const direction = (order === 'ascending') !== backwards ? 'up' : 'down';
  const { entries, visited } = take(merge(lists, low, high, direction), query.filters, query.limit + 1);
  const page = entries.slice(0, query.limit);
  return { entries: backwards ? page.reverse() : page, hasMore: entries.length > query.limit, visited };
}

/** Both bounds are exclusive places: every arrival of a second lies above its place -1. */
function bounds(query: PageQuery, order: Order): { low: Place | undefined; high: Place | undefined } {
  const from = query.from === undefined ? undefined : { effectiveAt: query.from, arrival: -1 };
  const to = query.to === undefined ? undefined : { effectiveAt: query.to, arrival: -1 };
  const [newer, older] = order === 'ascending' ? [query.before, query.after] : [query.after, query.before];
  return { low: pick([from, older], 1), high: pick([to, newer], -1) };
}

function pick(places: readonly (Place | undefined)[], sign: 1 | -1): Place | undefined {
  const sorted = places.filter(place => place !== undefined).sort((a, b) => sign * comparePlaces(b, a));
  return sorted[0];
}

/** Several ordered lists as one, each entry once. */
function* merge(
  lists: readonly Entries[],
  low: Place | undefined,
  high: Place | undefined,
  direction: 'up' | 'down',
): Generator<Entry, undefined> {
  const sign = direction === 'up' ? 1 : -1;
  const walks = lists.map(list => list.walk(low, high, direction));
  const heads = walks.map(walk => walk.next().value);
  for (;;) {
    let next: Entry | undefined;
    for (const head of heads) {
      if (head !== undefined && (next === undefined || sign * comparePlaces(head, next) < 0)) next = head;
    }
    if (next === undefined) return;
    yield next;
    for (const [index, head] of heads.entries()) if (head === next) heads[index] = walks[index]?.next().value;
  }
}

function take(source: Iterable<Entry>, filters: Filters, limit: number): { entries: Entry[]; visited: number } {
  const entries: Entry[] = [];
  let visited = 0;
  for (const entry of source) {
    visited += 1;
    if (matches(entry, filters)) entries.push(entry);
    if (entries.length === limit) break;
  }
  return { entries, visited };
}

function matches(entry: Entry, filters: Filters): boolean {
  for (const [dimension, values] of filters) {
    if (!traitsOf(entry.event, dimension).some(trait => values.has(trait))) return false;
  }
  return true;
}

/** The same events in an order that has nothing to do with time, but is the same for every page. Reads the whole span. */
function shuffledPage(lists: readonly Entries[], query: PageQuery): Page {
  const { low, high } = bounds({ filters: query.filters, limit: 0, ...spanOf(query) }, 'descending');
  const { entries, visited } = take(merge(lists, low, high, 'up'), query.filters, Number.POSITIVE_INFINITY);
  entries.sort(compareScattered);
  const { after, before } = query;
  const behind = after === undefined ? entries : entries.filter(entry => compareScattered(entry, after) > 0);
  const between = before === undefined ? behind : behind.filter(entry => compareScattered(entry, before) < 0);
  const page =
    before !== undefined && after === undefined ? between.slice(-query.limit) : between.slice(0, query.limit);
  return { entries: page, hasMore: between.length > page.length, visited };
}

function spanOf({ from, to }: PageQuery): Pick<PageQuery, 'from' | 'to'> {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function compareScattered(a: Place, b: Place): number {
  return scatter(a.arrival) - scatter(b.arrival) || a.arrival - b.arrival;
}

/** The finalizer of MurmurHash3: neighbours end far apart. */
function scatter(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
