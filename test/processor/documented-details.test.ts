import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/processor/event-types.ts';
import { at, isMap } from '../../src/processor/json.ts';
import type { Value } from '../../src/record.ts';

/** The API's description, beside the repository where somebody has put it. */
const file = new URL('../../../shared/reference/openai-admin-openapi.json', import.meta.url);
const description = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Value) : undefined;

describe.skipIf(description === undefined)('the details of a type', () => {
  test.each(Object.entries(EVENT_TYPES))('are those that the API documents: %s', (type, { details }) => {
    const payload = at(description, 'components', 'schemas', 'AuditLog', 'properties', type);
    const documented = leaves(payload).map(path => path.slice(1));
    expect(details.toSorted()).toEqual([...new Set(documented)].filter(path => path !== '').toSorted());
  });
});

/** Paths below a schema, each with a dot before it; what has no properties is a leaf. */
function leaves(schema: unknown, path = ''): readonly string[] {
  const reference = at(schema, '$ref');
  if (typeof reference === 'string') return leaves(at(description, ...reference.split('/').slice(1)), path);
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const branches = at(schema, key);
    if (Array.isArray(branches)) return branches.flatMap(branch => leaves(branch, path));
  }
  const properties = at(schema, 'properties');
  if (!isMap(properties) || Object.keys(properties).length === 0) return [path];
  return Object.entries(properties).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`));
}
