import type { ListedEvent } from '../api/audit-log.ts';
import { parseExactly } from '../exact-json.ts';
import type { Enrich, FindNames, ObservedEvent } from '../processor/processor.ts';
import type { InFlight } from '../storage/storage.ts';
import type { Feed } from './feed.ts';

/** How events were found, before coverage tells which of them are late. */
export type Finder = 'live' | 'backfill';

/** What is known about an event besides itself. */
type Context = ObservedEvent['context'];

/**
 * The rows that events (oldest first) would be in flight with: an event inside a covered interval is late. `contexts` are
 * kept in the rows: what is known of an event may be another thing at the next attempt.
 */
export function inFlightRows(
  feed: Feed,
  events: readonly ListedEvent[],
  finder: Finder,
  observedAtMs: number,
  contexts: readonly Context[] = [],
): readonly InFlight[] {
  const isLate = (event: ListedEvent) => feed.isCovered(event.effectiveAt);
  const isLive = (event: ListedEvent) => finder === 'live' && !feed.wouldStepBack(event.effectiveAt);
  const firstOf = (belongs: (event: ListedEvent) => boolean) => events.find(belongs)?.effectiveAt ?? 0;
  const lateWay = feed.way('late', firstOf(isLate));
  const gapWay = feed.way(
    'gap',
    firstOf(event => !isLate(event) && !isLive(event)),
  );
  const wayOf = (event: ListedEvent) => (isLive(event) ? 'live' : gapWay);
  return events.map((event, i) => ({
    uid: event.uid,
    feed: feed.key,
    type: event.type,
    effectiveAt: event.effectiveAt,
    way: isLate(event) ? lateWay : wayOf(event),
    delivery: isLate(event) ? 'late' : finder,
    observedAtMs,
    event: event.text,
    timeIsNeighbours: event.timeIsNeighbours,
    ...(contexts[i] === undefined ? {} : { context: JSON.stringify(contexts[i]) }),
  }));
}

/** What is known about each event, in their order. */
export async function contextsOf(
  events: readonly unknown[],
  enrich: Enrich | undefined,
  findNames: FindNames | undefined,
): Promise<readonly Context[]> {
  const named = (await findNames?.(events)) ?? [];
  return events.map((event, i) => {
    const [known, names] = [enrich?.(event), named[i]];
    return names === undefined ? known : { ...known, names };
  });
}

/** Rows of one feed and way together, in their order: each group is exported on its own. */
export function byWay(rows: readonly InFlight[]): readonly (readonly InFlight[])[] {
  const groups = Map.groupBy(rows, row => `${row.feed.stream}\n${row.way}`);
  return [...groups.values()];
}

/** What a processor is given: a pure function of the row. `event` spares to parse the row's own. */
export function observedEvent(row: InFlight, event: unknown = parseExactly(row.event)): ObservedEvent {
  return {
    uid: row.uid,
    organization: row.feed.organization,
    stream: row.feed.stream,
    way: row.way,
    delivery: row.delivery,
    effectiveAt: row.effectiveAt,
    timeIsNeighbours: row.timeIsNeighbours,
    observedAtMs: row.observedAtMs,
    event,
    ...(row.context === undefined ? {} : { context: JSON.parse(row.context) }),
  };
}
