import type { Table } from '../tables/table.ts';
import { coresOf } from './core.ts';
import { composites, type Expression } from './expression.ts';
import type { Statement } from './statement.ts';

/** What is valid in the statement and probably not meant: then it finds nothing, and a person wonders why. */
export function doubtsOf({ sql, tokens }: Statement, table: Table): readonly string[] {
  const conditions = coresOf(tokens, table.name).flatMap(core =>
    core?.where === undefined ? [] : composites(core.where),
  );
  return [...new Set(conditions.flatMap(condition => doubtOf(condition, sql) ?? []))];
}

function doubtOf(condition: Expression, sql: string): string | undefined {
  const pairs = pairsIn(condition);
  for (const [column, other] of [...pairs, ...pairs.map(([left, right]) => [right, left] as const)]) {
    if (column.kind !== 'column') continue;
    const text = sql.slice(other.start, other.end);
    if (column.name === 'type' && other.kind === 'column' && other.name.includes('.')) {
      return `${text} is the column that holds such a payload; a type is a text, in single quotes: '${other.name}'`;
    }
    if (column.name === 'effective_at' && /^'.*\D.*'$/.test(text)) {
      return `effective_at is in Unix seconds, and no text is equal to them: unixepoch(${text}), or compare time with it`;
    }
  }
  return undefined;
}

function pairsIn(condition: Expression): readonly (readonly [Expression, Expression])[] {
  switch (condition.kind) {
    case 'compare':
      return [[condition.left, condition.right]];
    case 'in':
      return condition.list.map(item => [condition.subject, item]);
    case 'between':
      return [
        [condition.subject, condition.low],
        [condition.subject, condition.high],
      ];
    default:
      return [];
  }
}
