import { type Format, type ResultColumn, type Terminal, textOf } from './result.ts';
import { visible } from './visible.ts';
import { clipped, padded, widthOf } from './width.ts';

/** Widths are taken from so many rows; those behind them are written with the same. */
const LOOKED_AT = 1_000;
const GAP = 2;
/** Narrower a column is not made. */
const NARROWEST = 8;

/** A table that fits the terminal; where it has too many columns for that, each row as a list of what is in it. */
export const table: Format = function* ({ columns, rows }, terminal) {
  const iterator = rows[Symbol.iterator]();
  const head: (readonly unknown[])[] = [];
  let next = iterator.next();
  for (; !next.done && head.length < LOOKED_AT; next = iterator.next()) head.push(next.value);
  const { widths, isCut } = widthsOf(columns, head, terminal);
  const line = widths === undefined ? listed(columns) : aligned(columns, widths, head);
  if (widths !== undefined) yield header(columns, widths);
  let count = 0;
  for (const row of head) {
    count += 1;
    yield line(row, count);
  }
  for (; !next.done; next = iterator.next()) {
    count += 1;
    yield line(next.value, count);
  }
  const more = isCut ? '; what ends in … is cut, --format json has it whole' : '';
  yield `(${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}${more})\n`;
};

type Line = (row: readonly unknown[], number: number) => string;

/** No widths when they do not fit. */
function widthsOf(
  columns: readonly ResultColumn[],
  rows: readonly (readonly unknown[])[],
  { columns: room = Number.POSITIVE_INFINITY }: Terminal,
): { readonly widths?: readonly number[]; readonly isCut: boolean } {
  const widths = columns.map(({ name }, i) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(visible(textOf(row[i])))), widthOf(visible(name))),
  );
  const least = widths.map(width => Math.min(width, NARROWEST));
  const free = room - GAP * (columns.length - 1);
  if (sum(least) > free) return { isCut: false };
  if (sum(widths) <= free) return { widths, isCut: false };
  const most = mostFor(widths, free);
  return { widths: widths.map(width => Math.min(width, most)), isCut: true };
}

/** The width to which the widest columns are cut, so that all of them fit. */
function mostFor(widths: readonly number[], free: number): number {
  let most = Math.max(...widths);
  while (most > NARROWEST && sum(widths.map(width => Math.min(width, most))) > free) most -= 1;
  return most;
}

function header(columns: readonly ResultColumn[], widths: readonly number[]): string {
  const names = columns.map(({ name }, i) => padded(clipped(visible(name), widths[i] ?? 0), widths[i] ?? 0));
  const rules = widths.map(width => '─'.repeat(width));
  return `${names.join(' '.repeat(GAP)).trimEnd()}\n${rules.join(' '.repeat(GAP))}\n`;
}

/** Numbers stand at the right. */
function aligned(
  columns: readonly ResultColumn[],
  widths: readonly number[],
  rows: readonly (readonly unknown[])[],
): Line {
  const isNumeric = columns.map(
    (_, i) => rows.some(row => isNumber(row[i])) && rows.every(row => row[i] === null || isNumber(row[i])),
  );
  return row => {
    const cells = columns.map((_, i) => {
      const width = widths[i] ?? 0;
      const text = clipped(visible(textOf(row[i])), width);
      return isNumeric[i] ? padded(text, width, 'start') : padded(text, width);
    });
    return `${cells.join(' '.repeat(GAP)).trimEnd()}\n`;
  };
}

/** Without what is NULL. */
function listed(columns: readonly ResultColumn[]): Line {
  const names = columns.map(({ name }) => visible(name));
  return (row, number) => {
    const there = names.flatMap((name, i) => (row[i] === null ? [] : [[name, visible(textOf(row[i]))] as const]));
    const width = Math.max(0, ...there.map(([name]) => widthOf(name)));
    const lines = there.map(([name, value]) => `${padded(name, width)}  ${value}\n`);
    return `── ${number} ${'─'.repeat(Math.max(3, 20 - String(number).length))}\n${lines.join('')}`;
  };
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
