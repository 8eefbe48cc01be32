import type { Table } from '../tables/table.ts';
import { isConstant } from './constant.ts';
import { type Core, coresOf } from './core.ts';
import { type Database, quoted } from './database.ts';
import { constantOf, isUnderstood } from './push-down.ts';
import type { Statement } from './statement.ts';
import { isOperator, isWord, type Token } from './token.ts';

/** A statement that shows only its first rows, whatever else there is. */
export interface FirstRows {
  /** Whether they are the newest; else any will do. */
  readonly newest: boolean;
  /** Whether enough of them are there, when everything newer than `second` (Unix seconds) has been read. */
  readonly areThere: (second: number) => boolean;
}

/** Columns that are in the order of time. */
const TIMES = ['effective_at', 'time'];

/** Undefined unless it is certain that rows which come later, or are older, cannot change what it shows. */
export function firstRowsOf(statement: Statement, table: Table, database: Database): FirstRows | undefined {
  const [core, ...others] = coresOf(statement.tokens, table.name);
  if (core === undefined || others.length > 0 || !core.isAlone) return undefined;
  if (core.hasWhere && (core.where === undefined || !isUnderstood(statement, core.where, database))) return undefined;
  const { tokens } = core;
  const [order, limit] = ['ORDER', 'LIMIT'].map(word => tokens.findLastIndex(token => isWord(token, word))) as [
    number,
    number,
  ];
  const rows = limit === -1 ? undefined : rowsOf(statement, tokens[limit] as Token, database);
  if (rows === undefined || !showsEachRow(statement, core, database)) return undefined;
  const newest = order !== -1;
  const column = newest ? newestFirst(core, tokens.slice(order + 2, limit)) : 'id';
  if (column === undefined) return undefined;
  const condition = core.where === undefined ? '' : `(${statement.sql.slice(core.where.start, core.where.end)}) AND `;
  const from = `${table.name} AS ${quoted(core.alias)} WHERE ${condition}${quoted(core.alias)}.${column} IS NOT NULL`;
  return {
    newest,
    areThere: second => {
      if (newest && !Number.isFinite(second)) return false;
      const above = newest ? ` AND ${quoted(core.alias)}.effective_at > ${second}` : '';
      const [count] = database.first(`SELECT count(*) FROM (SELECT 1 FROM ${from}${above} LIMIT ${rows})`) ?? [];
      return typeof count === 'bigint' && count >= BigInt(rows);
    },
  };
}

/** LIMIT and OFFSET together. */
function rowsOf({ sql, tokens }: Statement, limit: Token, database: Database): number | undefined {
  const after = tokens.slice(tokens.indexOf(limit) + 1);
  const cut = after.findIndex(token => isWord(token, 'OFFSET') || isOperator(token, ','));
  const parts = cut === -1 ? [after] : [after.slice(0, cut), after.slice(cut + 1)];
  const counts = parts.map(part => {
    const [first, last] = [part[0], part.at(-1)];
    if (first === undefined || last === undefined || !isConstant(part)) return Number.NaN;
    return Number(constantOf(sql.slice(first.start, last.end), database) ?? Number.NaN);
  });
  const isCount = counts.every(count => Number.isInteger(count) && count >= 0 && count <= MOST_ROWS);
  return isCount ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}

/** More than these, and looking for them takes longer than it saves. */
const MOST_ROWS = 100_000;

/** Neither aggregates nor leaves out. */
function showsEachRow({ tokens }: Statement, core: Core, database: Database): boolean {
  if (core.tokens.some(token => isWord(token, 'DISTINCT', 'GROUP', 'HAVING', 'WINDOW', 'OVER', 'FILTER'))) return false;
  return tokens.every((token, at) => {
    const isCalled = token.kind !== 'operator' && isOperator(tokens[at + 1], '(');
    return !isCalled || isWord(token, ...BEFORE_PARENTHESES) || isOfOneRow(token.name, database);
  });
}

const BEFORE_PARENTHESES = [
  'AND',
  'OR',
  'NOT',
  'IN',
  'WHERE',
  'SELECT',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'BETWEEN',
  'CAST',
  'EXISTS',
  'LIMIT',
  'OFFSET',
  'LIKE',
  'IS',
];

function isOfOneRow(name: string, database: Database): boolean {
  const text = `'${name.replaceAll("'", "''")}'`;
  const kinds = `SELECT count(*), sum(type <> 's') FROM pragma_function_list WHERE lower(name) = ${text}`;
  const [known, others] = database.first(kinds) ?? [];
  return typeof known === 'bigint' && known > 0n && others === 0n;
}

/** The column of time that is the first term, downwards, where no other result is called like it. */
function newestFirst({ tokens, alias }: Core, order: readonly Token[]): string | undefined {
  const end = order.findIndex(token => isOperator(token, ','));
  const term = end === -1 ? order : order.slice(0, end);
  const [column, direction, ...more] = withoutAlias(term, alias);
  if (!TIMES.includes(column?.name ?? '') || !isWord(direction, 'DESC') || more.length > 0) return undefined;
  const list = tokens.slice(
    1,
    tokens.findIndex(token => isWord(token, 'FROM')),
  );
  const isPlain = resultsOf(list).every(result => {
    const last = result.at(-1);
    return last?.name !== column?.name || withoutAlias(result, alias).length === 1;
  });
  return isPlain ? column?.name : undefined;
}

function withoutAlias(tokens: readonly Token[], alias: string): readonly Token[] {
  return tokens[0]?.name === alias && isOperator(tokens[1], '.') ? tokens.slice(2) : tokens;
}

function resultsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const results: Token[][] = [[]];
  for (const token of tokens) {
    if (isOperator(token, ',')) results.push([]);
    else results.at(-1)?.push(token);
  }
  return results;
}
