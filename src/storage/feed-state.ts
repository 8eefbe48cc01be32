import { completedHours } from '../coverage/hours.ts';
import type { Covered, Interval } from '../coverage/intervals.ts';
import type { Session } from './connection.ts';
import { internName } from './names.ts';
import { sealRows } from './seal.ts';
import type { FeedKey, FeedState } from './storage.ts';

/** All of a feed's state that is small and stands in one JSON text. */
type Rest = Omit<FeedState, 'coverage'>;

/** What stands in the tables, so that only differences are written. */
interface Saved {
  readonly state: string;
  readonly coverage: readonly Covered[];
}

export function loadFeed(session: Session, organization: number, stream: FeedKey['stream']): FeedState | undefined {
  const row = findFeed(session, organization, stream);
  if (row === undefined) return undefined;
  const rest: Rest = JSON.parse(row.state);
  return { ...rest, coverage: loadCoverage(session, row.id) };
}

/** Returns the hours of coverage that are whole since. */
export function saveFeed(session: Session, key: FeedKey, state: FeedState): readonly Covered[] {
  const { coverage, ...rest } = state;
  const feed = internFeed(session, key);
  const before = (session.saved.get(feed) as Saved | undefined) ?? { state: '', coverage: loadCoverage(session, feed) };
  const after: Saved = { state: JSON.stringify(rest satisfies Rest), coverage };
  if (after.state !== before.state) {
    session.run('UPDATE feed SET state = ? WHERE id = ?', after.state, feed);
    sealRows(session, 'feed', 'id = ?', feed);
  }
  if (after.coverage !== before.coverage) saveCoverage(session, feed, before.coverage, after.coverage);
  session.saved.set(feed, after);
  return after.coverage === before.coverage ? [] : completedHours(before.coverage, coverage, state.startAt);
}

/** Takes hours out of the coverage of all feeds of an organization. `hours` are ascending and disjoint. */
export function uncover(session: Session, organization: number, hours: readonly Interval[]): void {
  for (const { id } of session.all<{ id: number }>('SELECT id FROM feed WHERE organization = ?', organization)) {
    const before = loadCoverage(session, id);
    const after = before.flatMap(covered => without(covered, hours));
    saveCoverage(session, id, before, after);
    session.saved.delete(id);
  }
}

/** The second below which the ledger of an organization forgets ids. */
export function forgottenBefore(session: Session, organization: number): number {
  const rows = session.all<{ state: string }>('SELECT state FROM feed WHERE organization = ?', organization);
  const floors = rows.map(({ state }) => (JSON.parse(state) as Partial<Rest>).floor || Number.MIN_SAFE_INTEGER);
  return Math.max(Number.MIN_SAFE_INTEGER, ...floors);
}

export function findFeed(
  session: Session,
  organization: number,
  stream: string,
): { id: number; state: string } | undefined {
  return session.get('SELECT id, state FROM feed WHERE organization = ? AND stream = ?', organization, stream);
}

function internFeed(session: Session, key: FeedKey): number {
  const organization = internName(session, 'organization', key.organization);
  const known = findFeed(session, organization, key.stream);
  if (known !== undefined) return known.id;
  session.run('INSERT INTO feed (organization, stream, state) VALUES (?, ?, ?)', organization, key.stream, '{}');
  sealRows(session, 'feed', 'id = last_insert_rowid()');
  return internFeed(session, key);
}

function loadCoverage(session: Session, feed: number): Covered[] {
  const columns = 'from_at AS "from", to_at AS "to", verified_at AS verifiedAt';
  const rows = session.all<Covered>(`SELECT ${columns} FROM coverage WHERE feed = ? ORDER BY from_at`, feed);
  return rows.map(({ from, to, verifiedAt }) => ({ from, to, verifiedAt }));
}

function saveCoverage(session: Session, feed: number, before: readonly Covered[], after: readonly Covered[]): void {
  const gone = new Map(before.map(covered => [covered.from, covered]));
  for (const { from, to, verifiedAt } of after) {
    const old = gone.get(from);
    gone.delete(from);
    if (old?.to === to && old.verifiedAt === verifiedAt) continue;
    session.run(
      `INSERT OR REPLACE INTO coverage (feed, from_at, to_at, verified_at, seal)
       VALUES (?1, ?2, ?3, ?4, seal(?1, ?2, ?3, ?4))`,
      feed,
      from,
      to,
      verifiedAt,
    );
  }
  for (const from of gone.keys()) session.run('DELETE FROM coverage WHERE feed = ? AND from_at = ?', feed, from);
}

function without(covered: Covered, hours: readonly Interval[]): Covered[] {
  const left: Covered[] = [];
  let from = covered.from;
  for (const hour of hours) {
    if (hour.to <= from || hour.from >= covered.to) continue;
    if (hour.from > from) left.push({ ...covered, from, to: hour.from });
    from = hour.to;
  }
  if (from < covered.to) left.push({ ...covered, from });
  return left;
}
