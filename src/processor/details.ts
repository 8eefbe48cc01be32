import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';
import { isMap } from './json.ts';
import type { LimitedAttributes } from './within-limits.ts';

/** Deeper than any payload known, and shallow enough for every recursion behind us. */
const MAX_DEPTH = 16;

/**
 * Adds the leaves of a payload, each named by its path: maps are flattened with dots, arrays stay arrays, null and
 * empty maps say nothing. What is nested deeper than 16 levels stands there as its JSON text.
 */
export function addFlattened(attributes: LimitedAttributes, path: string, value: Value, depth = 0): void {
  if (value === null) return;
  if (!isMap(value) || depth === MAX_DEPTH) {
    attributes.add(path, isMap(value) || !isShallow(value, MAX_DEPTH) ? jsonText(value) : value);
    return;
  }
  for (const key of Object.keys(value)) {
    if (attributes.isFull) {
      attributes.mark();
      return;
    }
    const child = value[key];
    if (child !== undefined) addFlattened(attributes, `${path}.${key}`, child, depth + 1);
  }
}

function isShallow(value: Value, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every(child => isShallow(child, levels - 1));
}
