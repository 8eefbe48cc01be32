import { fc, test as property } from '@fast-check/vitest';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, it } from 'vitest';
import { mostBytes } from '../../src/exporter/most-bytes.ts';
import { safeAttributes, safeBody } from '../../src/exporter/safe-value.ts';
import { toSdkRecords } from '../../src/exporter/sdk-records.ts';
import type { LogRecord, Value } from '../../src/record.ts';
import { logRecord } from '../support/log-record.ts';

const SCOPE = { name: '', version: '' };

/** Of the larger encoding. */
function trueBytes(record: LogRecord): number {
  const sizes = [JsonLogsSerializer, ProtobufLogsSerializer].map(
    serializer => serializer.serializeRequest(toSdkRecords([record], SCOPE))?.length ?? 0,
  );
  return Math.max(...sizes);
}

describe('the most bytes of a record', () => {
  const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Value>;

  property.prop({ body: json, attributes: fc.dictionary(fc.string({ unit: 'binary' }), json) }, { numRuns: 200 })(
    'are never less than it takes in either encoding',
    ({ body, attributes }) => {
      const record = logRecord('r', { body, attributes });
      expect(mostBytes(record) ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(trueBytes(record));
    },
  );

  property.prop({ body: json, attributes: fc.dictionary(fc.string({ unit: 'binary' }), json) }, { numRuns: 200 })(
    'are told only of a record that is carried as it is',
    ({ body, attributes }) => {
      const record = logRecord('r', { body, attributes });
      if (mostBytes(record) === undefined) return;
      expect(safeAttributes(record.attributes)).toBe(record.attributes);
      expect(safeBody(record.body)).toBe(record.body);
    },
  );

  it.each<[string, Value]>([
    ['control characters', '\u0000\u001f\n'.repeat(1000)],
    ['quotes', '"\\'.repeat(1000)],
    ['characters of four bytes', '\u{1f600}'.repeat(1000)],
    ['long integers', Array.from({ length: 1000 }, () => -(2 ** 62) - 2 ** 40)],
    ['floats', Array.from({ length: 1000 }, () => -1.2345678901234567 / 2 ** 1000)],
    ['empty maps', Array.from({ length: 1000 }, () => ({}))],
  ])('hold for %s', (_name, body) => {
    const record = logRecord('r', { body });
    expect(mostBytes(record)).toBeGreaterThanOrEqual(trueBytes(record));
  });

  it.each<[string, Partial<LogRecord>]>([
    ['half a character', { body: '\ud800' }],
    ['a name that every object has', { attributes: { constructor: 1 } }],
    ['an attribute without a name', { attributes: { '': 1 } }],
    ['an integer beyond int64', { body: 2 ** 63 }],
    ['no number', { body: [Number.NaN] }],
    ['a bigint', { body: { n: 2n ** 62n } }],
    ['deep nesting', { body: JSON.parse(`${'['.repeat(80)}${']'.repeat(80)}`) }],
  ])('are not told for %s, which travels as something else', (_name, odd) => {
    expect(mostBytes(logRecord('r', odd))).toBeUndefined();
  });
});
