import { ExitError } from '../../errors.ts';
import { closest } from '../../suggest.ts';
import { visible } from '../format/visible.ts';
import type { Table } from '../tables/table.ts';
import type { Database, Prepared } from './database.ts';
import { isOperator, isWord, type Token, tokensOf } from './token.ts';

/** Of the line that is pointed into: with what stands before it no wider than a terminal, where the arrow would miss. */
const WIDEST = 76;

/** A statement that SQLite takes, and that only reads. */
export interface Statement extends Prepared {
  /** Without what ends it. */
  readonly sql: string;
  readonly tokens: readonly Token[];
  /** It asks how SQLite would go about it: nothing has to be read for that. */
  readonly isExplained: boolean;
}

/** @throws ExitError query-invalid that points at the place. */
export function readStatement(text: string, database: Database, tables: readonly Table[]): Statement {
  const all = tokensOf(text);
  const end = all.findIndex(token => isOperator(token, ';'));
  const tokens = end === -1 ? all : all.slice(0, end);
  const [first] = tokens;
  const second = all.slice(end === -1 ? all.length : end).find(token => !isOperator(token, ';'));
  if (first === undefined) throw new ExitError('query-invalid', 'The query is empty.');
  if (second !== undefined) throw invalid(text, second, 'only one statement can be given');
  if (!isWord(first, 'SELECT', 'WITH', 'VALUES', 'EXPLAIN')) {
    throw invalid(
      text,
      first,
      'only a query can be given: a statement that begins with SELECT, WITH, VALUES or EXPLAIN',
    );
  }
  const sql = text.slice(0, tokens.at(-1)?.end ?? 0);
  try {
    return { sql, tokens, isExplained: isWord(first, 'EXPLAIN'), ...database.prepare(sql) };
  } catch (error) {
    throw explained(error, { text: sql, tokens, database, tables });
  }
}

interface Refused {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly database: Database;
  readonly tables: readonly Table[];
}

/** What SQLite says, where, and what may have been meant. */
function explained(error: unknown, refused: Refused): ExitError {
  const message = error instanceof Error ? error.message : String(error);
  const { text, tokens } = refused;
  const atEnd = { start: text.length, end: text.length + 1 };
  if (/not authorized|prohibited/.test(message)) {
    return invalid(text, tokens[0] ?? atEnd, 'a query may read the tables, and nothing else');
  }
  if (/incomplete input/.test(message)) return invalid(text, atEnd, 'something is missing here');
  const [, near] = /^near "([\s\S]*)": syntax error$/.exec(message) ?? [];
  if (near !== undefined) return invalid(text, syntaxErrorIn(near, refused) ?? atEnd, message);
  const [, unclosed] = /^unrecognized token: "([\s\S]*)"$/.exec(message) ?? [];
  if (unclosed !== undefined) {
    const start = text.lastIndexOf(unclosed);
    const advice = /^["'`[]/.test(unclosed) ? ': this quote is never closed' : '';
    return invalid(text, { start, end: start + 1 }, `${message}${advice}`);
  }
  const [, what = '', name = ''] =
    /^(?:no such|ambiguous) (column|table|function)(?: name)?: "?(.*?)"?(?: - should this be .*)?$/.exec(message) ?? [];
  const place = named(name, tokens) ?? named(name.split('.').at(-1) ?? '', tokens) ?? tokens[0] ?? atEnd;
  return invalid(text, place, `${message}${adviceOn(message, what, name, refused)}`);
}

/** The first place of this text at which SQLite gives up when nothing follows any more. */
function syntaxErrorIn(near: string, { text, tokens, database }: Refused): Token | undefined {
  return tokens
    .filter(token => token.text === near)
    .find(({ end }) => {
      try {
        database.prepare(text.slice(0, end));
        return false;
      } catch (error) {
        return error instanceof Error && error.message === `near "${near}": syntax error`;
      }
    });
}

function adviceOn(message: string, what: string, name: string, { tables, tokens }: Refused): string {
  if (what === 'table')
    return meant(
      name,
      tables.map(each => each.name),
      'The tables are',
    );
  if (what !== 'column' || message.startsWith('ambiguous')) return '';
  const read = tables.filter(table => tokens.some(token => token.name === table.name));
  const columns = read.flatMap(table => table.columns).map(column => column.name);
  if (columns.length === 0) return '';
  const token = named(name, tokens);
  const plain = token === undefined ? (name.split('.').at(-1) ?? name) : name;
  if (token?.kind === 'quoted' && token.text.startsWith('"') && closest(plain, columns) === undefined) {
    return `\nA text stands in single quotes: '${plain}'. What is in double quotes is the name of a column.`;
  }
  return meant(
    plain,
    columns.filter(column => !column.includes('.')),
    'The columns are',
  );
}

function named(name: string, tokens: readonly Token[]): Token | undefined {
  return tokens.find(token => token.name === name.toLowerCase());
}

function meant(word: string, known: readonly string[], these: string): string {
  const near = closest(word, known);
  const guess = near === undefined ? '' : `\nDid you mean ${near}?`;
  return `${guess}\n${these} ${known.join(', ')}. \`query --tables\` says more.`;
}

/** The line of the place, and below it what points there. */
function invalid(text: string, { start, end }: Pick<Token, 'start' | 'end'>, message: string): ExitError {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const column = start - lineStart;
  const from = Math.max(0, column - WIDEST / 2);
  const shown = line.slice(from, from + WIDEST).replace(/\p{Cc}/gu, ' ');
  const length = Math.max(1, Math.min(end - start, shown.length - (column - from)));
  const [head = '', ...advice] = message.split('\n');
  return new ExitError(
    'query-invalid',
    [
      `The query is not valid: ${visible(head)}`,
      `  ${shown}`,
      `  ${' '.repeat(column - from)}${'^'.repeat(length)}`,
      ...advice,
    ].join('\n'),
  );
}
