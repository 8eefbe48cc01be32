import { type Format, textOf } from './result.ts';
import { harmless, visible } from './visible.ts';

/**
 * RFC 4180, with a header. NULL is nothing, an empty text is `""`. What goes into a pipe may still end on a terminal
 * (`| head`), so that nothing that moves its cursor stands in it wherever it goes; JSON has each character.
 */
export const csv: Format = function* ({ columns, rows }, { isTerminal }) {
  const shown = isTerminal ? visible : harmless;
  yield `${columns.map(({ name }) => shown(quoted(name))).join(',')}\r\n`;
  for (const row of rows) yield `${row.map(value => shown(value === '' ? '""' : quoted(textOf(value)))).join(',')}\r\n`;
};

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
