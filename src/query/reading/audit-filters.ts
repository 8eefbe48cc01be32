import type { Asked } from '../../receiver/receiver.ts';
import type { Implied } from '../sql/implied.ts';
import type { Row } from '../tables/table.ts';

/** What the API is asked for instead of everything. */
export interface Wanted {
  readonly span: Asked;
  readonly filters: readonly Filter[];
}

/** One of the API's filters. */
export interface Filter {
  readonly parameter: string;
  /** The column of which it takes values. */
  readonly column: string;
  readonly values: ReadonlySet<string>;
}

export const TYPES = 'event_types[]';

/**
 * The columns that have a filter. The API's documentation says of each what it finds; the first of several for one filter
 * counts.
 */
const PARAMETERS: readonly (readonly [column: string, parameter: string])[] = [
  ['type', TYPES],
  ['actor_email', 'actor_emails[]'],
  ['actor_api_key_id', 'actor_ids[]'],
  ['actor_service_account_id', 'actor_ids[]'],
  ['actor_user_id', 'actor_ids[]'],
  ['actor_id', 'actor_ids[]'],
  ['project_id', 'project_ids[]'],
  ['resource_id', 'resource_ids[]'],
];

/** So many values of one filter keep the address of a request short enough for whatever stands in between. */
const MOST_VALUES = 50;
const MOST_CHARACTERS = 3_000;
/** Seconds that every API takes. */
const LATEST_S = 2 ** 40;

/**
 * What of the implied the API can filter by. What privacy hides is not what the API knows: then only types and times, which
 * stay what they are.
 */
export function wantedOf({ values, ranges }: Implied, hidesValues: boolean): Wanted {
  const filters = new Map<string, Filter>();
  for (const [column, parameter] of PARAMETERS) {
    const texts = values.get(column);
    if (texts === undefined || filters.has(parameter) || !canBeAsked(texts)) continue;
    if (hidesValues && parameter !== TYPES) continue;
    filters.set(parameter, { parameter, column, values: texts });
  }
  return { span: spanOf(ranges), filters: [...filters.values()] };
}

/** Filters as the API's parameters. */
export function parametersOf(filters: readonly Filter[]): readonly (readonly [string, string])[] {
  return filters.flatMap(({ parameter, values }) => [...values].map(value => [parameter, value] as const));
}

/** Whether a row is one that the filters should find. */
export function fulfils(row: Row, filters: readonly Filter[]): boolean {
  return filters.every(({ column, values }) => values.has(String(row[column] ?? '')));
}

/** The columns by which {@link fulfils} judges. */
export const FILTERED: readonly string[] = PARAMETERS.map(([column]) => column);

function canBeAsked(texts: ReadonlySet<string>): boolean {
  if (texts.size > MOST_VALUES || texts.has('')) return false;
  return [...texts].reduce((sum, text) => sum + encodeURIComponent(text).length, 0) <= MOST_CHARACTERS;
}

function spanOf(ranges: Implied['ranges']): Asked {
  const { least, most } = ranges.get('effective_at') ?? { least: 0, most: LATEST_S };
  return {
    ...(least > 0 ? { gte: Math.min(least, LATEST_S) } : {}),
    ...(most < LATEST_S ? { lte: Math.max(most, 0) } : {}),
  };
}
