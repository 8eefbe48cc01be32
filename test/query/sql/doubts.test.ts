import { afterAll, expect, it } from 'vitest';
import { TABLES } from '../../../src/query/query.ts';
import { Database } from '../../../src/query/sql/database.ts';
import { doubtsOf } from '../../../src/query/sql/doubts.ts';
import { readStatement } from '../../../src/query/sql/statement.ts';
import { AUDIT_LOGS } from '../../../src/query/tables/audit-table.ts';

const database = new Database(TABLES, 0);

afterAll(() => database.close());

const doubts = (condition: string) =>
  doubtsOf(readStatement(`SELECT * FROM audit_logs WHERE ${condition}`, database, TABLES), AUDIT_LOGS);

it.each([
  ['type = "api_key.created"', "in single quotes: 'api_key.created'"],
  ['"login.failed" = type AND 1', "in single quotes: 'login.failed'"],
  ['type IN ("login.failed")', "in single quotes: 'login.failed'"],
  ["effective_at > '2026-11-22'", "unixepoch('2026-11-22')"],
  ["effective_at BETWEEN 1 AND '2026-11-22'", "unixepoch('2026-11-22')"],
])('%s is probably not meant', (condition, advice) => {
  expect(doubts(condition)).toEqual([expect.stringContaining(advice)]);
});

it.each([
  "type = 'api_key.created'",
  '"api_key.created" IS NOT NULL',
  "effective_at > '1764000000'",
  "effective_at > unixepoch('2026-11-22')",
  "time > '2026-11-22'",
])('%s may well be', condition => {
  expect(doubts(condition)).toEqual([]);
});
