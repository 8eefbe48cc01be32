import { constants, DatabaseSync, type StatementSync } from 'node:sqlite';
import { ExitError } from '../../errors.ts';
import type { Row, Table } from '../tables/table.ts';
import { freezeTime } from './frozen-time.ts';

/** So much is held, whatever is read. */
const MOST_BYTES = 1024 * 1024 * 1024;
const PAGE_BYTES = 4096;

/** What a statement would read, by table; and what its result has. */
export interface Prepared {
  readonly statement: StatementSync;
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
  readonly columns: readonly { readonly name: string; readonly isJson: boolean }[];
}

/**
 * The tables in an SQLite in memory, where nothing but reading is allowed to a statement. `now` stands still at `nowMs`,
 * Unix milliseconds.
 */
export class Database {
  readonly #database: DatabaseSync;
  #reads: Map<string, Set<string>> | undefined;

  constructor(tables: readonly Table[], nowMs: number, mostBytes = MOST_BYTES) {
    this.#database = new DatabaseSync(':memory:');
    if (typeof this.#database.setAuthorizer !== 'function') {
      throw new ExitError(
        'node-unsupported',
        'Queries need Node.js 24.10 or newer, which guards what a statement may do.',
      );
    }
    this.#database.exec(`PRAGMA temp_store = MEMORY; PRAGMA max_page_count = ${Math.ceil(mostBytes / PAGE_BYTES)}`);
    for (const { name, columns, key } of tables) {
      const defined = columns.map(column => `${quoted(column.name)} ${column.type === 'ANY' ? '' : column.type}`);
      this.#database.exec(`CREATE TABLE ${name} (${defined.join(', ')})`);
      // NULL would be unlike NULL.
      const parts = key.map(column => `ifnull(${quoted(column)}, '')`);
      if (parts.length > 0) this.#database.exec(`CREATE UNIQUE INDEX ${name}_key ON ${name} (${parts.join(', ')})`);
    }
    freezeTime(this.#database, nowMs);
    this.#database.setAuthorizer((action, first, second) => this.#authorize(action, first, second));
  }

  /** @throws Error of node:sqlite when SQLite refuses the statement. */
  prepare(sql: string): Prepared {
    const reads = new Map<string, Set<string>>();
    this.#reads = reads;
    try {
      const statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      statement.setReadBigInts(true);
      const columns = statement.columns().map(({ name, type }) => ({ name, isJson: type === 'JSON TEXT' }));
      return { statement, reads, columns };
    } finally {
      this.#reads = undefined;
    }
  }

  /** What a statement without parameters gives first of all; undefined when SQLite refuses it or it gives nothing. */
  first(sql: string): readonly unknown[] | undefined {
    try {
      const [row] = this.prepare(sql).statement.all() as unknown as (readonly unknown[])[];
      return row;
    } catch {
      return undefined;
    }
  }

  /** The program that SQLite makes of a statement: two with the same do the same. Undefined when it refuses it. */
  program(sql: string): string | undefined {
    try {
      return JSON.stringify(this.prepare(`EXPLAIN ${sql}`).statement.all(), (_, value) =>
        typeof value === 'bigint' ? String(value) : value,
      );
    } catch {
      return undefined;
    }
  }

  /**
   * How rows get into a table, of which only these columns are wanted. One that is there already stays as it is; but the
   * value of one column may be stronger than others.
   */
  inserter(
    table: Table,
    columns: readonly string[],
    stronger?: { readonly column: string; readonly value: string },
  ): (rows: readonly Row[]) => void {
    const names = columns.map(quoted);
    const isHeld = stronger !== undefined && columns.includes(stronger.column);
    const value = isHeld ? `excluded.${quoted(stronger.column)}` : '';
    const change = isHeld
      ? `UPDATE SET ${quoted(stronger.column)} = ${value} WHERE ${value} = '${stronger.value}'`
      : 'NOTHING';
    this.#reads = undefined;
    const statement = this.#database.prepare(
      `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT DO ${change}`,
    );
    return rows => {
      this.#database.exec('BEGIN');
      try {
        for (const row of rows) statement.run(...columns.map(name => row[name] ?? null));
        this.#database.exec('COMMIT');
      } catch (error) {
        // SQLite has taken everything back.
        if (/full/.test(String(error))) throw tooMuch(table.name);
        throw error;
      }
    };
  }

  close(): void {
    this.#database.close();
  }

  /** Nothing that a statement of somebody else may not do. */
  #authorize(action: number, first: string | null, second: string | null): number {
    // Its own statements.
    if (this.#reads === undefined) return constants.SQLITE_OK;
    if (action === constants.SQLITE_READ && first !== null) {
      this.#reads.set(first, (this.#reads.get(first) ?? new Set()).add(second ?? ''));
      return constants.SQLITE_OK;
    }
    if (action === constants.SQLITE_FUNCTION && OUTSIDE.has(second ?? '')) return constants.SQLITE_DENY;
    return ALLOWED.has(action) ? constants.SQLITE_OK : constants.SQLITE_DENY;
  }
}

const ALLOWED: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);

/** Functions that do more than to say something of their arguments. */
const OUTSIDE: ReadonlySet<string> = new Set(['load_extension', 'fts3_tokenizer']);

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function tooMuch(table: string): ExitError {
  return new ExitError(
    'query-too-large',
    `What is read of ${table} does not fit into ${MOST_BYTES / 1024 ** 3} GiB of memory. ` +
      'Ask for a shorter time, or name fewer columns: only those that the query names are held.',
  );
}
