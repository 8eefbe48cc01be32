import type { Comparison, Expression } from './expression.ts';

/** What every row that a condition lets through fulfils. There may be more that it asks for. */
export interface Implied {
  /** No row passes. */
  readonly never: boolean;
  /** One of these texts, by column. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
  /** Not less and not more than this, by column. */
  readonly ranges: ReadonlyMap<string, Range>;
}

interface Range {
  readonly least: number;
  readonly most: number;
}

/** Nothing is known. */
export const ANYTHING: Implied = { never: false, values: new Map(), ranges: new Map() };
const NOTHING: Implied = { ...ANYTHING, never: true };

export interface Meaning {
  /** The column of the table, by its name; undefined for what is none. */
  readonly columnOf: (expression: Expression) => string | undefined;
  /** Whether a column holds texts, whole numbers, or instants as `2026-11-22T09:00:00Z`. */
  readonly holds: (column: string) => 'texts' | 'integers' | 'instants';
  /** The value of an expression that has the same for every row; undefined for another. */
  readonly valueOf: (expression: Expression) => string | number | null | undefined;
}

/** What follows from a condition, where it is certain. */
export function impliedBy(condition: Expression, meaning: Meaning): Implied {
  switch (condition.kind) {
    case 'and':
      return both(impliedBy(condition.left, meaning), impliedBy(condition.right, meaning));
    case 'or':
      return either(impliedBy(condition.left, meaning), impliedBy(condition.right, meaning));
    case 'compare':
      return comparison(condition.left, condition.operator, condition.right, meaning);
    case 'between':
      return both(
        comparison(condition.subject, '>=', condition.low, meaning),
        comparison(condition.subject, '<=', condition.high, meaning),
      );
    case 'in':
      return condition.list
        .map(item => comparison(condition.subject, '=', item, meaning))
        .reduce((one, other) => either(one, other), NOTHING);
    case 'column':
    case 'other':
      return ANYTHING;
  }
}

/** Both conditions hold. */
function both(one: Implied, other: Implied): Implied {
  const values = new Map(one.values);
  for (const [column, texts] of other.values) {
    const known = values.get(column) ?? texts;
    values.set(column, new Set([...texts].filter(text => known.has(text))));
  }
  const ranges = new Map(one.ranges);
  for (const [column, { least, most }] of other.ranges) {
    const known = ranges.get(column) ?? UNBOUNDED;
    ranges.set(column, { least: Math.max(least, known.least), most: Math.min(most, known.most) });
  }
  const isEmpty =
    [...values.values()].some(texts => texts.size === 0) ||
    [...ranges.values()].some(({ least, most }) => least > most);
  return { never: one.never || other.never || isEmpty, values, ranges };
}

/** One of the conditions holds, or both. */
export function either(one: Implied, other: Implied): Implied {
  if (one.never) return other;
  if (other.never) return one;
  const values = [...one.values].flatMap(([column, texts]) => {
    const others = other.values.get(column);
    return others === undefined ? [] : [[column, new Set([...texts, ...others])] as const];
  });
  const ranges = [...one.ranges].flatMap(([column, { least, most }]) => {
    const others = other.ranges.get(column);
    const hull = others && { least: Math.min(least, others.least), most: Math.max(most, others.most) };
    return hull === undefined ? [] : [[column, hull] as const];
  });
  return { never: false, values: new Map(values), ranges: new Map(ranges) };
}

const UNBOUNDED: Range = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };
const MIRRORED: Readonly<Record<Comparison, Comparison>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function comparison(left: Expression, operator: Comparison, right: Expression, meaning: Meaning): Implied {
  const column = meaning.columnOf(left);
  if (column === undefined) {
    return meaning.columnOf(right) === undefined ? ANYTHING : comparison(right, MIRRORED[operator], left, meaning);
  }
  const value = meaning.valueOf(right);
  if (value === undefined) return ANYTHING;
  // `IS NULL` reads as `= NULL` here, and lets rows through.
  if (value === null) return ANYTHING;
  const holds = meaning.holds(column);
  if (holds === 'texts') return textual(column, operator, value);
  if (holds === 'instants') return within('effective_at', operator, String(value));
  return typeof value === 'number' && Number.isFinite(value) ? numeric(column, operator, value) : ANYTHING;
}

/** A number is compared with a text in ways that are better left to SQLite. */
function textual(column: string, operator: Comparison, value: string | number): Implied {
  if (operator !== '=' || typeof value !== 'string') return ANYTHING;
  return { ...ANYTHING, values: new Map([[column, new Set([value])]]) };
}

/** Of whole numbers. */
function numeric(column: string, operator: Comparison, value: number): Implied {
  const { least, most } = UNBOUNDED;
  const range: Readonly<Record<Comparison, Range>> = {
    '=': { least: Math.ceil(value), most: Math.floor(value) },
    '<': { least, most: Math.ceil(value) - 1 },
    '<=': { least, most: Math.floor(value) },
    '>': { least: Math.floor(value) + 1, most },
    '>=': { least: Math.ceil(value), most },
  };
  return both(ANYTHING, { ...ANYTHING, ranges: new Map([[column, range[operator]]]) });
}

const DAY_S = 86_400;

/** In Unix seconds, by the day that a text begins with: such texts are in the order of time. `column` has the seconds. */
function within(column: string, operator: Comparison, text: string): Implied {
  const [day = ''] = /^\d{4}-\d{2}-\d{2}/.exec(text) ?? [];
  const ms = Date.parse(day);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, day.length) !== day) return ANYTHING;
  const { least, most } = UNBOUNDED;
  const range = {
    least: operator.startsWith('<') ? least : ms / 1000,
    most: operator.startsWith('>') ? most : ms / 1000 + DAY_S - 1,
  };
  return { ...ANYTHING, ranges: new Map([[column, range]]) };
}
