import type { Session } from './connection.ts';
import { internName } from './names.ts';
import { nextPlace } from './place.ts';
import { sealRows } from './seal.ts';
import type { Facts, ParkedStatement, Settled, Statement, WaitingStatement } from './storage.ts';

interface StatementRow {
  readonly uid: string;
  readonly organization: string;
  readonly name: Statement['name'];
  readonly atMs: number;
  readonly facts: string;
  readonly way: string;
}

interface ParkedRow extends StatementRow {
  readonly reason: string;
  readonly message: string;
  readonly certain: number;
  readonly parkedAtMs: number;
}

const COLUMNS = 'uid, organization.name AS organization, statement.name, at_ms AS atMs, facts, way';
const REFUSAL = 'reason, message, certain, parked_at_ms AS parkedAtMs';
const OWN = 'organization = ? AND uid = ?';
const FROM = 'FROM statement JOIN organization ON organization.id = statement.organization';

export function addStatement(session: Session, { uid, organization, name, atMs, facts }: Statement): void {
  const id = internName(session, 'organization', organization);
  const known = 'SELECT 1 FROM statement WHERE organization = ? AND uid = ?';
  if (session.get(known, id, uid) !== undefined) return;
  const place = nextPlace(session, 'said', id, atMs);
  session.run(
    'INSERT INTO statement (organization, uid, name, at_ms, facts, way) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    uid,
    name,
    place.atMs,
    JSON.stringify(facts),
    `collector/${place.n}`,
  );
  sealRows(session, 'statement', OWN, id, uid);
}

/** In the order they were made. */
export function listStatements(
  session: Session,
  organization: number,
  limit: number,
  afterMs: number,
): WaitingStatement[] {
  const where = 'WHERE statement.organization = ? AND reason IS NULL AND at_ms > ? ORDER BY seq LIMIT ?';
  return session.all<StatementRow>(`SELECT ${COLUMNS} ${FROM} ${where}`, organization, afterMs, limit).map(toStatement);
}

export function listParkedStatements(session: Session, organization: number): ParkedStatement[] {
  const where = 'WHERE statement.organization = ? AND reason IS NOT NULL ORDER BY seq';
  const rows = session.all<ParkedRow>(`SELECT ${COLUMNS}, ${REFUSAL} ${FROM} ${where}`, organization);
  return rows.map(row => ({
    ...toStatement(row),
    reason: row.reason,
    message: row.message,
    certain: row.certain === 1,
    parkedAtMs: row.parkedAtMs,
  }));
}

export function settleStatement(session: Session, organization: number, { uid, fate, parked }: Settled): void {
  const waiting = 'WHERE organization = ? AND uid = ? AND reason IS NULL';
  if (fate === 'acknowledged') {
    session.run(`DELETE FROM statement ${waiting}`, organization, uid);
    return;
  }
  if (parked === undefined) throw new Error(`statement ${uid} is parked without a reason`);
  session.run(
    `UPDATE statement SET reason = ?, message = ?, certain = ?, parked_at_ms = ? ${waiting}`,
    parked.reason,
    parked.message,
    parked.certain ? 1 : 0,
    parked.atMs,
    organization,
    uid,
  );
  sealRows(session, 'statement', OWN, organization, uid);
}

export function unparkStatement(session: Session, organization: number, uid: string, way: string): number {
  const unparked = session.run(
    `UPDATE statement SET reason = NULL, message = NULL, certain = NULL, parked_at_ms = NULL, way = ?
     WHERE organization = ? AND uid = ? AND reason IS NOT NULL`,
    way,
    organization,
    uid,
  );
  sealRows(session, 'statement', OWN, organization, uid);
  return unparked;
}

function toStatement({ uid, organization, name, atMs, facts, way }: StatementRow): WaitingStatement {
  return { uid, organization, name, atMs, facts: JSON.parse(facts) as Facts, way };
}
