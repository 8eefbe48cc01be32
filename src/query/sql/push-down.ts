import type { Table } from '../tables/table.ts';
import { isConstant } from './constant.ts';
import { coresOf } from './core.ts';
import type { Database } from './database.ts';
import { composites, type Expression } from './expression.ts';
import { ANYTHING, either, type Implied, impliedBy, type Meaning } from './implied.ts';
import type { Statement } from './statement.ts';

/**
 * What the statement needs of a table: every row that it could see fulfils this. Certain, since SQLite itself confirms that
 * the conditions were understood; where it does not, nothing is said.
 */
export function neededOf(statement: Statement, table: Table, database: Database): Implied {
  const cores = coresOf(statement.tokens, table.name);
  const implied = cores.map(core => {
    if (core?.where === undefined || !isUnderstood(statement, core.where, database)) return ANYTHING;
    return impliedBy(core.where, meaningOf(statement, core.alias, table, database));
  });
  const [first = ANYTHING, ...others] = implied;
  return others.reduce(either, first);
}

/**
 * Whether SQLite sees the same parts in a condition: with each of them in parentheses it must come to the very same
 * program.
 */
export function isUnderstood({ sql }: Statement, where: Expression, database: Database): boolean {
  const program = database.program(sql);
  return program !== undefined && program === database.program(inParentheses(sql, composites(where)));
}

function inParentheses(sql: string, expressions: readonly Expression[]): string {
  const marks = expressions.flatMap(({ start, end }) => [
    { at: start, text: '(', order: 1 },
    { at: end, text: ')', order: 0 },
  ]);
  const sorted = marks.toSorted((a, b) => b.at - a.at || b.order - a.order);
  return sorted.reduce((text, { at, text: mark }) => `${text.slice(0, at)}${mark}${text.slice(at)}`, sql);
}

function meaningOf({ sql, tokens }: Statement, alias: string, table: Table, database: Database): Meaning {
  const columns = new Map(table.columns.map(column => [column.name.toLowerCase(), column]));
  return {
    columnOf: expression => {
      if (expression.kind !== 'column') return undefined;
      if (expression.table !== undefined && expression.table !== alias) return undefined;
      return columns.get(expression.name)?.name;
    },
    holds: column => {
      if (column === 'time') return 'instants';
      return columns.get(column)?.type === 'INTEGER' ? 'integers' : 'texts';
    },
    valueOf: ({ start, end }) => {
      if (!isConstant(tokens.filter(token => token.start >= start && token.end <= end))) return undefined;
      return constantOf(sql.slice(start, end), database);
    },
  };
}

/** What SQLite makes of a constant. An integer that a number does not hold is none. */
export function constantOf(expression: string, database: Database): string | number | null | undefined {
  const [value] = database.first(`SELECT (${expression})`) ?? [];
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  return typeof value === 'string' || typeof value === 'number' || value === null ? value : undefined;
}
