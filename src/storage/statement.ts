import type { Session } from './connection.ts';
import { internName } from './names.ts';
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
const FROM = 'FROM statement JOIN organization ON organization.id = statement.organization';

/** Statements of one commit and another may change places by so much, which is no step back in time. */
const SAME_TIME_MS = 60_000;

export function addStatement(session: Session, { uid, organization, name, atMs, facts }: Statement): void {
  const id = internName(session, 'organization', organization);
  const place = nextPlace(session, id, atMs);
  const added = session.run(
    'INSERT OR IGNORE INTO statement (organization, uid, name, at_ms, facts, way) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    uid,
    name,
    place.atMs,
    JSON.stringify(facts),
    `collector/${place.n}`,
  );
  if (added === 0) return;
  session.run('UPDATE organization SET said_n = ?, said_at_ms = ? WHERE id = ?', place.n, place.atMs, id);
}

/** Time never steps back on a way: when this machine's clock does, the next way begins. */
function nextPlace(
  session: Session,
  organization: number,
  atMs: number,
): { readonly n: number; readonly atMs: number } {
  const sql = 'SELECT said_n AS n, said_at_ms AS atMs FROM organization WHERE id = ?';
  const last = session.get<{ n: number; atMs: number }>(sql, organization) ?? { n: 1, atMs };
  if (atMs >= last.atMs) return { n: last.n, atMs };
  return last.atMs - atMs <= SAME_TIME_MS ? last : { n: last.n + 1, atMs };
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
}

export function unparkStatement(session: Session, organization: number, uid: string, way: string): number {
  return session.run(
    `UPDATE statement SET reason = NULL, message = NULL, certain = NULL, parked_at_ms = NULL, way = ?
     WHERE organization = ? AND uid = ? AND reason IS NOT NULL`,
    way,
    organization,
    uid,
  );
}

function toStatement({ uid, organization, name, atMs, facts, way }: StatementRow): WaitingStatement {
  return { uid, organization, name, atMs, facts: JSON.parse(facts) as Facts, way };
}
