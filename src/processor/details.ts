import type { Value } from '../record.ts';
import { isMap } from './json.ts';
import { jsonText } from './json-text.ts';
import type { Candidate } from './within-limits.ts';

/** Deeper than any payload known, and shallow enough for every recursion behind us. */
const MAX_DEPTH = 16;

/**
 * The leaves of a payload, each named by its path: maps are flattened with dots, arrays stay arrays, null and empty
 * maps say nothing. What is nested deeper than 16 levels stands there as its JSON text.
 */
export function* flatten(path: string, value: Value, depth = 0): Generator<Candidate> {
  if (value === null) return;
  if (isMap(value) && depth < MAX_DEPTH) {
    for (const key of Object.keys(value)) {
      const child = value[key];
      if (child !== undefined) yield* flatten(`${path}.${key}`, child, depth + 1);
    }
    return;
  }
  yield [path, isShallow(value, MAX_DEPTH) && !isMap(value) ? value : jsonText(value)];
}

function isShallow(value: Value, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every(child => isShallow(child, levels - 1));
}
