import { describe, expect, it } from 'vitest';
import { table } from '../../src/query/format/aligned.ts';
import { csv } from '../../src/query/format/csv.ts';
import { json, ndjson } from '../../src/query/format/json.ts';
import type { Format, Result } from '../../src/query/format/result.ts';

const FILE = { isTerminal: false, columns: undefined };
const SCREEN = { isTerminal: true, columns: 60 };

function result(names: readonly string[], ...rows: readonly (readonly unknown[])[]): Result {
  return { columns: names.map(name => ({ name: name.replace('*', ''), isJson: name.endsWith('*') })), rows };
}

const text = (format: Format, asked: Result, terminal: Parameters<Format>[1] = FILE) =>
  [...format(asked, terminal)].join('');

const ODD = '\u001b[31mred\u001b[0m \u009b2J \u202eevil\u2066 \u007f\u0007\r\n\u2028end';
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const MOVING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe('a table', () => {
  it('has its numbers at the right and nothing for NULL', () => {
    const asked = result(['name', 'count'], ['a', 1n], ['long one', 1200n], [null, null]);
    expect(text(table, asked)).toBe('name      count\n────────  ─────\na             1\nlong one   1200\n\n(3 rows)\n');
  });

  it('is cut to the terminal, its widest columns first, and nowhere else', () => {
    const asked = result(['id', 'summary', 'other'], ['abc', 'x'.repeat(200), 'y'.repeat(30)]);
    const [, , row = '', end = ''] = text(table, asked, SCREEN).split('\n');
    expect(row.length).toBeLessThanOrEqual(60);
    expect(row).toMatch(/^abc {2}x+… {2}y+…?$/);
    expect(end).toBe('(1 row; what ends in … is cut, --format json has it whole)');
    expect(text(table, asked)).toContain('x'.repeat(200));
    expect(text(table, asked)).toContain('(1 row)\n');
  });

  it('becomes a list of what is there when it has too many columns', () => {
    const names = Array.from({ length: 40 }, (_, i) => `column_${i}`);
    const shown = text(
      table,
      result(
        names,
        names.map((_, i) => (i % 20 === 0 ? `v${i}` : null)),
      ),
      SCREEN,
    );
    expect(shown).toBe('── 1 ───────────────────\ncolumn_0   v0\ncolumn_20  v20\n(1 row)\n');
  });

  it('counts the places of wide letters', () => {
    const lines = text(table, result(['a', 'b'], ['東京', 'x'], ['é\u0301', 'y'])).split('\n');
    expect(lines.slice(2, 4)).toEqual(['東京  x', 'é\u0301     y']);
  });

  it('goes on behind the rows that its widths are taken from', () => {
    const rows = Array.from({ length: 1_500 }, (_, i) => [i]);
    const lines = text(table, result(['n'], ...rows)).split('\n');
    expect([lines.length, lines.at(-2)]).toEqual([1_504, '(1,500 rows)']);
  });
});

describe('JSON', () => {
  it('has each type as it is', () => {
    const asked = result(
      ['i', 'f', 't', 'n', 'j*', 'b', 'inf'],
      [
        9_007_199_254_740_993n,
        0.5,
        '1',
        null,
        '{"a":[1,9007199254740993]}',
        new Uint8Array([1, 255]),
        Number.POSITIVE_INFINITY,
      ],
    );
    const line = `{"i":9007199254740993,"f":0.5,"t":"1","n":null,"j":{"a":[1,9007199254740993]},"b":"x'01ff'","inf":"Infinity"}`;
    expect(text(ndjson, asked)).toBe(`${line}\n`);
    expect(text(json, asked)).toBe(`[\n  ${line}\n]\n`);
  });

  it('is valid with any rows, also with none', () => {
    expect(JSON.parse(text(json, result(['a'], [1], ['"'], [null])))).toEqual([{ a: 1 }, { a: '"' }, { a: null }]);
    expect([JSON.parse(text(json, result(['a']))), text(ndjson, result(['a']))]).toEqual([[], '']);
  });

  it('has a member for each of two columns of one name', () => {
    expect(JSON.parse(text(ndjson, result(['id', 'id', 'id_2'], [1, 2, 3])))).toEqual({ id: 1, id_2: 2, id_2_2: 3 });
  });
});

describe('CSV', () => {
  it('quotes what needs it, and tells nothing from NULL', () => {
    const asked = result(['a', 'b,c'], ['x', 'say "hi"'], ['two\nlines', ' led'], [null, ''], [1n, 0.5]);
    expect(text(csv, asked)).toBe('a,"b,c"\r\nx,"say ""hi"""\r\n"two\nlines"," led"\r\n,""\r\n1,0.5\r\n');
  });

  it('moves no cursor where it is piped to a terminal either, and keeps its lines', () => {
    const shown = text(csv, result([`a${ODD}`], [ODD], ['one\n\ttwo']));
    expect(shown.replaceAll(/[\r\t]/g, '')).not.toMatch(MOVING);
    expect(shown).toContain('\\u001b[31mred');
    expect(shown).toContain('"one\n\ttwo"\r\n');
  });
});

describe.each(Object.entries({ table, json, ndjson, csv }))('%s on a terminal', (_, format) => {
  it.each([
    ['a value', result(['a', 'j*'], [ODD, JSON.stringify({ [ODD]: ODD })])],
    ['a name', result([ODD], [1])],
  ])('lets %s move no cursor', (_what, asked) => {
    expect(text(format, asked, { isTerminal: true, columns: 400 }).replaceAll('\r\n', '\n')).not.toMatch(MOVING);
  });
});
