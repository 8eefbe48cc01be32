import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type PackedId, uidBytes } from './event-id.ts';
import { addSealFunction } from './seal.ts';
import { storageError } from './sqlite-error.ts';

/** One open database: its prepared statements, and what was read from it once and only this process changes. */
export class Session {
  readonly db: DatabaseSync;
  /** Ids of names by table and name. */
  readonly names = new Map<string, number>();
  /** What `saveFeed` wrote last, by the feed's id. */
  readonly saved = new Map<number, unknown>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
    db.function('uid_bytes', { deterministic: true }, id => uidBytes(id as PackedId));
    addSealFunction(db);
  }

  /** `Row` is what the query selects; the tables are STRICT, so the columns hold what they declare. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Like `all`, for a query that uses its parameters more than once and so by name. */
  query<Row>(sql: string, values: Record<string, SQLInputValue>): Row[] {
    return this.#statement(sql).all(values) as Row[];
  }

  /** Like `query`, one row at a time: read to the end before the next use. */
  each<Row>(sql: string, values: Record<string, SQLInputValue>): Iterable<Row> {
    return this.#statement(sql).iterate(values) as Iterable<Row>;
  }

  /** Returns the number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}

/**
 * A database that is given up after any error and opened again by the next use: a COMMIT that threw may have happened, so
 * nothing remembered from before it can be trusted.
 */
export class Connection {
  readonly #path: string;
  readonly #open: () => DatabaseSync;
  readonly #discard: (db: DatabaseSync) => void;
  #session: Session | undefined;
  #closed = false;

  /** `first` is used until an error; `discard` ends one that had an error, and `open` makes the next. */
  constructor(path: string, first: DatabaseSync, open: () => DatabaseSync, discard: (db: DatabaseSync) => void) {
    this.#path = path;
    this.#session = new Session(first);
    this.#open = open;
    this.#discard = discard;
  }

  read<T>(work: (session: Session) => T): T {
    return this.#use(work);
  }

  /** One transaction, durable on return. */
  write<T>(work: (session: Session) => T): T {
    return this.#use(session => {
      session.db.exec('BEGIN IMMEDIATE');
      const result = work(session);
      session.db.exec('COMMIT');
      return result;
    });
  }

  /** Ends the database with `end`; further use throws. */
  close(end: (db: DatabaseSync) => void): void {
    const session = this.#session;
    this.#session = undefined;
    this.#closed = true;
    if (session !== undefined) end(session.db);
  }

  #use<T>(work: (session: Session) => T): T {
    if (this.#closed) throw new Error('the storage is closed');
    try {
      this.#session ??= new Session(this.#open());
      return work(this.#session);
    } catch (error) {
      this.#giveUp();
      throw storageError(this.#path, error);
    }
  }

  #giveUp(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) this.#discard(session.db);
  }
}
