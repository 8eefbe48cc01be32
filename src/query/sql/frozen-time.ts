import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** Functions of SQLite that know the time, and where in their arguments a time stands. */
const FUNCTIONS: Readonly<Record<string, readonly number[]>> = {
  date: [0],
  time: [0],
  datetime: [0],
  julianday: [0],
  unixepoch: [0],
  strftime: [1],
  timediff: [0, 1],
};

const CURRENT: Readonly<Record<string, string>> = {
  current_date: 'date',
  current_time: 'time',
  current_timestamp: 'datetime',
};

/** Lets `now` be the same instant as long as a query runs: what is read is decided by it, minutes before it is looked at. */
export function freezeTime(database: DatabaseSync, nowMs: number): void {
  const now = new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '');
  const real = new RealFunctions();
  for (const [name, places] of Object.entries(FUNCTIONS)) {
    database.function(name, { varargs: true, deterministic: true, useBigIntArguments: true }, (...given) => {
      const args = given as SQLInputValue[];
      const [first = -1] = places;
      if (name !== 'timediff' && (args.length === first || isPrecision(args[first]))) args.splice(first, 0, 'now');
      const told = args.map((arg, i) => (places.includes(i) && isNow(arg) ? now : arg));
      return real.call(name, told);
    });
  }
  for (const [name, function_] of Object.entries(CURRENT)) {
    database.function(name, { deterministic: true }, () => real.call(function_, [now]));
  }
}

/** SQLite's own, which the others replace in the database that the query runs in. */
class RealFunctions {
  readonly #database = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  call(name: string, args: SQLInputValue[]) {
    const sql = `SELECT ${name}(${args.map(() => '?').join(', ')}) AS value`;
    const statement = this.#statements.get(sql) ?? this.#prepare(sql);
    return statement.get(...args)?.value ?? null;
  }

  #prepare(sql: string) {
    const statement = this.#database.prepare(sql);
    statement.setReadBigInts(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function isNow(arg: SQLInputValue | undefined): boolean {
  return typeof arg === 'string' && arg.toLowerCase() === 'now';
}

/** The time may be left out before it. */
function isPrecision(arg: SQLInputValue | undefined): boolean {
  return typeof arg === 'string' && /^subsec(ond)?$/i.test(arg);
}
