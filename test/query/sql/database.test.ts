import { expect, it } from 'vitest';
import { Database } from '../../../src/query/sql/database.ts';
import type { Table } from '../../../src/query/tables/table.ts';

const NOW_MS = Date.parse('2026-11-22T09:00:00.250Z');
const THINGS: Table = {
  name: 'things',
  says: 'a thing',
  key: ['id', 'type'],
  kept: [],
  columns: [
    { name: 'id', type: 'TEXT', says: '' },
    { name: 'type', type: 'TEXT', says: '' },
    { name: 'stream', type: 'TEXT', says: '' },
    { name: 'any', type: 'ANY', says: '' },
  ],
};

it.each([
  ["unixepoch('now', '-7 days')", BigInt(Date.parse('2026-11-15T09:00:00Z') / 1000)],
  ['unixepoch()', BigInt(Math.floor(NOW_MS / 1000))],
  ["unixepoch('subsec')", NOW_MS / 1000],
  ["datetime('NOW')", '2026-11-22 09:00:00'],
  ["date('now', 'start of month')", '2026-11-01'],
  ["strftime('%H:%M')", '09:00'],
  ["strftime('%Y', 'now', '+1 year')", '2027'],
  ["time('12:30')", '12:30:00'],
  ["date('2026-11-22', 'now')", null],
  ['round(julianday(), 3)', 2461366.875],
  ["timediff('now', '2026-11-21')", '+0000-00-01 09:00:00.250'],
  ['CURRENT_TIMESTAMP', '2026-11-22 09:00:00'],
  ['current_date', '2026-11-22'],
  ["datetime(0, 'unixepoch')", '1970-01-01 00:00:00'],
  ['date(NULL)', null],
])('the time stands still: %s', (expression, value) => {
  const database = new Database([], NOW_MS);
  expect(database.first(`SELECT ${expression}`)).toEqual([value]);
  database.close();
});

it('holds a row once, with the stronger value of a column', () => {
  const database = new Database([THINGS], NOW_MS);
  const insert = database.inserter(THINGS, ['id', 'type', 'stream'], { column: 'stream', value: 'tenant' });
  insert([
    { id: 'a', type: 'x', stream: 'organization' },
    { id: 'a', type: 'y', stream: 'tenant' },
    { id: 'b', stream: 'tenant' },
  ]);
  insert([
    { id: 'a', type: 'x', stream: 'tenant' },
    { id: 'a', type: 'y', stream: 'organization' },
    { id: 'b', stream: 'organization' },
  ]);
  const { statement } = database.prepare('SELECT id, type, stream FROM things ORDER BY 1, 2');
  expect(statement.all()).toEqual([
    ['a', 'x', 'tenant'],
    ['a', 'y', 'tenant'],
    ['b', null, 'tenant'],
  ]);
  database.close();
});

it('keeps values as they are', () => {
  const database = new Database([THINGS], NOW_MS);
  database.inserter(THINGS, ['id', 'any'])([
    { id: '007', any: 9_007_199_254_740_993n },
    { id: '1e3', any: '12' },
    { id: 'x', any: 1.5 },
  ]);
  const { statement } = database.prepare('SELECT id, any FROM things ORDER BY 1');
  expect(statement.all()).toEqual([
    ['007', 9_007_199_254_740_993n],
    ['1e3', '12'],
    ['x', 1.5],
  ]);
  database.close();
});

it('says so when there is more than memory may hold', () => {
  const database = new Database([THINGS], NOW_MS, 256 * 1024);
  const insert = database.inserter(THINGS, ['id', 'any']);
  const rows = Array.from({ length: 100 }, (_, i) => ({ id: String(i), any: 'x'.repeat(10_000) }));
  expect(() => insert(rows)).toThrow(expect.objectContaining({ code: 'query-too-large' }));
  expect(database.first('SELECT count(*) FROM things')).toEqual([0n]);
  database.close();
});
