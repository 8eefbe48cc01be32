import { createHash } from 'node:crypto';
import { beside, HOUR, joinedByDay } from '../coverage/hours.ts';
import { type Covered, gaps, type Interval } from '../coverage/intervals.ts';
import type { Session } from './connection.ts';
import { IS_USUAL, type PackedId, unpackId } from './event-id.ts';
import { findFeed } from './feed-state.ts';
import { EXCLUDED, lateBit, streamBit, withdrawnBit } from './ledger.ts';
import { findName } from './names.ts';
import { addStatement } from './statement.ts';
import type { FeedKey, FeedState, Stated } from './storage.ts';

/** What is said of a span besides where it lies. */
type Numbers = Omit<Stated, 'from' | 'to' | 'revision'>;

interface ListedId {
  readonly id: PackedId;
  readonly fate: number;
  readonly streams: number;
}

interface Place {
  readonly key: FeedKey;
  readonly organization: number;
  readonly feed: number;
  /** Below it, the ledger has forgotten ids. */
  readonly floor: number;
}

const PARKED = 2;
/** Characters. */
const DIGESTED_AT_ONCE = 8_192;
const COLUMNS =
  'from_at AS "from", to_at AS "to", revision, acknowledged, parked, excluded, late, withdrawn, lower(hex(digest)) AS digest';
const HERE = 'WHERE organization = :organization AND effective_at >= :from AND effective_at < :to AND streams & :bit';
/** A replay does not change what is said until it has an end. */
const WAITING = `SELECT id, effective_at, ${PARKED} AS fate, streams FROM parked ${HERE}
  UNION ALL SELECT id, effective_at, ${PARKED}, streams FROM in_flight ${HERE} AND way LIKE 'replay/%'`;
const ALL = `SELECT id, effective_at, fate, streams FROM ledger ${HERE} UNION ALL ${WAITING}`;
/** Nothing: what `sha256sum` says of no line at all. */
const EMPTY: Numbers = {
  acknowledged: 0,
  parked: 0,
  excluded: 0,
  late: 0,
  withdrawn: 0,
  digest: createHash('sha256').digest('hex'),
};

/**
 * Says of each hour what it holds, when that was not said yet: of hours `completed` by this transaction, and of those
 * (by their starts) in which an event changed, if something was said of them before.
 */
export function stateCoverage(
  session: Session,
  key: FeedKey,
  completed: readonly Covered[],
  changed: ReadonlySet<number>,
  atMs: number,
): void {
  const place = findPlace(session, key);
  if (place === undefined) return;
  for (const run of runsOf(completed)) stateRun(session, place, run, atMs);
  for (const hour of changed) {
    for (const { from, to } of listRows(session, place, { from: hour, to: hour + HOUR })) {
      const piece = { from: Math.max(from, hour), to: Math.min(to, hour + HOUR) };
      const verifiedAt = verification(session, place, piece);
      if (verifiedAt !== undefined) state(session, place, { ...piece, verifiedAt }, atMs);
    }
  }
}

/** What was last said, ascending. */
export function listStated(session: Session, key: FeedKey, span: Interval): Stated[] {
  const place = findPlace(session, key);
  return place === undefined ? [] : listRows(session, place, span);
}

function findPlace(session: Session, key: FeedKey): Place | undefined {
  const organization = findName(session, 'organization', key.organization);
  const row = organization === undefined ? undefined : findFeed(session, organization, key.stream);
  if (organization === undefined || row === undefined) return undefined;
  const { floor = 0 }: Partial<FeedState> = JSON.parse(row.state);
  return { key, organization, feed: row.id, floor };
}

function listRows(session: Session, { feed }: Place, span: Interval): Stated[] {
  const sql = `SELECT ${COLUMNS} FROM stated WHERE feed = ? AND from_at < ? AND to_at > ? ORDER BY from_at`;
  return session.all<Stated>(sql, feed, span.to, span.from).map(row => ({ ...row }));
}

/** Hours without a gap between them. */
function runsOf(hours: readonly Covered[]): readonly (readonly Covered[])[] {
  const runs: Covered[][] = [];
  for (const hour of hours) {
    const last = runs.at(-1);
    if (last?.at(-1)?.to === hour.from) last.push(hour);
    else runs.push([hour]);
  }
  return runs;
}

function stateRun(session: Session, place: Place, run: readonly Covered[], atMs: number): void {
  const span = { from: run[0]?.from ?? 0, to: run.at(-1)?.to ?? 0 };
  const occupied = occupiedHours(session, place, span);
  const said = listRows(session, place, span);
  const isNew = (hour: Interval) => gaps(said, hour)[0]?.from === hour.from && gaps(said, hour)[0]?.to === hour.to;
  const empty = run.filter(hour => !occupied.has(hour.from) && isNew(hour));
  const merged = new Set(empty);
  const spans = [...joinedByDay(empty), ...run.filter(hour => !merged.has(hour))];
  for (const each of spans.sort((a, b) => a.from - b.from)) state(session, place, each, atMs);
}

/** The starts of the pieces of whole hours in which events are. */
function occupiedHours(session: Session, place: Place, span: Interval): ReadonlySet<number> {
  const hour = `effective_at - ((effective_at % ${HOUR}) + ${HOUR}) % ${HOUR}`;
  const rows = session.query<{ at: number }>(`SELECT DISTINCT ${hour} AS at FROM (${ALL})`, bindings(place, span));
  return new Set(rows.map(({ at }) => Math.max(at, span.from)));
}

/** The oldest verification of a span; undefined when it is not covered whole. */
function verification(session: Session, { feed }: Place, { from, to }: Interval): number | undefined {
  const [row] = session.query<{ verifiedAt: number | null; covered: number | null }>(
    `SELECT min(verified_at) AS verifiedAt, sum(min(to_at, :to) - max(from_at, :from)) AS covered
     FROM coverage WHERE feed = :feed AND from_at < :to AND to_at > :from`,
    { feed, from, to },
  );
  return row?.covered === to - from ? (row.verifiedAt ?? undefined) : undefined;
}

function state(session: Session, place: Place, span: Covered, atMs: number): void {
  const before = listRows(session, place, span);
  const [known] = before;
  const holds = known !== undefined && known.from <= span.from && span.to <= known.to;
  const numbers =
    holds && span.from < place.floor ? settledSince(session, place, known, span) : measure(session, place, span);
  if (holds && isSame(known, numbers)) return;
  const revision = 1 + Math.max(0, ...before.map(row => row.revision));
  for (const row of before) session.run('DELETE FROM stated WHERE feed = ? AND from_at = ?', place.feed, row.from);
  for (const rest of before.flatMap(row => beside(row, span))) insert(session, place, rest);
  insert(session, place, { from: span.from, to: span.to, revision, ...numbers });
  say(session, place, span, { revision, ...numbers }, atMs);
}

function say(
  session: Session,
  { key }: Place,
  { from, to, verifiedAt }: Covered,
  said: Numbers & { revision: number },
  atMs: number,
): void {
  const { organization, stream } = key;
  const { revision, acknowledged, parked, excluded, late, withdrawn, digest } = said;
  const [start, end, verified] = [isoTime(from), isoTime(to), isoTime(verifiedAt)];
  const numbers = { acknowledged, parked, excluded, late, withdrawn, digest };
  addStatement(session, {
    uid: `coverage/${organization}/${stream}/${start}/${revision}`,
    organization,
    name: 'coverage',
    atMs,
    facts: { stream, from: start, to: end, revision, verified_at: verified, ...numbers },
  });
}

/** Counts what a span holds, and digests its ids in the order of `LC_ALL=C sort -u`. */
function measure(session: Session, place: Place, span: Interval): Numbers {
  const bit = streamBit(place.key.stream);
  const digest = createHash('sha256');
  const numbers = { ...EMPTY };
  let last: string | undefined;
  let lines = '';
  for (const row of inOrder(session, place, span)) {
    numbers[row.fate === PARKED ? 'parked' : row.fate === EXCLUDED ? 'excluded' : 'acknowledged'] += 1;
    if ((row.streams & lateBit(bit)) !== 0) numbers.late += 1;
    if ((row.streams & withdrawnBit(bit)) !== 0) numbers.withdrawn += 1;
    if (row.fate === EXCLUDED) continue;
    const line = `${unpackId(row.id).toWellFormed()}\n`;
    if (line !== last) lines += line;
    last = line;
    if (lines.length < DIGESTED_AT_ONCE) continue;
    digest.update(lines);
    lines = '';
  }
  return { ...numbers, digest: digest.update(lines).digest('hex') };
}

/** By the bytes of their ids, which SQLite knows to compare only where all have the usual form. */
function inOrder(session: Session, place: Place, span: Interval): Iterable<ListedId> {
  const values = bindings(place, span);
  const [odd] = session.query(`SELECT 1 FROM (${ALL}) WHERE NOT (${IS_USUAL}) LIMIT 1`, values);
  const order = odd === undefined ? 'id' : 'uid_bytes(id)';
  return session.each<ListedId>(`SELECT id, fate, streams FROM (${ALL}) ORDER BY ${order}`, values);
}

/** Where the ledger has forgotten ids, only what was parked can have changed. */
function settledSince(session: Session, place: Place, known: Stated, span: Interval): Numbers {
  const [row] = session.query<{ n: number }>(`SELECT count(*) AS n FROM (${WAITING})`, bindings(place, span));
  const parked = row?.n ?? 0;
  const { acknowledged, excluded, late, withdrawn, digest } = known;
  return { acknowledged: acknowledged + known.parked - parked, parked, excluded, late, withdrawn, digest };
}

function isSame(one: Numbers, other: Numbers): boolean {
  return Object.keys(EMPTY).every(name => one[name as keyof Numbers] === other[name as keyof Numbers]);
}

function insert(session: Session, { feed }: Place, row: Stated): void {
  session.run(
    `INSERT INTO stated (feed, from_at, to_at, revision, acknowledged, parked, excluded, late, withdrawn, digest)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    feed,
    row.from,
    row.to,
    row.revision,
    row.acknowledged,
    row.parked,
    row.excluded,
    row.late,
    row.withdrawn,
    Buffer.from(row.digest, 'hex'),
  );
}

function bindings({ key, organization }: Place, { from, to }: Interval) {
  return { organization, from, to, bit: streamBit(key.stream) };
}

function isoTime(second: number): string {
  return new Date(second * 1000).toISOString().replace('.000Z', 'Z');
}
