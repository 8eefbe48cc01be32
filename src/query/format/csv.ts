import { type Format, textOf } from './result.ts';
import { visible } from './visible.ts';

/** RFC 4180, with a header. NULL is nothing, an empty text is `""`. */
export const csv: Format = function* ({ columns, rows }, { isTerminal }) {
  const shown = isTerminal ? visible : (text: string) => text;
  yield `${columns.map(({ name }) => shown(quoted(name))).join(',')}\r\n`;
  for (const row of rows) yield `${row.map(value => shown(value === '' ? '""' : quoted(textOf(value)))).join(',')}\r\n`;
};

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
