import type { Session } from './connection.ts';
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
import { internName } from './names.ts';
import type { ClaimResult, Excluded, Fate, FeedKey, InFlight, Settled } from './storage.ts';
import type { Touched } from './touched.ts';
import { deleteWaiting, findWaiting, insertInFlight, markWaiting, park, type WaitingRow } from './waiting.ts';

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

export function claimEvent(session: Session, row: InFlight, touched: Touched): ClaimResult {
  const organization = internName(session, 'organization', row.feed.organization);
  const met = meet(session, organization, { ...row, late: row.delivery === 'late' }, touched);
  if (met === 'unknown') insertInFlight(session, organization, row, listing(row.feed, row.delivery === 'late'));
  return met === 'unknown' ? 'claimed' : met;
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
  const row = findWaiting(session, 'in_flight', organization, settled.uid);
  if (row === undefined) requireSameFate(session, organization, settled);
  else if (settled.fate === 'acknowledged') acknowledge(session, row, settled.uid);
  else if (settled.parked !== undefined) park(session, row.seq, settled.parked);
  else throw new Error(`event ${settled.uid} is parked without a reason`);
  if (row !== undefined) touched.touch(feed.organization, row.streams, row.at);
}

export function releaseEvent(session: Session, feed: FeedKey, uid: string): void {
  const organization = internName(session, 'organization', feed.organization);
  const row = findWaiting(session, 'in_flight', organization, uid);
  if (row !== undefined) deleteWaiting(session, 'in_flight', row.seq);
}

function acknowledge(session: Session, row: WaitingRow, uid: string): void {
  const { organizationId, at, typeId, streams } = row;
  deleteWaiting(session, 'in_flight', row.seq);
  addToLedger(session, organizationId, uid, { at, type: typeId, fate: ACKNOWLEDGED, streams });
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
  const found = findEvent(session, organization, event.uid);
  if (found === undefined) return 'unknown';
  if (found.typeId !== internName(session, 'event_type', event.type)) return 'other_type';
  const bit = streamBit(event.feed.stream);
  const isNews = (found.streams & bit) === 0;
  const streams = (found.streams | listing(event.feed, isNews && event.late === true)) & ~withdrawnBit(bit);
  if (streams !== found.streams) {
    found.mark(streams);
    touched.touch(event.feed.organization, bit, found.at);
  }
  return found.place;
}
