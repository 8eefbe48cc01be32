import type { Value } from '../record.ts';
import { ruleOf } from './entity.ts';
import type { Kind } from './kind.ts';
import type { Path } from './path.ts';

type Fields = Readonly<Record<string, Value>>;

/** What is different between two states of one thing, by path, in the order of the paths. */
export interface Differences {
  /** Worth an alert. */
  readonly news: readonly Path[];
  /** Not worth one. */
  readonly rest: readonly Path[];
}

/** Maps are compared field by field; lists as sets, since no list of the API has an order that means something. */
export function changedPaths(kind: Kind, before: Fields, after: Fields): Differences {
  const paths = differing(before, after, '').toSorted();
  return {
    news: paths.filter(path => ruleOf(kind, path) === 'change'),
    rest: paths.filter(path => ruleOf(kind, path) !== 'change'),
  };
}

function differing(before: Value | undefined, after: Value | undefined, path: Path): Path[] {
  // Where a map appears or vanishes, each of its fields does.
  if (isMap(before ?? {}) && isMap(after ?? {}) && (isMap(before) || isMap(after))) {
    const [one, other] = [mapOf(before), mapOf(after)];
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap(name => differing(one[name], other[name], path === '' ? name : `${path}.${name}`));
  }
  return canonical(before ?? null) === canonical(after ?? null) ? [] : [path];
}

function canonical(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join(',')}]`;
  const fields = Object.entries(mapOf(value)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}

function mapOf(value: Value | undefined): Fields {
  return isMap(value) ? value : {};
}

function isMap(value: Value | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
