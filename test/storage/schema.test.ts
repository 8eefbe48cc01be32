import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { APPLICATION_ID, MIGRATIONS, madeBy, migrate, ownerOf, schemaVersion } from '../../src/storage/schema.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { event } from './conformance.ts';
import { temporaryFile } from './temporary-file.ts';

const [first = ''] = MIGRATIONS;
const later = [first, 'CREATE TABLE second (a); INSERT INTO second VALUES (1)', 'ALTER TABLE second ADD COLUMN b'];

describe('migrations', () => {
  it('lead from any version to the newest, each step once', () => {
    for (const start of [0, 1, 2, 3]) {
      const db = new DatabaseSync(':memory:');
      migrate(db, later.slice(0, start), 'old');
      migrate(db, later, 'new');
      migrate(db, later, 'newest');
      expect(schemaVersion(db)).toBe(3);
      expect(ownerOf(db)).toBe('ours');
      expect(db.prepare('SELECT a, b FROM second').all()).toEqual([{ a: 1, b: null }]);
      expect(madeBy(db)).toBe(start === 3 ? 'old' : 'new');
      db.close();
    }
  });

  it('happen as a whole or not at all', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, later.slice(0, 1), 'old');
    expect(() => migrate(db, [...later.slice(0, 2), 'NONSENSE'], 'new')).toThrow('syntax error');
    db.exec('ROLLBACK');
    expect(schemaVersion(db)).toBe(1);
    expect(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'second'").get()).toEqual({ n: 0 });
    db.close();
  });

  it('lead a file that version 1 wrote to one that this program reads', async () => {
    const path = temporaryFile();
    const db = new DatabaseSync(path);
    db.exec(readFileSync(new URL('../fixtures/storage/version-1.sql', import.meta.url), 'utf8'));
    expect(schemaVersion(db)).toBe(1);
    db.close();

    const storage = await openStorage(path);
    const feed = { organization: 'acme', stream: 'organization' } as const;
    expect(await storage.fates('acme', ['audit_log-0123456789abcdefghijklmn', 'odd', 'parked', 'waiting'])).toEqual(
      new Map([
        ['audit_log-0123456789abcdefghijklmn', 'acknowledged'],
        ['odd', 'excluded'],
        ['parked', 'parked'],
        ['waiting', 'in_flight'],
      ]),
    );
    expect(await storage.inFlight('acme')).toEqual([event('waiting')]);
    expect(await storage.parked('acme')).toMatchObject([{ ...event('parked'), reason: 'refused', parkedAtMs: 77 }]);
    expect((await storage.feed(feed))?.coverage).toEqual([{ from: 1000, to: 2000, verifiedAt: 9000 }]);
    expect((await storage.feed(feed))?.startText).toBe('30d');
    expect(await storage.statements('acme', 10, 0)).toMatchObject([{ uid: 'parked/acme/parked', name: 'parked' }]);
    expect(await storage.note('limiter')).toBe('{}');
    expect(await storage.inventory('acme')).toMatchObject([{ kind: 'user', id: 'user-1', reportedMs: 77 }]);
    expect(await storage.waitingInventory('acme', 10, 0)).toMatchObject([{ seq: 2, id: 'user-2', change: 'added' }]);
    expect(await storage.inventoryLists('acme')).toEqual([{ list: '/organization/users', state: '{}' }]);
    await storage.close();
  });
});

describe('a database', () => {
  it.each([
    ['empty', ''],
    ['foreign', 'CREATE TABLE a (b)'],
    ['foreign', 'PRAGMA user_version = 1'],
    ['foreign', 'PRAGMA application_id = 1'],
    ['ours', `PRAGMA application_id = ${APPLICATION_ID}`],
  ])('is %s after %j', (owner, sql) => {
    const db = new DatabaseSync(':memory:');
    db.exec(sql);
    expect(ownerOf(db)).toBe(owner);
    db.close();
  });
});
