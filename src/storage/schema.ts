import { DatabaseSync } from 'node:sqlite';

/** "oaac" in SQLite's header: tells our file from any other. */
export const APPLICATION_ID = 0x6f616163;

/**
 * The layout of the ledger was measured, bytes an id of 200,000 in a real file (Node 26, ids of 18 bytes):
 *
 * | layout                                                   | ascending | random | two passes | descending |
 * |----------------------------------------------------------|-----------|--------|------------|------------|
 * | key (organization, id), index (organization, time)       | 71        | 70     | 71         | 96         |
 * | rowid log, index by time, table (hash, rowid)            | 68        | 67     | 68         | 80         |
 * | key (organization, time, id), table (hash, org, time)    | 55        | 54     | 55         | 85         |
 *
 * The third is here: its table is the time index, and `ledger_time` leads from a hash of the id to the second in which
 * the id stands. Pages fill to about 90 % except in strictly descending order, in which nothing longer than the five
 * pages of a tail is ever written (gaps are filled upwards, each page is settled oldest first).
 *
 * `in_flight` and `parked` hold their own rows and the ledger the two fates that need none: an event is in one of the three.
 */
const VERSION_1 = `
CREATE TABLE made_by (
  schema_version INTEGER PRIMARY KEY,
  program TEXT NOT NULL
) STRICT;

-- said, listed: the way of the last statement, and of what was last said of the inventory, and their times; seal, here and below: a checksum of the row, see seal.ts.
CREATE TABLE organization (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  said_n INTEGER NOT NULL DEFAULT 1,
  said_at_ms INTEGER NOT NULL DEFAULT 0,
  listed_n INTEGER NOT NULL DEFAULT 1,
  listed_at_ms INTEGER NOT NULL DEFAULT 0,
  seal INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE event_type (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  seal INTEGER NOT NULL DEFAULT 0
) STRICT;

-- fate: 0 acknowledged, 1 excluded. streams: a bit for each that listed it (1 organization, 2 tenant), one for each in
-- which it came late (4, 8), and one for each that no longer lists it (16, 32): the usual ones need no byte more.
CREATE TABLE ledger (
  organization INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,
  id ANY NOT NULL,
  type INTEGER NOT NULL,
  fate INTEGER NOT NULL,
  streams INTEGER NOT NULL,
  PRIMARY KEY (organization, effective_at, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_time (
  hash INTEGER NOT NULL,
  organization INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,
  PRIMARY KEY (hash, organization, effective_at)
) STRICT, WITHOUT ROWID;

-- seq is the order of the claims; stream is the one that claimed; streams as in the ledger; context is JSON of what was
-- known besides the event.
CREATE TABLE in_flight (
  seq INTEGER PRIMARY KEY,
  organization INTEGER NOT NULL,
  id ANY NOT NULL,
  stream TEXT NOT NULL,
  streams INTEGER NOT NULL,
  type INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,
  time_is_neighbours INTEGER NOT NULL,
  observed_at_ms INTEGER NOT NULL,
  way TEXT NOT NULL,
  delivery TEXT NOT NULL,
  event TEXT NOT NULL,
  context TEXT,
  seal INTEGER NOT NULL DEFAULT 0,
  UNIQUE (organization, id)
) STRICT;

CREATE TABLE parked (
  seq INTEGER PRIMARY KEY,
  organization INTEGER NOT NULL,
  id ANY NOT NULL,
  stream TEXT NOT NULL,
  streams INTEGER NOT NULL,
  type INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,
  time_is_neighbours INTEGER NOT NULL,
  observed_at_ms INTEGER NOT NULL,
  way TEXT NOT NULL,
  delivery TEXT NOT NULL,
  event TEXT NOT NULL,
  context TEXT,
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  certain INTEGER NOT NULL,
  parked_at_ms INTEGER NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0,
  UNIQUE (organization, id)
) STRICT;

CREATE INDEX parked_by_time ON parked (organization, effective_at, id);

-- state: JSON of all that a feed remembers except its coverage.
CREATE TABLE feed (
  id INTEGER PRIMARY KEY,
  organization INTEGER NOT NULL,
  stream TEXT NOT NULL,
  state TEXT NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0,
  UNIQUE (organization, stream)
) STRICT;

CREATE TABLE coverage (
  feed INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  verified_at INTEGER NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (feed, from_at)
) STRICT, WITHOUT ROWID;

-- What the collector says of itself; reason is null while it waits for the backend.
CREATE TABLE statement (
  seq INTEGER PRIMARY KEY,
  organization INTEGER NOT NULL,
  uid TEXT NOT NULL,
  name TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  facts TEXT NOT NULL,
  way TEXT NOT NULL,
  reason TEXT,
  message TEXT,
  certain INTEGER,
  parked_at_ms INTEGER,
  seal INTEGER NOT NULL DEFAULT 0,
  UNIQUE (organization, uid)
) STRICT;

CREATE INDEX statement_waiting ON statement (organization, seq) WHERE reason IS NULL;

-- What was last said of a span of coverage: an hour, or empty ones for at most a day.
CREATE TABLE stated (
  feed INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  excluded INTEGER NOT NULL,
  late INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY (feed, from_at)
) STRICT, WITHOUT ROWID;

-- What exists, as the backend acknowledged it last, and what it was before it was gone: audit events name it for long.
-- applied is the seq of the change that made the row.
CREATE TABLE inventory (
  organization INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  list TEXT NOT NULL,
  name TEXT,
  content TEXT,
  first_seen_ms INTEGER NOT NULL,
  reported_ms INTEGER NOT NULL,
  gone_at_ms INTEGER,
  applied INTEGER NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization, id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX inventory_by_list ON inventory (organization, list);

-- What is to be said of the inventory, in the order of seq, which no later one gets again; reason is null while it waits.
CREATE TABLE inventory_change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  organization INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  list TEXT NOT NULL,
  name TEXT,
  change TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL,
  before TEXT,
  content TEXT,
  facts TEXT NOT NULL,
  way TEXT NOT NULL,
  reason TEXT,
  message TEXT,
  certain INTEGER,
  parked_at_ms INTEGER,
  seal INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX inventory_change_by_list ON inventory_change (organization, list);

-- What is known of each list; the one without a name is the reading as a whole.
CREATE TABLE inventory_list (
  organization INTEGER NOT NULL,
  list TEXT NOT NULL,
  state TEXT NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization, list)
) STRICT, WITHOUT ROWID;

-- What another process asks the one that runs to do; taken once it was seen, answered once it is done.
CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  kind TEXT NOT NULL,
  ask TEXT NOT NULL,
  asked_at_ms INTEGER NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0,
  answer TEXT
) STRICT;

CREATE TABLE note (
  key TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  seal INTEGER NOT NULL DEFAULT 0
) STRICT;

-- For people with a sqlite3 prompt.
CREATE VIEW coverage_by_name AS
  SELECT organization.name AS organization, stream, datetime(from_at, 'unixepoch') AS from_time,
    datetime(to_at, 'unixepoch') AS to_time, datetime(verified_at, 'unixepoch') AS verified_time
  FROM coverage JOIN feed ON feed.id = coverage.feed JOIN organization ON organization.id = feed.organization
  ORDER BY 1, 2, from_at;
`;

/**
 * `delivered` is the event name of the one of its records that the backend has, though the change is parked. Its rows were
 * sealed without it: where it is damaged, that record is sent once more.
 */
const VERSION_2 = 'ALTER TABLE inventory_change ADD COLUMN delivered TEXT';

/** The SQL that leads from version n - 1 to n, for n = 1, 2, ... A released one is never edited. */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2];

/** Brings a database of ours, or an empty one, to the newest version in one transaction. `program` names who did it. */
export function migrate(db: DatabaseSync, migrations: readonly string[], program: string): void {
  const version = schemaVersion(db);
  if (version === migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  for (const sql of migrations.slice(version)) db.exec(sql);
  db.prepare('INSERT OR REPLACE INTO made_by (schema_version, program) VALUES (?, ?)').run(migrations.length, program);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`);
}

export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}

/**
 * `foreign` is a database of another program; `empty` has nothing in it yet; `disguised` has our tables, and a header
 * that says something else.
 */
export function ownerOf(db: DatabaseSync): 'ours' | 'foreign' | 'empty' | 'disguised' {
  const id = Number(db.prepare('PRAGMA application_id').get()?.application_id);
  const version = schemaVersion(db);
  const tables = db.prepare('SELECT name FROM sqlite_schema').all();
  const hasOurs = tables.some(({ name }) => name === 'ledger_time');
  if (hasOurs && (id !== APPLICATION_ID || version < 1)) return 'disguised';
  if (id === APPLICATION_ID) return 'ours';
  return id === 0 && tables.length === 0 && version === 0 ? 'empty' : 'foreign';
}

/** The name of a table, index or view that is missing, or not as the migrations make it. */
export function changedObject(db: DatabaseSync): string | undefined {
  const made = new DatabaseSync(':memory:');
  try {
    migrate(made, MIGRATIONS, '');
    const found = new Set(
      db
        .prepare(OBJECTS)
        .all()
        .map(({ text }) => text),
    );
    const changed = made
      .prepare(OBJECTS)
      .all()
      .find(({ text }) => !found.has(text));
    return changed === undefined ? undefined : String(changed.name);
  } finally {
    made.close();
  }
}

const OBJECTS = `SELECT name, concat_ws('|', type, name, tbl_name, sql) AS text FROM sqlite_schema`;

/** The program that last changed the schema, as far as a newer schema still says so. */
export function madeBy(db: DatabaseSync): string | undefined {
  try {
    const row = db.prepare('SELECT program FROM made_by ORDER BY schema_version DESC LIMIT 1').get();
    return typeof row?.program === 'string' ? row.program : undefined;
  } catch {
    return undefined;
  }
}
