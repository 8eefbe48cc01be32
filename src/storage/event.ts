import type { Session } from './connection.ts';
import { hashId, packId } from './event-id.ts';
import {
  ACKNOWLEDGED,
  addToLedger,
  EXCLUDED,
  findInLedger,
  lateBit,
  markInLedger,
  streamBit,
  withdrawnBit,
} from './ledger.ts';
import { findName, internName } from './names.ts';
import type { ClaimResult, Excluded, Fate, FeedKey, InFlight, Settled } from './storage.ts';
import type { Touched } from './touched.ts';
import {
  behindInFlight,
  deleteWaiting,
  findWaiting,
  insertInFlight,
  markWaiting,
  park,
  takeInFlight,
  type WaitingPlace,
} from './waiting.ts';

/** Where an event is, in whichever table has it. */
interface Found {
  readonly place: Fate | 'in_flight';
  readonly typeId: number;
  readonly streams: number;
  /** Unix seconds. */
  readonly at: number;
  /** Remembers which streams listed it. */
  mark(streams: number): void;
}

export function findEvent(session: Session, organization: number, uid: string): Found | undefined {
  for (const table of ['in_flight', 'parked'] as const) {
    const row = findWaiting(session, table, organization, uid);
    if (row !== undefined) {
      const mark = (streams: number) => markWaiting(session, table, row.seq, streams);
      return { place: table, typeId: row.typeId, streams: row.streams, at: row.at, mark };
    }
  }
  const row = findInLedger(session, organization, uid);
  if (row === undefined) return undefined;
  const mark = (streams: number) => markInLedger(session, organization, uid, row.at, streams);
  return { place: fateOf(row.fate), typeId: row.type, streams: row.streams, at: row.at, mark };
}

/** The fate that a row of the ledger states. */
export function fateOf(fate: number): Fate {
  return fate === EXCLUDED ? 'excluded' : 'acknowledged';
}

export function claimEvents(session: Session, rows: readonly InFlight[], touched: Touched): readonly ClaimResult[] {
  let seq = behindInFlight(session);
  return rows.map(row => {
    const late = row.delivery === 'late';
    const organization = internName(session, 'organization', row.feed.organization);
    const met = meet(session, organization, { ...row, late }, touched);
    if (met !== 'unknown') return met;
    insertInFlight(session, organization, seq, row, listing(row.feed, late));
    seq += 1;
    return 'claimed';
  });
}

export function excludeEvent(session: Session, event: Excluded, touched: Touched): void {
  const organization = internName(session, 'organization', event.feed.organization);
  const met = meet(session, organization, event, touched);
  if (met === 'other_type') excludeEvent(session, { ...event, uid: `${event.uid}#${event.type}` }, touched);
  if (met !== 'unknown') return;
  addToLedger(session, organization, event.uid, {
    at: event.effectiveAt,
    type: internName(session, 'event_type', event.type),
    fate: EXCLUDED,
    streams: listing(event.feed, event.late === true),
  });
  touched.touch(event.feed.organization, streamBit(event.feed.stream), event.effectiveAt);
}

/** Whether `excludeEvent` would write something. */
export function isExcludedAnew(session: Session, event: Excluded): boolean {
  const organization = findName(session, 'organization', event.feed.organization);
  const found = organization === undefined ? undefined : findEvent(session, organization, event.uid);
  if (organization === undefined) return true;
  if (found === undefined) return findTwin(session, organization, event) === 'unknown';
  if (found.typeId === findName(session, 'event_type', event.type)) return streamsAfter(found, event) !== found.streams;
  return isExcludedAnew(session, { ...event, uid: `${event.uid}#${event.type}` });
}

/** The feed no longer lists an event. */
export function withdrawEvent(session: Session, feed: FeedKey, uid: string, touched: Touched): void {
  const organization = internName(session, 'organization', feed.organization);
  const found = findEvent(session, organization, uid);
  const bit = streamBit(feed.stream);
  if (found === undefined || (found.streams & bit) === 0 || (found.streams & withdrawnBit(bit)) !== 0) return;
  found.mark(found.streams | withdrawnBit(bit));
  touched.touch(feed.organization, bit, found.at);
}

/** What the mask of an event says that is new in a feed. */
function listing({ stream }: FeedKey, late: boolean): number {
  const bit = streamBit(stream);
  return late ? bit | lateBit(bit) : bit;
}

/** @throws Error when the event is neither in flight nor has this fate already. */
export function settleEvent(session: Session, feed: FeedKey, settled: Settled, touched: Touched): void {
  const organization = internName(session, 'organization', feed.organization);
  const row =
    settled.fate === 'acknowledged'
      ? acknowledge(session, organization, settled.uid)
      : parkOne(session, organization, settled);
  if (row === undefined) requireSameFate(session, organization, settled);
  else touched.touch(feed.organization, row.streams, row.at);
}

export function releaseEvent(session: Session, feed: FeedKey, uid: string): void {
  const organization = internName(session, 'organization', feed.organization);
  const row = findWaiting(session, 'in_flight', organization, uid);
  if (row !== undefined) deleteWaiting(session, 'in_flight', row.seq);
}

/** Undefined when it is not in flight. */
function acknowledge(session: Session, organization: number, uid: string): WaitingPlace | undefined {
  const taken = takeInFlight(session, organization, uid);
  if (taken === undefined) return undefined;
  const { at, typeId, streams } = taken;
  addToLedger(session, organization, uid, { at, type: typeId, fate: ACKNOWLEDGED, streams });
  return taken;
}

/** The same. */
function parkOne(session: Session, organization: number, { uid, parked }: Settled): WaitingPlace | undefined {
  const row = findWaiting(session, 'in_flight', organization, uid);
  if (row === undefined) return undefined;
  if (parked === undefined) throw new Error(`event ${uid} is parked without a reason`);
  park(session, row.seq, parked);
  return row;
}

function requireSameFate(session: Session, organization: number, { uid, fate }: Settled): void {
  const place = findEvent(session, organization, uid)?.place ?? 'unknown';
  if (place !== fate) throw new Error(`event ${uid} cannot be settled as ${fate}: it is ${place}, not in flight`);
}

/** What is known of an event that a stream lists; one with another type is another event and learns nothing of this. */
function meet(
  session: Session,
  organization: number,
  event: Excluded,
  touched: Touched,
): Exclude<ClaimResult, 'claimed'> | 'unknown' {
  // Nearly every event is new, and one question says so.
  if (!mayBeKnown(session, organization, event)) return 'unknown';
  const found = findEvent(session, organization, event.uid);
  if (found === undefined) return findTwin(session, organization, event);
  if (found.typeId !== internName(session, 'event_type', event.type)) return 'other_type';
  const streams = streamsAfter(found, event);
  if (streams !== found.streams) {
    found.mark(streams);
    touched.touch(event.feed.organization, streamBit(event.feed.stream), found.at);
  }
  return found.place;
}

/** False when none of the tables has the event, under its own name or its longer one. */
function mayBeKnown(session: Session, organization: number, { uid, type }: Excluded): boolean {
  const sql = `SELECT 1 FROM ledger_time WHERE hash IN (?2, ?3) AND organization = ?1
    UNION ALL SELECT 1 FROM in_flight WHERE organization = ?1 AND id = ?4
    UNION ALL SELECT 1 FROM parked WHERE organization = ?1 AND id = ?4 LIMIT 1`;
  return session.get(sql, organization, hashId(uid), hashId(`${uid}#${type}`), packId(uid)) !== undefined;
}

/** The mask of a known event once a stream has listed it. */
function streamsAfter(found: Found, { feed, late }: Excluded): number {
  const bit = streamBit(feed.stream);
  const isNews = (found.streams & bit) === 0;
  return (found.streams | listing(feed, isNews && late === true)) & ~withdrawnBit(bit);
}

/** The event whose id this one had may be pruned already, and this one be known under its longer name. */
function findTwin(session: Session, organization: number, { uid, type }: Excluded): Fate | 'unknown' {
  const row = findInLedger(session, organization, `${uid}#${type}`);
  return row === undefined ? 'unknown' : fateOf(row.fate);
}
