import type { Session } from './connection.ts';
import { type PackedId, packId, unpackId } from './event-id.ts';
import { internName } from './names.ts';
import { sealOf, sealRows } from './seal.ts';
import type { FeedKey, InFlight, Parked, Settled } from './storage.ts';

/** What tells where an event stands in one of the tables `in_flight` and `parked`. */
export interface WaitingPlace {
  readonly seq: number;
  readonly streams: number;
  readonly typeId: number;
  readonly at: number;
}

/** An event with all that its record is made of. */
interface WaitingRow {
  readonly seq: number;
  readonly organization: string;
  readonly id: PackedId;
  readonly stream: FeedKey['stream'];
  readonly type: string;
  readonly at: number;
  readonly timeIsNeighbours: number;
  readonly observedAtMs: number;
  readonly way: string;
  readonly delivery: InFlight['delivery'];
  readonly event: string;
  readonly context: string | null;
}

interface ParkedRow extends WaitingRow {
  readonly reason: string;
  readonly message: string;
  readonly certain: number;
  readonly parkedAtMs: number;
}

type Table = 'in_flight' | 'parked';

const COLUMNS = `seq, organization.name AS organization, waiting.id, stream, event_type.name AS type, effective_at AS at,
  time_is_neighbours AS timeIsNeighbours, observed_at_ms AS observedAtMs, way, delivery, event, context`;
const JOINS = `JOIN organization ON organization.id = waiting.organization
  JOIN event_type ON event_type.id = waiting.type`;
const SELECT: Readonly<Record<Table, string>> = {
  in_flight: `SELECT ${COLUMNS} FROM in_flight AS waiting ${JOINS}`,
  parked: `SELECT ${COLUMNS}, reason, message, certain, parked_at_ms AS parkedAtMs FROM parked AS waiting ${JOINS}`,
};
/** What both tables have, in one order. */
const SHARED = `organization, id, stream, streams, type, effective_at, time_is_neighbours, observed_at_ms, way, delivery, event,
  context`;

const OWN = 'organization = ? AND id = ?';
const FIND: Readonly<Record<Table, string>> = {
  in_flight: `SELECT seq, streams, type AS typeId, effective_at AS at FROM in_flight WHERE ${OWN}`,
  parked: `SELECT seq, streams, type AS typeId, effective_at AS at FROM parked WHERE ${OWN}`,
};

const INSERT = `INSERT INTO in_flight (seq, ${SHARED}, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const TAKE = `DELETE FROM in_flight WHERE ${OWN} RETURNING seq, streams, type AS typeId, effective_at AS at`;

export function findWaiting(
  session: Session,
  table: Table,
  organization: number,
  uid: string,
): WaitingPlace | undefined {
  return session.get<WaitingPlace>(FIND[table], organization, packId(uid));
}

/** In the order they were claimed. */
export function listInFlight(session: Session, organization: number): InFlight[] {
  const sql = `${SELECT.in_flight} WHERE waiting.organization = ? ORDER BY seq`;
  return session.all<WaitingRow>(sql, organization).map(toInFlight);
}

/** Oldest event first. */
export function listParked(session: Session, organization: number): Parked[] {
  const sql = `${SELECT.parked} WHERE waiting.organization = ? ORDER BY effective_at, seq`;
  return session.all<ParkedRow>(sql, organization).map(row => ({
    ...toInFlight(row),
    reason: row.reason,
    message: row.message,
    certain: row.certain === 1,
    parkedAtMs: row.parkedAtMs,
  }));
}

/** The place behind all that is in flight. */
export function behindInFlight(session: Session): number {
  return session.get<{ seq: number }>('SELECT coalesce(max(seq), 0) + 1 AS seq FROM in_flight')?.seq ?? 1;
}

/** Sealed in JavaScript: the row is written once, and each has about 1 KB. */
export function insertInFlight(
  session: Session,
  organization: number,
  seq: number,
  row: InFlight,
  streams: number,
): void {
  const values = [
    seq,
    organization,
    packId(row.uid),
    row.feed.stream,
    streams,
    internName(session, 'event_type', row.type),
    row.effectiveAt,
    row.timeIsNeighbours ? 1 : 0,
    row.observedAtMs,
    row.way,
    row.delivery,
    row.event,
    row.context ?? null,
  ];
  session.run(INSERT, ...values, sealOf(values));
}

/** Deletes an event that is in flight, and says where it was. */
export function takeInFlight(session: Session, organization: number, uid: string): WaitingPlace | undefined {
  return session.get<WaitingPlace>(TAKE, organization, packId(uid));
}

export function park(session: Session, seq: number, why: NonNullable<Settled['parked']>): void {
  session.run(
    `INSERT INTO parked (${SHARED}, reason, message, certain, parked_at_ms)
     SELECT ${SHARED}, ?, ?, ?, ? FROM in_flight WHERE seq = ?`,
    why.reason,
    why.message,
    why.certain ? 1 : 0,
    why.atMs,
    seq,
  );
  sealRows(session, 'parked', 'seq = last_insert_rowid()');
  deleteWaiting(session, 'in_flight', seq);
}

/** Moves parked events back in flight, oldest first, and returns those that were parked. */
export function unparkAll(session: Session, organization: number, uids: readonly string[], way: string): InFlight[] {
  const sql = `${SELECT.parked} WHERE waiting.organization = ? AND waiting.id = ?`;
  const rows = [...new Set(uids)].flatMap(uid => session.get<WaitingRow>(sql, organization, packId(uid)) ?? []);
  rows.sort((one, other) => one.at - other.at || one.seq - other.seq);
  for (const row of rows) unpark(session, row.seq, way);
  return rows.map(row => ({ ...toInFlight(row), way }));
}

export function markWaiting(session: Session, table: Table, seq: number, streams: number): void {
  session.run(`UPDATE ${table} SET streams = ? WHERE seq = ?`, streams, seq);
  sealRows(session, table, 'seq = ?', seq);
}

export function deleteWaiting(session: Session, table: Table, seq: number): void {
  session.run(`DELETE FROM ${table} WHERE seq = ?`, seq);
}

function toInFlight(row: WaitingRow): InFlight {
  return {
    uid: unpackId(row.id),
    feed: { organization: row.organization, stream: row.stream },
    type: row.type,
    effectiveAt: row.at,
    way: row.way,
    delivery: row.delivery,
    observedAtMs: row.observedAtMs,
    event: row.event,
    timeIsNeighbours: row.timeIsNeighbours === 1,
    ...(row.context === null ? {} : { context: row.context }),
  };
}

/** Behind all that is in flight already. */
function unpark(session: Session, seq: number, way: string): void {
  session.run(`INSERT INTO in_flight (${SHARED}) SELECT ${SHARED} FROM parked WHERE seq = ?`, seq);
  session.run('UPDATE in_flight SET way = ? WHERE seq = last_insert_rowid()', way);
  sealRows(session, 'in_flight', 'seq = last_insert_rowid()');
  deleteWaiting(session, 'parked', seq);
}
