import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { nearestNumber, parseExactly, parseForText } from '../src/exact-json.ts';

const parsed = (source: string) => (parseExactly(`[${source}]`) as unknown[])[0];

describe('a number of JSON', () => {
  it.each([
    '0',
    '-1',
    '9007199254740991',
    '-9007199254740991',
    '1.50',
    '1E2',
    '37.774930000000000000',
    '5e-324',
    '9007199254740992',
    '1e21',
  ])('stays a number where a double holds it: %s', source => {
    expect(parsed(source)).toBe(Number(source));
  });

  it.each(['9007199254740993', '1152921504606847000', '9223372036854775807', '-9223372036854775808'])(
    'is a bigint where int64 holds it: %s',
    source => {
      expect(parsed(source)).toBe(BigInt(source));
    },
  );

  it.each(['9223372036854775808', '-9223372036854775809', '1e400', '1e-400', '0.1234567890123456789', '9'.repeat(400)])(
    'is its own text elsewhere: %s',
    source => {
      expect(parsed(source)).toBe(source);
    },
  );

  it('becomes text again as it was', () => {
    const text =
      '{"a":9007199254740993,"b":[1e400,-0.12345678901234567890],"c":"9007199254740993","__proto__":{"d":1}}';
    expect(JSON.stringify(parseForText(text))).toBe(text);
  });

  it('is near enough for a time', () => {
    expect(nearestNumber((parseForText('[1760000000.00000000001]') as unknown[])[0])).toBe(1_760_000_000);
    expect(nearestNumber(7)).toBe(7);
    expect(nearestNumber('7')).toBe('7');
  });

  it('of a text too deep for revivers is at least near', () => {
    const levels = 100_000;
    let inner = parseExactly(`${'['.repeat(levels)}9007199254740993${']'.repeat(levels)}`);
    while (Array.isArray(inner)) inner = inner[0];
    expect(inner).toBe(9007199254740992);
  });
});

test.prop([fc.jsonValue()])('what JSON.stringify writes becomes the same text again', value => {
  const text = JSON.stringify({ value, long: 1234567890.123456 });
  expect(JSON.stringify(parseForText(text))).toBe(text);
});

test.prop([fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })])('no integer of 64 bits is rounded', integer => {
  expect(BigInt(parsed(String(integer)) as number | bigint)).toBe(integer);
});

test.prop([fc.string()])('what is no JSON is refused', text => {
  let expected: unknown;
  try {
    expected = JSON.parse(text);
  } catch {
    expect(() => parseExactly(text)).toThrow(SyntaxError);
    return;
  }
  expect(JSON.stringify(parseForText(text))).toBe(JSON.stringify(expected));
});
