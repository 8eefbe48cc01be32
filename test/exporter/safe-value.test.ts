import { fc, test as property } from '@fast-check/vitest';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { safeAttributes, safeBody } from '../../src/exporter/safe-value.ts';
import { toSdkRecords } from '../../src/exporter/sdk-records.ts';
import type { LogRecord } from '../../src/record.ts';
import { logRecord } from '../support/log-record.ts';
import { decodeLogsRequest } from '../support/otlp-protobuf.ts';
import { recordsOf } from '../support/otlp-records.ts';

const SCOPE = { name: 'collector', version: '1' };

/** What receivers of both encodings get of a record; they throw for what a real one refuses. */
function received(record: LogRecord) {
  const json = JsonLogsSerializer.serializeRequest(toSdkRecords([record], SCOPE)) ?? new Uint8Array();
  const protobuf = ProtobufLogsSerializer.serializeRequest(toSdkRecords([record], SCOPE)) ?? new Uint8Array();
  const [fromJson] = recordsOf(JSON.parse(Buffer.from(json).toString('utf8')));
  const [fromProtobuf] = recordsOf(decodeLogsRequest(protobuf));
  return { fromJson, fromProtobuf };
}

describe('a value becomes', () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular.self = circular;
  const shared = { x: 1 };

  test.each<[string, unknown, unknown]>([
    ['itself', { a: [1, 'x', null, true, 2.5, { b: {} }] }, { a: [1, 'x', null, true, 2.5, { b: {} }] }],
    ['NaN a text', NaN, 'NaN'],
    ['Infinity a text', -Infinity, '-Infinity'],
    ['1e21 a text', 1e21, '1e+21'],
    ['2^63 a text', 2 ** 63, '9223372036854776000'],
    ['-2^63 itself', -(2 ** 63), -(2 ** 63)],
    ['the largest int64 that a double holds itself', 2 ** 63 - 1024, 2 ** 63 - 1024],
    ['a huge float itself', 1.5e300 + 0.5, '1.5e+300'],
    ['an integral float an integer', 37.0, 37],
    ['a small bigint a number', 7n, 7],
    ['a large bigint a text', 2n ** 64n, '18446744073709551616'],
    ['undefined in a map nothing', { a: undefined, b: 1 }, { b: 1 }],
    ['undefined in an array null', [undefined, 1], [null, 1]],
    ['a hole null', new Array(2), [null, null]],
    ['a function nothing', { a: () => 1 }, {}],
    ['a date a text', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no date null', new Date(Number.NaN), null],
    ['a lone surrogate U+FFFD', 'a\ud800b', 'a\ufffdb'],
    ['a circle a mark', circular, { a: 1, self: '[circular]' }],
    ['a shared object two', [shared, shared], [{ x: 1 }, { x: 1 }]],
  ])('%s', (_name, value, expected) => {
    expect(safeBody(value)).toEqual(expected);
    expect(safeAttributes({ a: value })).toEqual(expected === undefined ? {} : { a: expected });
  });
});

test('keys that would collide once they are well-formed stay apart', () => {
  expect(safeBody({ 'a\ud800': 1, 'a\ufffd': 2 })).toEqual({ 'a\ufffd_': 1, 'a\ufffd': 2 });
});

test('attribute keys that the SDK would lose get a mark, at every depth', () => {
  const attributes = JSON.parse('{"":1,"_":2,"__proto__":3,"constructor":4,"in":{"constructor":5,"__proto__":6,"":7}}');

  const { fromJson, fromProtobuf } = received(logRecord('r', { attributes }));

  const expected = {
    'log.record.uid': 'r',
    __: 1,
    _: 2,
    __proto___: 3,
    constructor_: 4,
    in: { constructor_: 5, __proto___: 6, _: 7 },
  };
  expect(fromJson?.attributes).toEqual(expected);
  expect(fromProtobuf?.attributes).toEqual(expected);
});

test('a body keeps every key as it is', () => {
  const body = JSON.parse('{"":1,"__proto__":{"x":3},"constructor":4,"toString":[5]}');

  const { fromJson, fromProtobuf } = received(logRecord('r', { body }));

  expect(JSON.stringify(fromJson?.body)).toBe('{"":1,"__proto__":{"x":3},"constructor":4,"toString":[5]}');
  expect(JSON.stringify(fromProtobuf?.body)).toBe(JSON.stringify(fromJson?.body));
});

test('the original is not changed', () => {
  const attributes = Object.freeze({ list: Object.freeze([Number.NaN]) });
  safeAttributes(attributes);

  expect(attributes.list).toEqual([Number.NaN]);
});

test('what is nested very deep arrives as JSON text', () => {
  let deep: unknown = 'end';
  for (let level = 0; level < 100; level += 1) deep = [deep];
  const { fromJson } = received(logRecord('r', { attributes: { deep: deep as never }, body: deep as never }));

  expect(JSON.stringify(fromJson?.body)).toContain(String.raw`\"end\"`);
  let integer: unknown = 9007199254740993n;
  for (let level = 0; level < 100; level += 1) integer = [integer];
  expect(JSON.stringify(safeBody(integer))).toContain('9007199254740993');
  let veryDeep: unknown = 'end';
  for (let level = 0; level < 200_000; level += 1) veryDeep = [veryDeep];
  let innermost = safeBody(veryDeep);
  while (Array.isArray(innermost)) innermost = innermost[0];
  expect(innermost).toContain('"end"');
});

property.prop([fc.jsonValue({ maxDepth: 6 })], { numRuns: 300 })('JSON with ordinary numbers stays itself', value => {
  fc.pre(!/e\+(19|[2-9]\d|\d{3})/.test(JSON.stringify(value)) && !/\d{19}/.test(JSON.stringify(value)));
  expect(JSON.stringify(safeBody(value)).replaceAll('\ufffd', '?')).toBe(
    JSON.stringify(JSON.parse(JSON.stringify(value).toWellFormed())).replaceAll('\ufffd', '?'),
  );
});

const anything = fc.anything({ withBigInt: true, withDate: true, withSparseArray: true, withNullPrototype: true });

property.prop(
  [fc.dictionary(fc.string({ unit: 'binary' }), anything), anything, fc.double(), fc.double(), fc.double()],
  {
    numRuns: 300,
  },
)(
  'any record at all can be sent and arrives the same by both encodings',
  (attributes, body, timestamp, observedAtMs, severityNumber) => {
    const odd = { body: body as never, attributes: attributes as never, timestamp, observedAtMs, severityNumber };
    const { fromJson, fromProtobuf } = received(logRecord('r', odd));

    expect(fromProtobuf?.attributes).toEqual(fromJson?.attributes);
    expect(fromProtobuf?.body ?? null).toEqual(fromJson?.body ?? null);
    expect(fromProtobuf?.timeUnixNano).toBe(fromJson?.timeUnixNano);
    expect(fromProtobuf?.observedTimeUnixNano).toBe(fromJson?.observedTimeUnixNano);
    expect(BigInt(fromJson?.timeUnixNano ?? -1)).toBeLessThan(2n ** 63n);
  },
);

test('resource attributes keep every key', () => {
  const { fromJson } = received(
    logRecord('r', { resource: { toString: 'x', 'service.name': 'a', n: Number.NaN } as never }),
  );

  expect(fromJson?.resource).toEqual({ toString_: 'x', 'service.name': 'a', n: 'NaN' });
});
