import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { Session } from './connection.ts';

/**
 * SQLite's own check sees a broken tree and not a bit that flipped inside a value: an interval of coverage may grow by a
 * month. So each row whose change could lose, alter or forge something carries a CRC-32 of its values in `seal`. A row of
 * the ledger needs none: it is found only by its id, its time and their hash together, and one that is not found costs a
 * repetition.
 */
export const SEALED = {
  organization: 'id, name',
  event_type: 'id, name',
  in_flight:
    'seq, organization, id, stream, streams, type, effective_at, time_is_neighbours, observed_at_ms, way, delivery, event, context',
  parked:
    'seq, organization, id, stream, streams, type, effective_at, time_is_neighbours, observed_at_ms, way, delivery, event, context, reason, message, certain, parked_at_ms',
  feed: 'id, organization, stream, state',
  coverage: 'feed, from_at, to_at, verified_at',
  statement: 'seq, organization, uid, name, at_ms, facts, way, reason, message, certain, parked_at_ms',
  inventory: 'organization, id, kind, list, name, content, first_seen_ms, reported_ms, gone_at_ms, applied',
  inventory_change:
    'seq, organization, kind, id, list, name, change, at_ms, first_seen_ms, before, content, facts, way, reason, message, certain, parked_at_ms',
  inventory_list: 'organization, list, state',
  note: 'key, text',
} as const;

/** Gives a database the SQL function `seal`, without which nothing can be sealed. */
export function addSealFunction(db: DatabaseSync): void {
  // As BigInt, since an integer with a flipped bit may be any: a number that cannot hold it would throw.
  const options = { deterministic: true, varargs: true, useBigIntArguments: true };
  db.function('seal', options, (...values) => sealOf(values as SQLInputValue[]));
}

/** Seals the rows that were just written; inside a write only. */
export function sealRows(
  session: Session,
  table: keyof typeof SEALED,
  where: string,
  ...values: readonly SQLInputValue[]
): void {
  session.run(`UPDATE ${table} SET seal = seal(${SEALED[table]}) WHERE ${where}`, ...values);
}

/** The first table that holds a row which is not as it was sealed. Needs `seal`. */
export function brokenSeal(db: DatabaseSync): string | undefined {
  return Object.entries(SEALED).find(
    ([table, columns]) =>
      db.prepare(`SELECT 1 FROM ${table} WHERE seal IS NOT seal(${columns}) LIMIT 1`).get() !== undefined,
  )?.[0];
}

/** To put a longer text together with its neighbours takes more time than the sum of one more piece. */
const LONG = 64;

/** The seal of a row with these values, in the order of SEALED: what SQL's `seal` says of it. */
export function sealOf(values: readonly SQLInputValue[]): number {
  let sum = 0;
  let text = '';
  for (const value of values) {
    if (value instanceof Uint8Array) {
      sum = crc32(value, crc32(`${text}b`, sum));
      text = '';
    } else if (typeof value === 'string' && value.length > LONG) {
      sum = crc32(value, crc32(`${text}string`, sum));
      text = ';';
    } else {
      // A bound parameter is a double until a column makes it an integer.
      text += `${typeof value === 'number' ? 'bigint' : typeof value}${value};`;
    }
  }
  return crc32(text, sum);
}
