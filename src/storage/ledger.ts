import type { Interval } from '../coverage/intervals.ts';
import type { Session } from './connection.ts';
import { hashId, type PackedId, packId, unpackId } from './event-id.ts';
import type { FeedKey } from './storage.ts';

/** Where an event stands in the ledger, as SQLite has it. */
export interface LedgerRow {
  readonly at: number;
  readonly type: number;
  readonly fate: number;
  readonly streams: number;
}

export const ACKNOWLEDGED = 0;
export const EXCLUDED = 1;

/** How many rows one `pruneLedger` deletes, and the rest of the last one's second. */
const PRUNED_ROWS = 1000;
const HOUR = 3600;

export const STREAMS = ['organization', 'tenant'] as const;

/** The bit of a stream in a mask of streams. */
export function streamBit(stream: FeedKey['stream']): number {
  return stream === 'organization' ? 1 : 2;
}

/** The bit that says: it came late in the stream of this bit. */
export function lateBit(bit: number): number {
  return bit << 2;
}

/** The bit that says: the stream of this bit no longer lists it. */
export function withdrawnBit(bit: number): number {
  return bit << 4;
}

export function findInLedger(session: Session, organization: number, uid: string): LedgerRow | undefined {
  return session.get<LedgerRow>(
    `SELECT ledger.effective_at AS at, type, fate, streams
     FROM ledger_time AS place CROSS JOIN ledger
       ON ledger.organization = place.organization AND ledger.effective_at = place.effective_at AND ledger.id = ?
     WHERE place.hash = ? AND place.organization = ?`,
    packId(uid),
    hashId(uid),
    organization,
  );
}

/** The event must not be in the ledger yet. */
export function addToLedger(session: Session, organization: number, uid: string, row: LedgerRow): void {
  session.run(
    'INSERT INTO ledger (organization, effective_at, id, type, fate, streams) VALUES (?, ?, ?, ?, ?, ?)',
    organization,
    row.at,
    packId(uid),
    row.type,
    row.fate,
    row.streams,
  );
  session.run(
    'INSERT OR IGNORE INTO ledger_time (hash, organization, effective_at) VALUES (?, ?, ?)',
    hashId(uid),
    organization,
    row.at,
  );
}

export function markInLedger(session: Session, organization: number, uid: string, at: number, streams: number): void {
  session.run(
    'UPDATE ledger SET streams = ? WHERE organization = ? AND effective_at = ? AND id = ?',
    streams,
    organization,
    at,
    packId(uid),
  );
}

/**
 * Deletes the oldest rows before a time that no stream of the mask `kept` listed, and returns how many. Whole seconds only:
 * two ids of one second may share their place in `ledger_time`, which goes with both.
 */
export function pruneLedger(session: Session, organization: number, before: number, kept: number): number {
  const goes = `FROM ledger WHERE organization = ?1 AND effective_at < ?2 AND (?3 = 0 OR NOT EXISTS (
    SELECT 1 FROM ledger AS beside
    WHERE beside.organization = ?1 AND beside.effective_at = ledger.effective_at AND beside.streams & ?3))`;
  const last = session.get<{ at: number }>(
    `SELECT max(at) AS at FROM (SELECT effective_at AS at ${goes} ORDER BY effective_at LIMIT ?4)`,
    organization,
    before,
    kept,
    PRUNED_ROWS,
  );
  // Of no rows the maximum is null.
  if (typeof last?.at !== 'number') return 0;
  const oldest = [organization, last.at + 1, kept] as const;
  const rows = session.all<{ at: number; id: PackedId }>(`SELECT effective_at AS at, id ${goes}`, ...oldest);
  for (const { at, id } of rows) {
    session.run(
      'DELETE FROM ledger_time WHERE hash = ? AND organization = ? AND effective_at = ?',
      hashId(unpackId(id)),
      organization,
      at,
    );
  }
  return session.run(`DELETE ${goes}`, ...oldest);
}

/**
 * Deletes the excluded rows of a type from the second `floor` on, and returns the hours they were in, ascending, as far as
 * they are above it. Their places in `ledger_time` stay: one without a row misleads nobody, and the events come back at the
 * same second.
 */
export function takeExcluded(session: Session, organization: number, type: number, floor: number): Interval[] {
  const excluded = 'FROM ledger WHERE organization = ? AND fate = ? AND type = ? AND effective_at >= ?';
  const hours = session.all<{ at: number }>(
    `SELECT DISTINCT effective_at - ((effective_at % ${HOUR}) + ${HOUR}) % ${HOUR} AS at ${excluded} ORDER BY at`,
    organization,
    EXCLUDED,
    type,
    floor,
  );
  session.run(`DELETE ${excluded}`, organization, EXCLUDED, type, floor);
  return hours.map(({ at }) => ({ from: Math.max(at, floor), to: at + HOUR }));
}
