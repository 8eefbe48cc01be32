import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseExactly } from '../../src/exact-json.ts';
import { jsonText } from '../../src/json-text.ts';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { isTenantType } from '../../src/processor/event-types.ts';
import { textAt } from '../../src/processor/json.ts';
import type { Value } from '../../src/record.ts';
import { observed } from './observed-event.ts';

/**
 * Events that we wrote in the API's shapes (`fixtures/events`, one or an array a file) and the records that they must
 * become (`fixtures/records`, in the same order, without Resource and Body).
 */
export interface Golden {
  readonly group: string;
  readonly events: readonly Value[];
  /** As they stand in the file; undefined where it has none yet. */
  readonly expected: readonly (Value | undefined)[];
}

const EVENTS = new URL('../fixtures/events/', import.meta.url);
const RECORDS = new URL('../fixtures/records/', import.meta.url);

const map = createAuditLogProcessor({
  organizations: [{ name: 'acme', id: 'org-1' }],
  resourceAttributes: {},
  body: 'event',
  severity: {},
});

export function readGolden(): readonly Golden[] {
  return readdirSync(EVENTS)
    .toSorted()
    .map(file => {
      const events = read(new URL(file, EVENTS)) ?? [];
      const expected = read(new URL(file, RECORDS)) ?? [];
      return { group: file.replace('.json', ''), events, expected: events.map((_, index) => expected[index]) };
    });
}

/** The record of an event, as JSON can hold it: numbers that are too long are read like those of an event. */
export function goldenRecord(event: Value): Value {
  const stream = isTenantType(textAt(event, 'type') ?? '') ? 'tenant' : 'organization';
  const { body, resource, ...record } = map(observed(event, { stream }));
  return parseExactly(jsonText(record as unknown as Value)) as Value;
}

export function writeGolden({ group, events }: Golden): void {
  const records = events.map(event => indented(goldenRecord(event)));
  const text = records.length === 1 ? records.join('') : `[\n${records.join(',\n')}\n]`;
  writeFileSync(new URL(`${group}.json`, RECORDS), `${text}\n`);
}

/** One attribute a line, so that a difference shows by itself. */
function indented(record: Value): string {
  const lines = Object.entries(record ?? {}).map(([name, value]) => {
    if (name !== 'attributes') return `  ${JSON.stringify(name)}: ${jsonText(value)}`;
    const attributes = Object.entries(value).map(
      ([key, item]) => `    ${JSON.stringify(key)}: ${jsonText(item as Value)}`,
    );
    return `  "attributes": {\n${attributes.join(',\n')}\n  }`;
  });
  return `{\n${lines.join(',\n')}\n}`;
}

function read(file: URL): readonly Value[] | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const content = parseExactly(text) as Value;
  return Array.isArray(content) ? content : [content];
}
