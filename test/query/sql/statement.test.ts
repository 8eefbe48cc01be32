import { afterAll, describe, expect, it } from 'vitest';
import { ExitError } from '../../../src/errors.ts';
import { TABLES } from '../../../src/query/query.ts';
import { Database } from '../../../src/query/sql/database.ts';
import { readStatement } from '../../../src/query/sql/statement.ts';

const database = new Database(TABLES, Date.UTC(2026, 10, 22));

afterAll(() => database.close());

function refusal(sql: string): string {
  try {
    readStatement(sql, database, TABLES);
  } catch (error) {
    if (error instanceof ExitError && error.code === 'query-invalid') return error.message;
    throw error;
  }
  throw new Error(`taken: ${sql}`);
}

describe('a mistake is pointed at', () => {
  it.each([
    ['SELECT type FROM audit_logs WHERE type = = 5', 'near "=": syntax error', '= 5'],
    ['SELECT a.type FROM audit_logs a WHERE a.type = ', 'something is missing here', ''],
    ["SELECT 'a' FROM audit_logs WHERE id = 'x", 'unrecognized token: "\'x": this quote is never closed', "'x"],
    ['SELECT tpye FROM audit_logs', 'no such column: tpye', 'tpye FROM audit_logs'],
    ['SELECT a.tpye FROM audit_logs a', 'no such column: a.tpye', 'tpye FROM audit_logs a'],
    ['SELECT * FROM audit_log', 'no such table: audit_log', 'audit_log'],
    ['SELECT id FROM users, projects', 'ambiguous column name: id', 'id FROM users, projects'],
    ['SELECT lenght(id) FROM users', 'no such function: lenght', 'lenght(id) FROM users'],
    ['SELECT 1; SELECT 2', 'only one statement can be given', 'SELECT 2'],
    ['SELECT id,\n  type,,\n  time FROM audit_logs', 'near ",": syntax error', ','],
  ])('%s', (sql, message, rest) => {
    const [first, line = '', marks = ''] = refusal(sql).split('\n');
    expect(first).toBe(`The query is not valid: ${message}`);
    const at = marks.indexOf('^');
    expect(line.slice(at).startsWith(rest)).toBe(true);
    if (rest !== '') expect(line.slice(at, marks.length)).toBe(rest.slice(0, marks.length - at));
  });

  it('in a line that is longer than a terminal', () => {
    const [, line = '', marks = ''] = refusal(`SELECT ${'id, '.repeat(200)}tpye FROM audit_logs`).split('\n');
    expect(line.length).toBeLessThan(80);
    expect(line.slice(marks.indexOf('^'), marks.length)).toBe('tpye');
  });

  it('with what was probably meant', () => {
    expect(refusal('SELECT tpye FROM audit_logs')).toContain('Did you mean type?');
    expect(refusal('SELECT * FROM audit_log')).toContain('Did you mean audit_logs?');
    expect(refusal('SELECT * FROM project_key')).toContain('The tables are audit_logs, users,');
    expect(refusal('SELECT id FROM audit_logs WHERE actor_email = "ada@example.com"')).toContain("'ada@example.com'");
  });

  it('without a control character of the query', () => {
    expect(refusal('SELECT \u001b[2J FROM audit_logs')).not.toContain('\u001b');
  });
});

describe('nothing but reading is possible', () => {
  it.each([
    "ATTACH '/tmp/x.db' AS x",
    "VACUUM INTO '/tmp/x.db'",
    'PRAGMA query_only = 0',
    'DELETE FROM audit_logs',
    'WITH a AS (SELECT 1) DELETE FROM users',
    'EXPLAIN DELETE FROM users',
    'CREATE TABLE x (a)',
    'BEGIN',
    "SELECT load_extension('x')",
    'SELECT 1; DELETE FROM users',
    '',
    '  -- nothing\n',
    ';',
  ])('%j', sql => {
    expect(refusal(sql)).not.toBe('');
  });

  it.each([
    'SELECT 1;',
    'VALUES (1), (2)',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    '-- first\nSELECT 1 -- last\n;;',
    'explain query plan select * from users',
  ])('but this is taken: %j', sql => expect(() => readStatement(sql, database, TABLES)).not.toThrow());
});

describe('a statement', () => {
  it('says what it reads', () => {
    const { reads } = readStatement(
      'SELECT u.email, count(*) FROM users u JOIN audit_logs a ON a.actor_id = u.id',
      database,
      TABLES,
    );
    expect([...reads.keys()].toSorted()).toEqual(['audit_logs', 'users']);
    expect([...(reads.get('users') ?? [])].toSorted()).toEqual(['email', 'id']);
  });

  it('knows which columns are JSON', () => {
    const { columns } = readStatement('SELECT id, "api_key.created" AS made, raw FROM audit_logs', database, TABLES);
    expect(columns).toEqual([
      { name: 'id', isJson: false },
      { name: 'made', isJson: true },
      { name: 'raw', isJson: true },
    ]);
  });
});
