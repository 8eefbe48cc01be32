import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { ExitError } from '../errors.ts';
import { changedObject, MIGRATIONS, madeBy, migrate, ownerOf, schemaVersion } from './schema.ts';
import { addSealFunction, brokenSeal } from './seal.ts';
import { damaged } from './sqlite-error.ts';
import { makePrivate } from './state-path.ts';

/** Opens what stands at a location, as `node:sqlite` does. */
export type OpenDatabase = (location: string | URL) => DatabaseSync;

/** Reading all of a file this large takes about a quarter of a second. */
const ALWAYS_CHECKED_BYTES = 64 * 1024 * 1024;

/**
 * FULL: an acknowledged commit survives a power cut; under NORMAL it may not. fullfsync: the same on macOS. The log is
 * written back every 256 pages (1 MiB): after a full disk that much space must be there before the file can grow again.
 */
const PRAGMAS = `
  PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
  PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 16777216;
  PRAGMA trusted_schema = OFF;`;

/**
 * Opens an existing file that is ours or empty, as a process that begins; brings it to the newest schema.
 * @throws ExitError usage for another program's database; stateDamaged for a newer or damaged one; SQLite's own errors.
 */
export function openStateFile(path: string, openDatabase: OpenDatabase, program: string): DatabaseSync {
  const unclean = endedUncleanly(path);
  requireHeader(path, unclean);
  return orClosed(openDatabase(existingFile(path)), db => {
    requireOurs(db, path);
    makePrivate(path);
    prepare(db, path);
    requireSound(db, path, unclean);
    migrate(db, MIGRATIONS, program);
    requireUnchanged(db, path);
  });
}

/** Opens the file again after an error: it must still be what `openStateFile` left. */
export function reopenStateFile(path: string, openDatabase: OpenDatabase): DatabaseSync {
  return orClosed(openDatabase(existingFile(path)), db => {
    if (ownerOf(db) !== 'ours' || schemaVersion(db) !== MIGRATIONS.length) {
      throw damaged(path, 'it was replaced while in use');
    }
    prepare(db, path);
  });
}

/**
 * Opens an existing file of this program's schema to look at it, beside a process that writes it.
 * @throws ExitError usage when there is no state yet or it is older; as `openStateFile` otherwise.
 */
export function viewStateFile(path: string, openDatabase: OpenDatabase): DatabaseSync {
  return besideItsOwner(path, 'ro', openDatabase);
}

/** The same, to leave a request in it. */
export function visitStateFile(path: string, openDatabase: OpenDatabase): DatabaseSync {
  return besideItsOwner(path, 'rw', openDatabase);
}

function besideItsOwner(path: string, mode: 'ro' | 'rw', openDatabase: OpenDatabase): DatabaseSync {
  return orClosed(openDatabase(existingFile(path, mode)), db => {
    requireOurs(db, path);
    if (schemaVersion(db) === MIGRATIONS.length) return;
    throw new ExitError('state-missing', `storage.path ${path} holds no state of this version yet: \`run\` makes it.`);
  });
}

function orClosed(db: DatabaseSync, use: (db: DatabaseSync) => void): DatabaseSync {
  try {
    use(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepare(db: DatabaseSync, path: string): void {
  db.exec(PRAGMAS);
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  if (mode === 'wal') return;
  throw new ExitError(
    'state-path-unusable',
    `storage.path ${path}: its file system cannot share memory between processes, as SQLite's WAL needs: use a local disk.`,
  );
}

/** The URL form never creates: a file that vanished under a running process must not come back empty. */
function existingFile(path: string, mode: 'rw' | 'ro' = 'rw'): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', mode);
  return url;
}

/**
 * Of a header with a flipped bit SQLite says less than it should: it takes the file for one that may not be written. And
 * beside an empty file it throws the log away, though nothing can be in a log before the file has its first page.
 */
function requireHeader(path: string, unclean: boolean): void {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(100);
    const length = readSync(file, header);
    if (length === 0 && unclean) throw damaged(path, 'it is empty, and its log is not');
    const versions = [...header.subarray(18, 20)];
    if (
      length === header.length &&
      header.toString('latin1', 0, 15) === 'SQLite format 3' &&
      versions.some(isNoVersion)
    ) {
      throw damaged(path, 'its header is not as SQLite writes it');
    }
  } finally {
    closeSync(file);
  }
}

/** 1 is a file with a rollback journal, 2 one with a log. */
function isNoVersion(version: number): boolean {
  return version !== 1 && version !== 2;
}

/** A leftover log means that the last process did not close the file. */
function endedUncleanly(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** @throws ExitError unless the database is ours, or empty, and of no newer version than this program's. */
function requireOurs(db: DatabaseSync, path: string): void {
  const owner = ownerOf(db);
  if (owner === 'disguised') throw damaged(path, 'its header names no program or version of ours, its tables are ours');
  if (owner === 'foreign') {
    throw new ExitError(
      'state-foreign',
      `storage.path ${path} is a database of another program: name another file, or move that one away.`,
    );
  }
  const version = schemaVersion(db);
  if (version <= MIGRATIONS.length) return;
  const author = madeBy(db);
  throw new ExitError(
    'state-newer',
    `storage.path ${path} was made by a newer version${author === undefined ? '' : ` (${author})`}: its schema is ${version}, ` +
      `this program knows ${MIGRATIONS.length}. Run that version again, restore the backup from before the upgrade, or move ` +
      'the file away and start again: everything since start_from is then read and sent again.',
  );
}

/** @throws ExitError stateDamaged when the schema, or a sealed row, is not as this program wrote it. */
function requireUnchanged(db: DatabaseSync, path: string): void {
  const changed = changedObject(db);
  if (changed !== undefined) throw damaged(path, `its schema has another ${changed}`);
  addSealFunction(db);
  const broken = brokenSeal(db);
  if (broken !== undefined) throw damaged(path, `a row of the table ${broken} is not as it was written`);
}

/**
 * Reads the whole file after an unclean end, and always while that is cheap. A large file that was closed in order is
 * trusted: SQLite still says so when it meets a damaged page later.
 * @throws ExitError stateDamaged
 */
function requireSound(db: DatabaseSync, path: string, unclean: boolean): void {
  if (!unclean && statSync(path).size > ALWAYS_CHECKED_BYTES) return;
  const verdict = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  if (verdict !== 'ok') throw damaged(path, String(verdict));
}
