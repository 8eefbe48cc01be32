import { afterAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../../src/query/query.ts';
import { coresOf } from '../../../src/query/sql/core.ts';
import { Database } from '../../../src/query/sql/database.ts';
import { isUnderstood, neededOf } from '../../../src/query/sql/push-down.ts';
import { readStatement } from '../../../src/query/sql/statement.ts';
import { AUDIT_LOGS } from '../../../src/query/tables/audit-table.ts';
import { INVENTORY_TABLES } from '../../../src/query/tables/inventory-table.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const NOW_S = NOW_MS / 1000;
const database = new Database(TABLES, NOW_MS);

afterAll(() => database.close());

function needed(sql: string, table = AUDIT_LOGS) {
  const { never, values, ranges } = neededOf(readStatement(sql, database, TABLES), table, database);
  const said = [...values].map(([column, texts]) => `${column}: ${[...texts].join(' ')}`);
  const spans = [...ranges].map(([column, { least, most }]) => `${column}: ${least}..${most}`);
  return never ? 'nothing' : [...said, ...spans].join('; ');
}

const from = (condition: string) => `SELECT * FROM audit_logs a WHERE ${condition}`;

describe('what a condition asks for', () => {
  it.each([
    ["type = 'x'", 'type: x'],
    ["'x' = type", 'type: x'],
    ["type IS 'x'", 'type: x'],
    ["a.type IN ('x', 'y')", 'type: x y'],
    ["type = 'x' OR type IN ('y', 'z')", 'type: x y z'],
    ["type = 'x' AND project_id = 'p'", 'type: x; project_id: p'],
    ["type = 'x' AND (project_id = 'p' OR actor_email = 'e')", 'type: x'],
    ["(type = 'x' AND effective_at > 5) OR (type = 'y' AND effective_at > 9)", 'type: x y; effective_at: 6..Infinity'],
    ["type IN ('x', 'y') AND type IN ('y', 'z')", 'type: y'],
    ["type = 'x' AND type = 'y'", 'nothing'],
    ["type = 'x' AND type = 'y' OR type = 'z'", 'type: z'],
    ['effective_at BETWEEN 5 AND 9', 'effective_at: 5..9'],
    ['5 < effective_at AND effective_at <= 9.5', 'effective_at: 6..9'],
    ['effective_at = 7', 'effective_at: 7..7'],
    ['effective_at = 7.5', 'nothing'],
    ["effective_at > unixepoch('now', '-7 days')", `effective_at: ${NOW_S - 7 * 86_400 + 1}..Infinity`],
    ["effective_at >= strftime('%s', 'now') - 60", `effective_at: ${NOW_S - 60}..Infinity`],
    ["time >= '2026-11-22T10:00:00Z'", `effective_at: ${NOW_S}..Infinity`],
    ["time < '2026-11-22'", `effective_at: -Infinity..${NOW_S + 86_399}`],
    ["type = 'a' || 'b'", 'type: ab'],
  ])('%s', (condition, expected) => {
    expect(needed(from(condition))).toBe(expected);
  });

  it.each([
    "type LIKE 'x%'",
    "type GLOB 'x'",
    "type <> 'x'",
    "NOT type = 'x'",
    "type = 'x' COLLATE NOCASE",
    "lower(type) = 'x'",
    "type || '' = 'x'",
    'type = category',
    'type = NULL',
    'type IS NULL',
    "type NOT IN ('x')",
    "type IN (SELECT 'x')",
    "type = (SELECT 'x')",
    "type = 'x' OR project_id = 'p'",
    "type = 'x' OR 1",
    "(type, id) = ('x', 'y')",
    "type = 'x' = 0",
    "CASE WHEN type = 'x' THEN 0 ELSE 1 END",
    'type > 5',
    'type = 5',
    "effective_at > 'yesterday'",
    'effective_at > random()',
    'effective_at + 0 > 5',
    '+type = 1',
    'effective_at IS NOT 5',
    'effective_at NOT BETWEEN 5 AND 9',
    "time > '2026-02-30'",
  ])('is not guessed: %s', condition => {
    expect(needed(from(condition))).toBe('');
  });
});

describe('where the condition stands', () => {
  it.each([
    ["SELECT * FROM audit_logs WHERE type = 'x' GROUP BY type HAVING type = 'y' ORDER BY 1 LIMIT 3", 'type: x'],
    ["WITH a AS (SELECT * FROM audit_logs WHERE type = 'x') SELECT * FROM a WHERE type = 'y'", 'type: x'],
    ["SELECT * FROM users u WHERE EXISTS (SELECT 1 FROM audit_logs WHERE actor_id = u.id AND type = 'x')", 'type: x'],
    ["SELECT * FROM audit_logs WHERE type = 'x' UNION SELECT * FROM audit_logs WHERE type = 'y'", 'type: x y'],
    ["SELECT * FROM audit_logs WHERE type = 'x' UNION SELECT * FROM audit_logs", ''],
    ["SELECT * FROM audit_logs a, audit_logs b WHERE a.type = 'x' AND b.type = 'y'", 'type: x y'],
    ["SELECT * FROM users u LEFT JOIN audit_logs a ON a.actor_id = u.id AND a.type = 'x'", ''],
    ["SELECT * FROM users u LEFT JOIN audit_logs a ON a.actor_id = u.id WHERE a.type = 'x'", 'type: x'],
    ["SELECT * FROM users u JOIN audit_logs a ON 1 WHERE u.id = 'x' AND a.actor_id = 'y'", 'actor_id: y'],
    ["SELECT * FROM users NATURAL JOIN audit_logs WHERE type = 'x'", ''],
    ["WITH audit_logs AS (SELECT * FROM main.audit_logs) SELECT * FROM audit_logs WHERE type = 'x'", ''],
    ["SELECT type IS DISTINCT FROM 'y' FROM audit_logs WHERE type = 'x'", 'type: x'],
    ['SELECT * FROM "audit_logs" AS [w] WHERE w."type" = \'x\' -- AND 1', 'type: x'],
    ["SELECT (SELECT count(*) FROM audit_logs WHERE type = 'y') FROM audit_logs WHERE type = 'x'", 'type: y x'],
    ["SELECT lower(type) AS type FROM audit_logs WHERE type = 'x'", 'type: x'],
  ])('%s', (sql, expected) => {
    expect(needed(sql)).toBe(expected);
  });
});

it('is confirmed by SQLite: parts that it sees otherwise are not believed', () => {
  const sql = "SELECT * FROM audit_logs WHERE type = 'x' OR type = 'y' AND id = 'z'";
  const statement = readStatement(sql, database, TABLES);
  const [core] = coresOf(statement.tokens, 'audit_logs');
  if (core?.where?.kind !== 'or' || core.where.right.kind !== 'and') throw new Error('read otherwise');
  expect(isUnderstood(statement, core.where, database)).toBe(true);
  const { left: x, right: and } = core.where;
  const wrong = {
    ...core.where,
    kind: 'and',
    left: { ...core.where, left: x, right: and.left, end: and.left.end },
    right: and.right,
  } as const;
  expect(isUnderstood(statement, wrong, database)).toBe(false);
});

it('holds for a table of the inventory', () => {
  const keys = INVENTORY_TABLES.find(({ name }) => name === 'api_keys');
  if (keys === undefined) throw new Error('no api_keys');
  expect(needed("SELECT * FROM api_keys WHERE project_id IN ('p', 'q') AND name = 'n'", keys)).toBe(
    'project_id: p q; name: n',
  );
});
