import type { ListedEvent } from '../api/audit-log.ts';
import type { ObservedEvent } from '../processor/processor.ts';
import type { InFlight } from '../storage/storage.ts';
import type { Feed } from './feed.ts';

/** How events were found, before coverage tells which of them are late. */
export type Finder = 'live' | 'backfill';

/** The rows that events (oldest first) would be in flight with: an event inside a covered interval is late. */
export function inFlightRows(
  feed: Feed,
  events: readonly ListedEvent[],
  finder: Finder,
  observedAtMs: number,
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
  return events.map(event => ({
    uid: event.uid,
    feed: feed.key,
    type: event.type,
    effectiveAt: event.effectiveAt,
    way: isLate(event) ? lateWay : wayOf(event),
    delivery: isLate(event) ? 'late' : finder,
    observedAtMs,
    event: event.text,
    timeIsNeighbours: event.timeIsNeighbours,
  }));
}

/** Rows of one feed and way together, in their order: each group is exported on its own. */
export function byWay(rows: readonly InFlight[]): readonly (readonly InFlight[])[] {
  const groups = Map.groupBy(rows, row => `${row.feed.stream}\n${row.way}`);
  return [...groups.values()];
}

/** What a processor is given: a pure function of the row. */
export function observedEvent(row: InFlight): ObservedEvent {
  return {
    uid: row.uid,
    organization: row.feed.organization,
    stream: row.feed.stream,
    way: row.way,
    delivery: row.delivery,
    effectiveAt: row.effectiveAt,
    timeIsNeighbours: row.timeIsNeighbours,
    observedAtMs: row.observedAtMs,
    event: JSON.parse(row.event),
  };
}
