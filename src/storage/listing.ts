import type { Interval } from '../coverage/intervals.ts';
import type { Session } from './connection.ts';
import { fateOf } from './event.ts';
import { type PackedId, unpackId } from './event-id.ts';
import { streamBit, withdrawnBit } from './ledger.ts';
import type { Counts, FeedKey, Listed } from './storage.ts';

/** The place after which a page of `listPage` begins. */
export interface Place {
  readonly at: number;
  readonly id: PackedId;
}

interface ListedRow extends Place {
  readonly type: string;
  /** Null for a parked one. */
  readonly fate: number | null;
  readonly streams: number;
}

const LISTED = 'effective_at AS at, id, type, fate, streams FROM ledger';
const LISTED_PARKED = 'effective_at AS at, id, type, NULL AS fate, streams FROM parked';
/** Empty text sorts before every id. */
const FIRST_ID = '';

/** The next events with a fate that a stream listed in a span, and the place to go on from; none at the end. */
export function listPage(
  session: Session,
  organization: number,
  stream: FeedKey['stream'],
  span: Interval,
  after: Place | undefined,
  limit: number,
): { readonly events: readonly Listed[]; readonly last: Place | undefined } {
  const where =
    'WHERE organization = :organization AND (effective_at, id) > (:at, :id) AND effective_at < :to AND streams & :bit';
  const rows = session.query<ListedRow>(
    `SELECT at, page.id, event_type.name AS type, fate, streams
     FROM (SELECT ${LISTED} ${where} UNION ALL SELECT ${LISTED_PARKED} ${where} ORDER BY at, id LIMIT :limit) AS page
     JOIN event_type ON event_type.id = page.type ORDER BY at, page.id`,
    { organization, at: after?.at ?? span.from, id: after?.id ?? FIRST_ID, to: span.to, bit: streamBit(stream), limit },
  );
  return { events: rows.map(row => toListed(row, streamBit(stream))), last: rows.at(-1) };
}

/** Newest first. */
export function listNewest(session: Session, organization: number, stream: FeedKey['stream'], limit: number): Listed[] {
  const where = 'WHERE organization = :organization AND streams & :bit';
  const rows = session.query<ListedRow>(
    `SELECT at, page.id, event_type.name AS type, fate, streams
     FROM (SELECT ${LISTED} ${where} UNION ALL SELECT ${LISTED_PARKED} ${where} ORDER BY at DESC, id DESC LIMIT :limit) AS page
     JOIN event_type ON event_type.id = page.type ORDER BY at DESC, page.id DESC`,
    { organization, bit: streamBit(stream), limit },
  );
  return rows.map(row => toListed(row, streamBit(stream)));
}

export function countListed(session: Session, organization: number, stream: FeedKey['stream'], span: Interval): Counts {
  const where =
    'WHERE organization = :organization AND effective_at >= :from AND effective_at < :to AND streams & :bit';
  const [row] = session.query<Counts>(
    `SELECT
       (SELECT count(*) FROM ledger ${where} AND fate = 0) AS acknowledged,
       (SELECT count(*) FROM parked ${where}) AS parked,
       (SELECT count(*) FROM ledger ${where} AND fate = 1) AS excluded,
       (SELECT count(*) FROM in_flight ${where}) AS inFlight`,
    { organization, from: span.from, to: span.to, bit: streamBit(stream) },
  );
  return { acknowledged: 0, parked: 0, excluded: 0, inFlight: 0, ...row };
}

function toListed(row: ListedRow, bit: number): Listed {
  return {
    uid: unpackId(row.id),
    type: row.type,
    effectiveAt: row.at,
    fate: row.fate === null ? 'parked' : fateOf(row.fate),
    ...((row.streams & withdrawnBit(bit)) === 0 ? {} : { withdrawn: true }),
  };
}
