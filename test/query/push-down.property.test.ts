import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { TABLES } from '../../src/query/query.ts';
import { FILTERED } from '../../src/query/reading/audit-filters.ts';
import { Database } from '../../src/query/sql/database.ts';
import { neededOf } from '../../src/query/sql/push-down.ts';
import { readStatement } from '../../src/query/sql/statement.ts';
import { createAuditRows } from '../../src/query/tables/audit-rows.ts';
import { AUDIT_LOGS } from '../../src/query/tables/audit-table.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Asked, ask } from './support/asked.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');
const START_S = START_MS / 1000;
const NO_PRIVACY = { rules: {}, key: undefined };
const PROJECTS = ['proj_a', 'proj_b', "proj_it's"];
const USERS = ['user-ada', 'user-bo', 'user-cy'];
const TYPES = ['api_key.created', 'project.updated', 'login.failed', 'tenant.user.added', 'made.up', 'tenant.odd'];

/** An event number `i`: everything about it follows from the number, in no rhythm. */
function event(i: number): Record<string, unknown> {
  const type = TYPES[(i * 7) % TYPES.length] ?? '';
  const user = { id: USERS[(i * 5) % 3], email: `${USERS[(i * 5) % 3]?.slice(5)}@example.com` };
  const actors = [
    { type: 'session', session: { user, ip_address: `192.0.2.${i % 9}` } },
    { type: 'api_key', api_key: { id: `key_${i % 4}`, type: 'user', user } },
    {
      type: 'api_key',
      api_key: { id: `key_${i % 4}`, type: 'service_account', service_account: { id: `svc-${i % 2}` } },
    },
    null,
    { type: 'user', id: user.id, email: user.email },
    { type: 'service_account', service_account: { id: `svc-${i % 2}` } },
  ];
  const project = i % 4 === 0 ? {} : { project: { id: PROJECTS[i % 3], name: 'A project' } };
  const payload = i % 5 === 0 ? {} : { [type]: { id: i % 2 === 0 ? `key_${i % 4}` : PROJECTS[i % 3] } };
  return {
    id: `audit_log-${i}`,
    type,
    effective_at: START_S - Math.floor(i / 3) * 60,
    actor: actors[(i * 3) % actors.length],
    ...project,
    ...payload,
  };
}

let emulator: Emulator;
let filled: Database;

beforeAll(() => {
  const clock = createFakeClock({ startMs: START_MS });
  const events = Array.from({ length: 330 }, (_, i) => event(i));
  filled = someEvents();
  emulator = createEmulator({ clock, content: { kind: 'events', events } });
});

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const column = (name: string) => fc.constantFrom(name, `a.${name}`, `"${name}"`, name.toUpperCase());
const texts = (...values: readonly string[]) => fc.constantFrom(...values, 'nobody', '', 'PROJ_A').map(quoted);

/** A column that the API filters by, and what it may be compared with. */
const filtered = fc.constantFrom(
  { name: 'type', value: texts(...TYPES) },
  { name: 'project_id', value: texts(...PROJECTS) },
  { name: 'actor_id', value: texts(...USERS, 'svc-0', 'key_1') },
  { name: 'actor_user_id', value: texts(...USERS) },
  { name: 'actor_email', value: texts('ada@example.com', 'bo@example.com', 'ADA@example.com') },
  { name: 'actor_api_key_id', value: texts('key_0', 'key_1') },
  { name: 'actor_service_account_id', value: texts('svc-0') },
  { name: 'resource_id', value: texts('key_0', ...PROJECTS) },
  { name: 'stream', value: texts('organization', 'tenant') },
  { name: 'organization', value: texts('default') },
);

const second = fc
  .integer({ min: -5, max: 250 })
  .chain(minutes =>
    fc.constantFrom(
      String(START_S - minutes * 60),
      `${START_S - minutes * 60}.5`,
      `unixepoch('now', '-${minutes} minutes')`,
      `(unixepoch() - ${minutes} * 60)`,
      `CAST(strftime('%s', 'now') AS INTEGER) - ${minutes * 60}`,
      `'${START_S - minutes * 60}'`,
    ),
  );
const day = fc.constantFrom(
  "'2026-11-22'",
  "'2026-11-22T11:45:00Z'",
  "'2026-11'",
  "'2026-11-31'",
  "'2027-01-01'",
  "'x'",
);
const operator = fc.constantFrom('=', '==', '<', '<=', '>', '>=', '<>', '!=', 'IS', 'IS NOT');

const atom = fc.oneof(
  {
    weight: 4,
    arbitrary: filtered.chain(({ name, value }) =>
      fc.tuple(column(name), operator, value).map(parts => parts.join(' ')),
    ),
  },
  filtered.chain(({ name, value }) => fc.tuple(value, operator, column(name)).map(parts => parts.join(' '))),
  filtered.chain(({ name, value }) =>
    fc
      .tuple(column(name), fc.constantFrom('IN', 'NOT IN'), fc.array(value, { minLength: 1, maxLength: 3 }))
      .map(([left, word, list]) => `${left} ${word} (${list.join(', ')})`),
  ),
  { weight: 3, arbitrary: fc.tuple(column('effective_at'), operator, second).map(parts => parts.join(' ')) },
  fc
    .tuple(column('effective_at'), fc.constantFrom('BETWEEN', 'NOT BETWEEN'), second, second)
    .map(([left, word, low, high]) => `${left} ${word} ${low} AND ${high}`),
  fc.tuple(column('time'), operator, day).map(parts => parts.join(' ')),
  fc.constantFrom(
    "type LIKE 'api_key.%'",
    "type LIKE 'TENANT.%' ESCAPE '!'",
    "type = 'API_KEY.CREATED' COLLATE NOCASE",
    'actor_id IS NULL',
    'project_id NOTNULL',
    "type = category || '.' || action",
    "project_id IN (SELECT 'proj_a')",
    "(type, project_id) = ('login.failed', 'proj_b')",
    "CASE type WHEN 'made.up' THEN 1 ELSE 0 END",
    "coalesce(project_id, 'proj_a') = 'proj_a'",
    "type = 'login.failed' = 1",
    'effective_at > 0 = 1',
    '1',
    'NULL',
  ),
);

const { condition } = fc.letrec<{ condition: string }>(tie => ({
  condition: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    atom,
    fc.tuple(tie('condition'), fc.constantFrom('AND', 'OR', 'and'), tie('condition')).map(parts => parts.join(' ')),
    tie('condition').map(inner => `(${inner})`),
    tie('condition').map(inner => `NOT ${inner}`),
  ),
}));

const ending = fc.constantFrom(
  '',
  'ORDER BY effective_at DESC LIMIT 7',
  'ORDER BY time DESC, id LIMIT 3 OFFSET 4',
  'ORDER BY id LIMIT 9',
);

describe('conditions that are passed on to the API', () => {
  test.prop([condition], { numRuns: 80 })('find every row that is found without', async where => {
    const sql = `SELECT id, type FROM audit_logs a WHERE ${where} ORDER BY id`;
    const all = await ask(emulator, sql, { pushesDown: false });
    expect((await ask(emulator, sql)).rows).toEqual(all.rows);
  });

  const form = fc.constantFrom(
    (one: string, _: string, end: string) => `SELECT time, count(*) OVER () FROM audit_logs AS a WHERE ${one} ${end}`,
    (one: string, _: string, end: string) => `SELECT effective_at, type FROM audit_logs a WHERE ${one} ${end}`,
    (one: string, other: string) =>
      `WITH a AS (SELECT * FROM audit_logs a WHERE ${one}) SELECT count(*) FROM a UNION ALL SELECT count(*) FROM audit_logs a WHERE ${other}`,
    (one: string, other: string) =>
      `SELECT count(*) + ${one === '' ? 0 : 1}, (SELECT count(*) FROM audit_logs a WHERE ${other}) FROM (SELECT 1)`,
    (one: string) =>
      `SELECT count(*) FROM (SELECT 'login.failed' AS word) w LEFT JOIN audit_logs a ON a.type = w.word WHERE ${one}`,
    (one: string, other: string) =>
      `SELECT count(*) FROM audit_logs a WHERE EXISTS (SELECT 1 FROM (SELECT 1 AS one) WHERE ${other}) OR (${one})`,
  );

  test.prop([form, condition, condition, ending], { numRuns: 80 })(
    'do so in statements of any form',
    async (...parts) => {
      const [formed, one, other, end] = parts;
      const sql = formed(one, other, end);
      const [all, found] = [await ask(emulator, sql, { pushesDown: false }), await ask(emulator, sql)];
      // Of rows of one second any may be the first, and without an order any row may.
      const told = ({ rows }: Asked) => {
        const firsts = rows.map(([first]) => String(first));
        return end === '' ? firsts.toSorted() : firsts;
      };
      expect(told(found), sql).toEqual(told(all));
    },
  );

  test.prop([condition], { numRuns: 1500 })('follow from what SQLite lets through', where => {
    const sql = `SELECT ${FILTERED.join(', ')}, effective_at, stream, organization FROM audit_logs a WHERE ${where}`;
    const statement = readStatement(sql, filled, TABLES);
    const needed = neededOf(statement, AUDIT_LOGS, filled);
    const names = statement.columns.map(({ name }) => name);
    for (const row of statement.statement.all() as unknown as (readonly unknown[])[]) {
      const cells = new Map(names.map((name, i) => [name, row[i]]));
      const isOutside = [...needed.ranges].some(
        ([name, { least, most }]) => Number(cells.get(name)) < least || Number(cells.get(name)) > most,
      );
      const isOther = [...needed.values].some(([name, values]) => !values.has(String(cells.get(name))));
      expect([needed.never, isOutside, isOther, sql]).toEqual([false, false, false, sql]);
    }
  });

  test.prop([condition], { numRuns: 300 })('are understood whenever SQLite takes them', where => {
    const sql = `SELECT id FROM audit_logs a WHERE type = 'made.up' AND (${where})`;
    const needed = neededOf(readStatement(sql, filled, TABLES), AUDIT_LOGS, filled);
    expect(needed.never || needed.values.get('type')?.has('made.up')).toBe(true);
  });
});

/** A database that holds some of the events, so that SQLite can say what passes. */
function someEvents(): Database {
  const database = new Database(TABLES, START_MS);
  const columns = AUDIT_LOGS.columns.map(({ name }) => name);
  const rowOf = createAuditRows(
    { organizations: [], records: { body: 'event', severity: {}, privacy: NO_PRIVACY } },
    new Set(columns),
  );
  const rows = Array.from({ length: 90 }, (_, i) => {
    const made = event(i);
    const { id, type, effective_at: effectiveAt } = made as { id: string; type: string; effective_at: number };
    const stream = type.startsWith('tenant.') ? 'tenant' : 'organization';
    const listed = { uid: id, type, effectiveAt, timeIsNeighbours: false, text: JSON.stringify(made) };
    return rowOf(listed, { organization: 'default', stream });
  });
  database.inserter(AUDIT_LOGS, columns)(rows);
  return database;
}
