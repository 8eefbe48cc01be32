import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { SEALED } from '../../src/storage/seal.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { acknowledged, event } from './conformance.ts';
import { thing } from './inventory.ts';
import { temporaryFile } from './temporary-file.ts';

const feed = { organization: 'acme', stream: 'organization' } as const;

/** A state with a row in each sealed table. */
async function filled(): Promise<string> {
  const path = temporaryFile();
  const storage = await openStorage(path);
  await storage.claim([event('a'), event('b'), event('c')]);
  const parked = { reason: 'refused', message: 'too long', certain: true, atMs: 1 };
  await storage.commit({
    feed,
    atMs: 0,
    settled: [...acknowledged('a'), { uid: 'b', fate: 'parked', parked }],
    state: {
      startText: '30d',
      startAt: 1000,
      listed: true,
      floor: 0,
      coverage: [{ from: 1000, to: 2000, verifiedAt: 9000 }],
      ways: {},
    },
    statements: [{ uid: 's', organization: 'acme', name: 'feed', atMs: 1, facts: {} }],
  });
  await storage.setNote('a', 'b');
  await storage.recordInventory('acme', [thing('p'), thing('q')], [{ list: '/l', state: '{}' }]);
  await storage.settleInventory('acme', [{ seq: 1, fate: 'acknowledged' }]);
  await storage.close();
  return path;
}

function sql(path: string, text: string): void {
  const db = new DatabaseSync(path);
  db.exec(text);
  db.close();
}

async function refusal(path: string): Promise<string> {
  const error = await openStorage(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'ExitError', exitCode: EXIT.stateDamaged });
  return String(error);
}

describe('a sealed row', () => {
  it('is one of each table that has a seal, with all its columns but those that may change by themselves', async () => {
    const db = new DatabaseSync(await filled(), { readOnly: true });
    // What `delivered` names is sent once more where it is damaged.
    const free = new Set(['seal', 'said_n', 'said_at_ms', 'listed_n', 'listed_at_ms', 'delivered']);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const columns = (table: unknown) =>
      db
        .prepare('SELECT name FROM pragma_table_info(?)')
        .all(String(table))
        .map(({ name }) => String(name));
    const found = tables
      .map(({ name }) => [String(name), columns(name)] as const)
      .filter(([, names]) => names.includes('seal'))
      .map(([name, names]) => [name, names.filter(each => !free.has(each)).join(', ')] as const);
    expect(Object.fromEntries(found)).toEqual(SEALED);
    db.close();
  });

  it.each([
    ['coverage', 'to_at = to_at + 4096'],
    ['coverage', 'to_at = to_at + (1 << 62)'],
    ['feed', `state = replace(state, '1000', '9000')`],
    ['in_flight', `event = replace(event, 'Ä', 'A')`],
    ['parked', 'certain = 0'],
    ['statement', `facts = '{"a":1}'`],
    ['organization', `name = 'acmf'`],
    ['event_type', `name = 'project.deleted'`],
    ['note', `text = 'c'`],
    ['inventory', 'gone_at_ms = 5'],
    ['inventory_change', `change = 'removed'`],
    ['inventory_list', `state = '{"a":1}'`],
  ])('that changed in %s stops the start', async (table, change) => {
    const path = await filled();
    await (await openStorage(path)).close();
    sql(path, `UPDATE ${table} SET ${change}`);
    expect(await refusal(path)).toContain(`is damaged (a row of the table ${table} is not as it was written)`);
  });
});

describe('a header or schema', () => {
  it.each([
    ['names another program', 'PRAGMA application_id = 1868652898'],
    ['names no version', 'PRAGMA user_version = 0'],
    ['names a version that never was', 'PRAGMA user_version = -2147483647'],
  ])('that %s over our tables is damage', async (_name, change) => {
    const path = await filled();
    sql(path, change);
    expect(await refusal(path)).toContain('its header names no program or version of ours');
  });

  it('that is not as SQLite writes it is damage', async () => {
    const path = await filled();
    const bytes = readFileSync(path);
    bytes[18] = 3;
    writeFileSync(path, bytes);
    expect(await refusal(path)).toContain('its header is not as SQLite writes it');
  });

  it('with a missing index is damage, one with an index more is not', async () => {
    const path = await filled();
    sql(path, 'CREATE INDEX mine ON coverage (to_at)');
    await (await openStorage(path)).close();
    sql(path, 'DROP INDEX parked_by_time');
    expect(await refusal(path)).toContain('its schema has another parked_by_time');
  });

  it('that is gone while the log is not is damage, and the log is left', async () => {
    const path = temporaryFile();
    writeFileSync(path, '');
    writeFileSync(`${path}-wal`, 'log');
    expect(await refusal(path)).toContain('it is empty, and its log is not');
    expect(readFileSync(`${path}-wal`, 'utf8')).toBe('log');
  });
});
