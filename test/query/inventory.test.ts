import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/api/http.ts';
import { createEmulator } from '../../src/emulator/emulator.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { INVENTORY_TABLES } from '../../src/query/tables/inventory-table.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { ask } from './support/asked.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');

function emulate() {
  return createEmulator({
    clock: createFakeClock({ startMs: START_MS }),
    content: { kind: 'story', seed: 'query', historyMs: 20 * 86_400_000, size: { projects: 6, users: 20, groups: 3 } },
  });
}

const paths = (requests: readonly URL[]) => requests.map(({ pathname }) => pathname.replace('/v1', ''));

describe('tables of the inventory', () => {
  const emulator = emulate();

  it('are one for each kind, with its fields', () => {
    expect(INVENTORY_TABLES.map(({ kind }) => kind).toSorted()).toEqual(
      [...new Set(KINDS.map(({ name }) => name))].toSorted(),
    );
    for (const { name, columns } of INVENTORY_TABLES) {
      expect(name).toMatch(/^[a-z_]+s$/);
      expect(columns.map(column => column.name)).toEqual(expect.arrayContaining(['organization', 'id', 'raw']));
      expect(new Set(columns.map(column => column.name)).size).toBe(columns.length);
    }
    expect(INVENTORY_TABLES.flatMap(({ columns }) => columns.map(({ name }) => name))).not.toContain('value');
  });

  it.each(INVENTORY_TABLES.map(({ name }) => name))('%s holds what the API lists, once', async name => {
    const { rows, notes } = await ask(
      emulator,
      `SELECT count(*), count(DISTINCT id), sum(json_valid(raw)) FROM ${name}`,
    );
    const [count, distinct, valid] = rows[0] ?? [];
    expect([distinct, valid ?? 0n, notes]).toEqual([count, count, []]);
  });

  it('know to whom things belong', async () => {
    const { rows } = await ask(
      emulator,
      `SELECT count(*), sum(p.name IS NOT NULL), sum(coalesce(k.owner_user_id, k.owner_service_account_id) IS NOT NULL)
       FROM api_keys k LEFT JOIN projects p ON p.id = k.project_id`,
    );
    const [keys, ofProjects, owned] = rows[0] ?? [];
    expect(Number(keys)).toBeGreaterThan(3);
    expect([ofProjects, owned]).toEqual([keys, keys]);
  });

  it('tell admin keys from the keys of projects', async () => {
    const { rows } = await ask(emulator, 'SELECT count(*) FROM admin_api_keys a JOIN api_keys k ON k.id = a.id');
    expect(rows).toEqual([[0n]]);
  });

  it('are read only as far as the query asks', async () => {
    const { requests: users } = await ask(emulator, 'SELECT email FROM users');
    expect(new Set(paths(users))).toEqual(new Set(['/organization/users']));
    const [project] = (await ask(emulator, "SELECT id FROM projects WHERE status = 'active' LIMIT 1")).rows[0] ?? [];
    const { requests, rows } = await ask(
      emulator,
      `SELECT DISTINCT project_id FROM api_keys WHERE project_id = '${project}'`,
    );
    expect(paths(requests)).toEqual(['/organization/projects', `/organization/projects/${project}/api_keys`]);
    expect(rows.length).toBeLessThanOrEqual(1);
  });

  it('are read whole where another one needs all of it', async () => {
    const [project] = (await ask(emulator, "SELECT id FROM projects WHERE status = 'active' LIMIT 1")).rows[0] ?? [];
    const { rows } = await ask(
      emulator,
      `SELECT count(*) FROM admin_api_keys WHERE 0 = (SELECT count(*) FROM api_keys WHERE project_id = 'none-${project}')`,
    );
    expect(rows).toEqual((await ask(emulator, 'SELECT count(*) FROM admin_api_keys')).rows);
  });

  it('can be joined with the audit log', async () => {
    const { rows } = await ask(
      emulator,
      'SELECT count(*), sum(u.id IS NOT NULL) FROM audit_logs a LEFT JOIN users u ON u.id = a.actor_user_id WHERE a.actor_user_id IS NOT NULL',
    );
    expect(Number(rows[0]?.[1])).toBeGreaterThan(Number(rows[0]?.[0]) / 2);
  });

  it('hide what privacy hides', async () => {
    const privacy = { rules: { 'user.email': 'drop', 'user.id': 'hash' }, key: '0123456789abcdef' } as const;
    const config = { records: { body: 'event', severity: {}, privacy } } as const;
    const { rows } = await ask(emulator, 'SELECT id, email, raw FROM users', { config });
    expect(rows.length).toBeGreaterThan(10);
    expect(JSON.stringify(rows.map(([id, email, raw]) => [id, email, String(raw)]))).not.toMatch(
      /@example\.com|user-\w{10}/,
    );
    const members = await ask(emulator, 'SELECT count(*) FROM project_members m JOIN users u ON u.id = m.user_id', {
      config,
    });
    expect(Number(members.rows[0]?.[0])).toBeGreaterThan(0);
  });
});

describe('a list that is not to be had', () => {
  const failing =
    (path: RegExp, status: number, message: string) =>
    (answer: HttpAnswer, { pathname }: URL) =>
      path.test(pathname) ? { ...answer, status, body: JSON.stringify({ error: { message } }) } : answer;

  it.each([
    ['the only one of its kind', 'SELECT * FROM users', /users$/, 403, 'scope-management'],
    ['the one above it', 'SELECT * FROM api_keys', /projects$/, 403, 'scope-management'],
    ['what the plan lacks', 'SELECT * FROM groups', /groups$/, 404, 'family-unavailable'],
    ['one that fails', 'SELECT * FROM users', /users$/, 500, 'list-incomplete'],
    ['one of many that fails', 'SELECT * FROM api_keys', /api_keys$/, 500, 'list-incomplete'],
    ['a key that is refused', 'SELECT * FROM users', /users$/, 401, 'key-refused'],
  ])('ends the query: %s', async (_, sql, path, status, code) => {
    await expect(ask(emulate(), sql, { through: failing(path, status, 'no') })).rejects.toMatchObject({ code });
  });

  it('is told of where the others of its kind are there', async () => {
    let isFirst = true;
    const through = (answer: HttpAnswer, { pathname }: URL) => {
      if (!pathname.endsWith('/api_keys') || !isFirst) return answer;
      isFirst = false;
      return { ...answer, status: 403, body: '{"error":{"message":"not this one"}}' };
    };
    const { rows, notes } = await ask(emulate(), 'SELECT count(*) FROM api_keys', { through });
    expect(Number(rows[0]?.[0])).toBeGreaterThan(0);
    expect(notes).toEqual([expect.stringMatching(/^not to be had: .*api_keys.*not this one/)]);
  });

  it('is none that is archived, or not set', async () => {
    const { notes } = await ask(emulate(), 'SELECT count(*) FROM service_accounts, spend_limits');
    expect(notes).toEqual([]);
  });
});
