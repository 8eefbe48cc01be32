import { DatabaseSync } from 'node:sqlite';
import type { Interval } from '../coverage/intervals.ts';
import { Connection, type Session } from './connection.ts';
import {
  claimEvents,
  excludeEvent,
  findEvent,
  isExcludedAnew,
  releaseEvent,
  settleEvent,
  withdrawEvent,
} from './event.ts';
import { loadFeed, saveFeed } from './feed-state.ts';
import {
  isInventoryEmpty,
  listInventory,
  listInventoryLists,
  listInventoryUnder,
  listKnownInventory,
  listParkedInventory,
  listWaitingInventory,
  recordChanges,
  settleChange,
  unparkChange,
} from './inventory.ts';
import type {
  InventoryChange,
  InventoryItem,
  InventoryList,
  ParkedInventory,
  RememberedItem,
  SettledInventory,
  WaitingInventory,
} from './inventory-storage.ts';
import { pruneLedger, STREAMS, streamBit } from './ledger.ts';
import { countListed, listNewest, listPage, type Place } from './listing.ts';
import { type Lock, lockState } from './lock.ts';
import { findName, internName } from './names.ts';
import { listParkedReasons } from './parked-reason.ts';
import { readmitTypes } from './readmit.ts';
import { answerRequest, listRequests, takeRequests } from './request.ts';
import { MIGRATIONS, migrate } from './schema.ts';
import { openError } from './sqlite-error.ts';
import { type OpenDatabase, openStateFile, reopenStateFile, viewStateFile } from './state-file.ts';
import { existingStatePath, prepareStatePath } from './state-path.ts';
import { listStated, stateCoverage } from './stated.ts';
import { addStatement, listParkedStatements, listStatements, settleStatement, unparkStatement } from './statement.ts';
import type {
  ClaimResult,
  Commit,
  Counts,
  Excluded,
  Fate,
  FeedKey,
  FeedState,
  InFlight,
  Listed,
  Parked,
  ParkedReason,
  ParkedStatement,
  Request,
  Settled,
  Stated,
  Storage,
  WaitingStatement,
} from './storage.ts';
import { Touched } from './touched.ts';
import { listInFlight, listParked, unparkAll } from './waiting.ts';

export interface SqliteOptions {
  /** What the file says of the program that made its schema, such as `openai-audit-collector 0.1.0`. */
  readonly program?: string;
  /** Looks at an existing file without its lock, beside a process that writes it: whatever would write rejects. */
  readonly readOnly?: boolean;
  /** Opens a database: tests give one with faults. */
  readonly openDatabase?: OpenDatabase;
}

const MEMORY = ':memory:';
/** How long a statement waits for another user of the file, such as `status` or a backup. */
const BUSY_MS = 5000;
/** How many rows of `ids` are in memory at once. */
const PAGE_ROWS = 1000;

/**
 * The state file, created when it is missing and locked for this process until `close`. `:memory:` is for tests and
 * simulation and has no lock.
 * @throws ExitError usage (path), stateInUse (somebody holds it), stateDamaged (damaged, or of a newer version).
 */
export async function openStorage(path: string, options: SqliteOptions = {}): Promise<Storage> {
  const openDatabase = options.openDatabase ?? (location => new DatabaseSync(location, { timeout: BUSY_MS }));
  const program = options.program ?? 'openai-audit-collector';
  if (path === MEMORY) return openMemory(openDatabase, program);
  return options.readOnly === true ? viewFile(path, openDatabase) : openFile(path, openDatabase, program);
}

function openMemory(openDatabase: OpenDatabase, program: string): Storage {
  const db = openDatabase(MEMORY);
  migrate(db, MIGRATIONS, program);
  const rollBack = () => db.isTransaction && db.exec('ROLLBACK');
  return new SqliteStorage(new Connection(MEMORY, db, () => db, rollBack), undefined);
}

function openFile(path: string, openDatabase: OpenDatabase, program: string): Storage {
  const file = prepareStatePath(path);
  const lock = lockState(file);
  try {
    const db = openStateFile(file, openDatabase, program);
    const reopen = () => reopenStateFile(file, openDatabase);
    return new SqliteStorage(new Connection(file, db, reopen, closeQuietly), lock);
  } catch (error) {
    lock.release();
    throw openError(file, error);
  }
}

function viewFile(path: string, openDatabase: OpenDatabase): Storage {
  const file = existingStatePath(path);
  const open = () => viewStateFile(file, openDatabase);
  try {
    return new SqliteStorage(new Connection(file, open(), open, closeQuietly), undefined);
  } catch (error) {
    throw openError(file, error);
  }
}

/** Methods are asynchronous for the sake of other implementations; here each is done when it returns. */
class SqliteStorage implements Storage {
  readonly #connection: Connection;
  readonly #lock: Lock | undefined;

  constructor(connection: Connection, lock: Lock | undefined) {
    this.#connection = connection;
    this.#lock = lock;
  }

  async organizations(): Promise<readonly string[]> {
    return this.#connection.read(session =>
      session.all<{ name: string }>('SELECT name FROM organization ORDER BY name').map(({ name }) => name),
    );
  }

  async feed(key: FeedKey): Promise<FeedState | undefined> {
    return this.#read(key.organization, undefined, (session, organization) =>
      loadFeed(session, organization, key.stream),
    );
  }

  async claim(rows: readonly InFlight[]): Promise<readonly ClaimResult[]> {
    return this.#connection.write(session => {
      const touched = new Touched();
      const results = claimEvents(session, rows, touched);
      for (const { feed, hours } of touched.feeds) stateCoverage(session, feed, [], hours, rows[0]?.observedAtMs ?? 0);
      return results;
    });
  }

  async inFlight(organization: string): Promise<readonly InFlight[]> {
    return this.#read(organization, [], listInFlight);
  }

  async fates(organization: string, uids: readonly string[]): Promise<ReadonlyMap<string, Fate | 'in_flight'>> {
    return this.#read(organization, new Map(), (session, id) => {
      const found = uids.map(uid => [uid, findEvent(session, id, uid)?.place] as const);
      return new Map(found.flatMap(([uid, place]) => (place === undefined ? [] : [[uid, place]])));
    });
  }

  async excludedAnew(events: readonly Excluded[]): Promise<readonly Excluded[]> {
    return this.#connection.read(session => events.filter(event => isExcludedAnew(session, event)));
  }

  async commit({ feed, atMs, settled, released, excluded, withdrawn, state, statements }: Commit): Promise<void> {
    this.#connection.write(session => {
      const touched = new Touched();
      for (const event of settled ?? []) settleEvent(session, feed, event, touched);
      for (const uid of released ?? []) releaseEvent(session, feed, uid);
      for (const event of excluded ?? []) excludeEvent(session, event, touched);
      for (const uid of withdrawn ?? []) withdrawEvent(session, feed, uid, touched);
      const completed = state === undefined ? [] : saveFeed(session, feed, state);
      for (const each of touched.feeds) stateCoverage(session, each.feed, [], each.hours, atMs);
      if (completed.length > 0) stateCoverage(session, feed, completed, NO_HOURS, atMs);
      for (const statement of statements ?? []) addStatement(session, statement);
    });
  }

  async parked(organization: string): Promise<readonly Parked[]> {
    return this.#read(organization, [], listParked);
  }

  async parkedReasons(organization: string): Promise<readonly ParkedReason[]> {
    return this.#read(organization, [], listParkedReasons);
  }

  async replay(organization: string, uids: readonly string[], way: string): Promise<readonly InFlight[]> {
    return this.#write(organization, [], (session, id) => unparkAll(session, id, uids, way));
  }

  async newest(key: FeedKey, limit: number): Promise<readonly Listed[]> {
    return this.#read(key.organization, [], (session, id) => listNewest(session, id, key.stream, limit));
  }

  async counts(key: FeedKey, span: Interval): Promise<Counts> {
    const none = { acknowledged: 0, parked: 0, excluded: 0, inFlight: 0 };
    return this.#read(key.organization, none, (session, id) => countListed(session, id, key.stream, span));
  }

  async *ids(key: FeedKey, span: Interval): AsyncGenerator<Listed> {
    let after: Place | undefined;
    do {
      const page = this.#read(key.organization, NO_PAGE, (session, id) =>
        listPage(session, id, key.stream, span, after, PAGE_ROWS),
      );
      yield* page.events;
      after = page.last;
    } while (after !== undefined);
  }

  async prune(organization: string, before: number, streams: readonly FeedKey['stream'][]): Promise<number> {
    const kept = STREAMS.filter(stream => !streams.includes(stream)).reduce((mask, each) => mask | streamBit(each), 0);
    return this.#write(organization, 0, (session, id) => pruneLedger(session, id, before, kept));
  }

  async readmit(organization: string, types: readonly string[]): Promise<readonly Interval[]> {
    return this.#write(organization, [], (session, id) => readmitTypes(session, id, types));
  }

  async stated(key: FeedKey, span: Interval): Promise<readonly Stated[]> {
    return this.#connection.read(session => listStated(session, key, span));
  }

  async statements(organization: string, limit: number, afterMs: number): Promise<readonly WaitingStatement[]> {
    return this.#read(organization, [], (session, id) => listStatements(session, id, limit, afterMs));
  }

  async settleStatements(organization: string, settled: readonly Settled[]): Promise<void> {
    this.#write(organization, undefined, (session, id) => {
      for (const each of settled) settleStatement(session, id, each);
    });
  }

  async parkedStatements(organization: string): Promise<readonly ParkedStatement[]> {
    return this.#read(organization, [], listParkedStatements);
  }

  async replayStatements(organization: string, uids: readonly string[], way: string): Promise<number> {
    return this.#write(organization, 0, (session, id) =>
      uids.reduce((sum, uid) => sum + unparkStatement(session, id, uid, way), 0),
    );
  }

  async inventory(organization: string, kind?: string): Promise<readonly InventoryItem[]> {
    return this.#read(organization, [], (session, id) => listInventory(session, id, kind));
  }

  async knownInventory(organization: string, of: { readonly list: string } | { readonly kind: string }) {
    return this.#read(organization, [], (session, id) => listKnownInventory(session, id, of));
  }

  async inventoryUnder(organization: string, ids: readonly string[]): Promise<readonly RememberedItem[]> {
    return this.#read(organization, [], (session, id) => listInventoryUnder(session, id, ids));
  }

  async inventoryIsEmpty(organization: string): Promise<boolean> {
    return this.#read(organization, true, isInventoryEmpty);
  }

  async inventoryLists(organization: string) {
    return this.#read(organization, [], listInventoryLists);
  }

  async recordInventory(
    organization: string,
    changes: readonly InventoryChange[],
    lists: readonly InventoryList[],
  ): Promise<void> {
    this.#connection.write(session =>
      recordChanges(session, internName(session, 'organization', organization), changes, lists),
    );
  }

  async waitingInventory(organization: string, limit: number, afterSeq: number): Promise<readonly WaitingInventory[]> {
    return this.#read(organization, [], (session, id) => listWaitingInventory(session, id, limit, afterSeq));
  }

  async settleInventory(organization: string, settled: readonly SettledInventory[]): Promise<void> {
    this.#write(organization, undefined, (session, id) => {
      for (const each of settled) settleChange(session, id, each);
    });
  }

  async parkedInventory(organization: string): Promise<readonly ParkedInventory[]> {
    return this.#read(organization, [], listParkedInventory);
  }

  async replayInventory(organization: string, seqs: readonly number[], way: string): Promise<number> {
    return this.#write(organization, 0, (session, id) =>
      seqs.reduce((sum, seq) => sum + unparkChange(session, id, seq, way), 0),
    );
  }

  async requests(organization: string): Promise<readonly Request[]> {
    const open = this.#connection.read(session => listRequests(session, organization));
    if (open.some(({ taken }) => taken === 0)) this.#connection.write(session => takeRequests(session, organization));
    return open.map(({ id, kind, ask }) => ({ id, organization, kind, ask }));
  }

  async answer(id: number, answer: string, atMs: number): Promise<void> {
    this.#connection.write(session => answerRequest(session, id, answer, atMs));
  }

  async note(key: string): Promise<string | undefined> {
    return this.#connection.read(session => session.get<{ text: string }>('SELECT text FROM note WHERE key = ?', key))
      ?.text;
  }

  async setNote(key: string, text: string): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO note (key, text, seal) VALUES (?1, ?2, seal(?1, ?2))';
    this.#connection.write(session => session.run(sql, key, text));
  }

  async close(): Promise<void> {
    try {
      this.#connection.close(checkpointAndClose);
    } finally {
      this.#lock?.release();
    }
  }

  /** `none` is the answer for an organization that has nothing here. */
  #read<T>(organization: string, none: T, work: (session: Session, organization: number) => T): T {
    return this.#connection.read(session => ofOrganization(session, organization, none, work));
  }

  #write<T>(organization: string, none: T, work: (session: Session, organization: number) => T): T {
    return this.#connection.write(session => ofOrganization(session, organization, none, work));
  }
}

const NO_HOURS: ReadonlySet<number> = new Set();
const NO_PAGE = { events: [], last: undefined } as const;

function ofOrganization<T>(
  session: Session,
  name: string,
  none: T,
  work: (session: Session, organization: number) => T,
): T {
  const organization = findName(session, 'organization', name);
  return organization === undefined ? none : work(session, organization);
}

/** A checkpoint that fails, or would wait for a reader, loses nothing: the log is read at the next start. */
function checkpointAndClose(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What it would have said is of no use any more.
  } finally {
    closeQuietly(db);
  }
}

/** After an error nothing more is expected of a database. */
function closeQuietly(db: DatabaseSync): void {
  if (db.isOpen) db.close();
}
