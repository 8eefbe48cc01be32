import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLUMNS, type Column } from '../../scripts/docs/columns.ts';
import { jsonText } from '../../src/json-text.ts';
import { at, isMap } from '../../src/processor/json.ts';
import type { LogRecord } from '../../src/record.ts';
import { auditRecords } from '../support/every-record.ts';

/** The schema's own list, beside the repository where somebody has put it. */
const SCHEMA = new URL('../../../shared/reference/normalised-columns.md', import.meta.url);
const records = auditRecords();

/** What each record has for a column. */
function valuesOf({ filling }: Column): readonly unknown[] {
  return records.map(record => filled(record, filling)).filter(value => value !== undefined);
}

function filled(record: LogRecord, filling: Column['filling']): unknown {
  if ('attribute' in filling) return record.attributes[filling.attribute];
  if ('resource' in filling) return record.resource[filling.resource];
  if ('empty' in filling) return undefined;
  switch (filling.field) {
    case 'Timestamp':
      return record.timestamp;
    case 'ObservedTimestamp':
      return record.observedAtMs / 1000;
    case 'EventName':
      return record.eventName;
    case 'Body':
      return record.body === undefined ? undefined : jsonText(record.body);
    case 'Body.actor': {
      // Of what is no map nothing can be flattened.
      const actor = at(record.body, 'actor');
      return isMap(actor) ? actor : undefined;
    }
    case 'Resource':
      return record.resource;
  }
}

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: value => typeof value === 'string' && value !== '',
  UInt32: value => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32,
  Float64: value => typeof value === 'number' && Number.isFinite(value),
  DateTime: value => typeof value === 'number' && value > 1_000_000_000,
  Bool: value => typeof value === 'boolean',
  'Array(String)': value => Array.isArray(value) && value.every(item => typeof item === 'string'),
  'Map(String, String)': value => typeof value === 'object' && value !== null,
};

describe('the common schema', () => {
  it('has 46 columns, each once', () => {
    expect(new Set(COLUMNS.map(({ name }) => name)).size).toBe(46);
  });

  it.skipIf(!existsSync(SCHEMA))('is the one that the teams have', () => {
    const cells = readFileSync(SCHEMA, 'utf8')
      .split('\n')
      .filter(line => /^\| \w+ \| [A-Z]/.test(line))
      .map(line => line.split('|').map(cell => cell.trim()));
    const left = cells.map(([, name, type]) => [name, type]);
    const right = cells.map(([, , , name, type]) => [name, type]).filter(([name]) => name !== '');
    expect(COLUMNS.map(({ name, type }) => [name, type])).toEqual([...left, ...right]);
  });

  it.each(COLUMNS.filter(({ filling }) => !('empty' in filling)))('$name is filled from real records', column => {
    const values = valuesOf(column);
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter(value => FITS[column.type]?.(value) !== true)).toEqual([]);
  });

  it('says of every other column why it is empty', () => {
    const empty = COLUMNS.flatMap(({ filling }) => ('empty' in filling ? [filling.empty] : []));
    expect(empty.length).toBe(12);
    expect(empty.every(why => why.length > 20)).toBe(true);
  });
});
