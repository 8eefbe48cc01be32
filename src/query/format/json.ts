import { type Format, type Result, type ResultColumn, textOf } from './result.ts';
import { visible } from './visible.ts';

/** An array of objects, a line each. */
export const json: Format = function* (result) {
  let separator = '[';
  for (const object of objectsOf(result)) {
    yield `${separator}\n  ${object}`;
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
};

/** An object a line. */
export const ndjson: Format = function* (result) {
  for (const object of objectsOf(result)) yield `${object}\n`;
};

function* objectsOf({ columns, rows }: Result): Generator<string> {
  const names = uniqueNames(columns);
  for (const row of rows) {
    const members = row.map((value, i) => `${JSON.stringify(names[i])}:${jsonOf(value, columns[i]?.isJson === true)}`);
    yield visible(`{${members.join(',')}}`);
  }
}

/** JSON stays JSON; an integer has all its digits. */
function jsonOf(value: unknown, isJson: boolean): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  return isJson && typeof value === 'string' ? value : JSON.stringify(textOf(value));
}

/** Two columns of one name would be one member. */
function uniqueNames(columns: readonly ResultColumn[]): readonly string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let free = name;
    for (let i = 2; taken.has(free); i += 1) free = `${name}_${i}`;
    taken.add(free);
    return free;
  });
}
