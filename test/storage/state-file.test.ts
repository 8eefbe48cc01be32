import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { MIGRATIONS } from '../../src/storage/schema.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { visitState } from '../../src/storage/visitor.ts';
import { acknowledged, event } from './conformance.ts';
import { temporaryFile } from './temporary-file.ts';

const feed = { organization: 'acme', stream: 'organization' } as const;

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** A closed state file with one settled event, and its path. */
async function stateFile(): Promise<string> {
  const path = temporaryFile();
  const storage = await openStorage(path, { program: 'collector 1.2.3' });
  await storage.claim([event('a')]);
  await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
  await storage.close();
  return path;
}

/** Overwrites a page, so that only a reading of that page can notice it. */
function damagePage(path: string, page: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0x55), 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

/** A copy as a process leaves it that never closed: the log is still there. */
async function uncleanCopy(): Promise<string> {
  const path = temporaryFile();
  const storage = await openStorage(path);
  const rows = Array.from({ length: 500 }, (_, n) => event(`e${n}`));
  await storage.claim(rows);
  const copy = temporaryFile();
  for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
  await storage.close();
  return copy;
}

function sql(path: string, statements: string): void {
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}

describe('the state file', () => {
  it('is private, with its log, index and lock, whatever it was before', async () => {
    const path = await stateFile();
    expect(mode(path)).toBe('600');
    chmodSync(path, 0o644);
    const storage = await openStorage(path);
    await storage.setNote('a', 'b');
    for (const end of ['', '-wal', '-shm', '.lock']) expect(mode(path + end)).toBe('600');
    await storage.close();
  });

  it('is one file after an orderly end, and says whose it is', async () => {
    const path = await stateFile();
    expect(() => statSync(`${path}-wal`)).toThrow('ENOENT');
    const db = new DatabaseSync(path, { readOnly: true });
    expect(db.prepare('PRAGMA application_id').get()).toEqual({ application_id: 0x6f616163 });
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(db.prepare('SELECT * FROM made_by').all()).toEqual([
      { schema_version: MIGRATIONS.length, program: 'collector 1.2.3' },
    ]);
    db.close();
  });

  it('makes every commit durable and limits its log, also after it was opened again', async () => {
    const databases: DatabaseSync[] = [];
    const openDatabase = (location: string | URL) => {
      const db = new DatabaseSync(location);
      databases.push(db);
      return db;
    };
    const storage = await openStorage(temporaryFile(), { openDatabase });
    await expect(storage.commit({ atMs: 0, feed, settled: acknowledged('unknown') })).rejects.toThrow('not in flight');
    await storage.organizations();
    const [, second] = databases;
    expect(databases).toHaveLength(2);
    expect(second?.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(second?.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(second?.prepare('PRAGMA journal_size_limit').get()).toEqual({ journal_size_limit: 16 * 1024 * 1024 });
    await storage.close();
  });

  it('shows coverage to a person', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    const coverage = [{ from: 1_767_225_600, to: 1_767_229_200, verifiedAt: 1_767_232_800 }];
    const rest = { startText: '30d', startAt: 1, listed: true, floor: 0, ways: {} };
    await storage.commit({ atMs: 0, feed, state: { ...rest, coverage } });
    await storage.close();
    const db = new DatabaseSync(path, { readOnly: true });
    expect(db.prepare('SELECT * FROM coverage_by_name').all()).toEqual([
      {
        organization: 'acme',
        stream: 'organization',
        from_time: '2026-01-01 00:00:00',
        to_time: '2026-01-01 01:00:00',
        verified_time: '2026-01-01 02:00:00',
      },
    ]);
    db.close();
  });

  it('keeps its log short', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    for (let n = 0; n < 300; n += 1) {
      const rows = Array.from({ length: 50 }, (_, k) => event(`${n}/${k}`, { event: 'x'.repeat(1000) }));
      await storage.claim(rows);
      await storage.commit({ atMs: 0, feed, settled: acknowledged(...rows.map(({ uid }) => uid)) });
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(8 * 1024 * 1024);
    expect(statSync(path).size).toBeLessThan(8 * 1024 * 1024);
    await storage.close();
  });

  it('can be read by others meanwhile, who delay neither a write nor the end', async () => {
    const path = await stateFile();
    const storage = await openStorage(path);
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN');
    expect(reader.prepare('SELECT count(*) AS n FROM ledger').get()).toEqual({ n: 1 });
    const beginning = performance.now();
    await storage.setNote('a', 'b');
    await storage.close();
    expect(performance.now() - beginning).toBeLessThan(2000);
    reader.close();
    const again = await openStorage(path);
    expect(await again.note('a')).toBe('b');
    await again.close();
  });

  it('is read again after an unclean end', async () => {
    const storage = await openStorage(await uncleanCopy());
    expect(await storage.inFlight('acme')).toHaveLength(500);
    await storage.close();
  });
});

describe('a state file that is only looked at', () => {
  it('shows what a running process wrote, and takes nothing', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    const view = await openStorage(path, { readOnly: true });
    await storage.claim([event('a')]);
    expect(await view.inFlight('acme')).toEqual([event('a')]);
    await expect(view.claim([event('b')])).rejects.toThrow('attempt to write a readonly database');
    await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
    expect(await view.fates('acme', ['a', 'b'])).toEqual(new Map([['a', 'acknowledged']]));
    await view.close();
    await storage.setNote('still', 'locked');
    await expect(openStorage(path)).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    await storage.close();
  });

  it('shows what a process left', async () => {
    const view = await openStorage(await stateFile(), { readOnly: true });
    expect(await view.fates('acme', ['a'])).toEqual(new Map([['a', 'acknowledged']]));
    await view.close();
  });

  it.each([
    ['is missing', (_path: string) => {}, EXIT.usage, 'does not exist'],
    ['is empty', (path: string) => writeFileSync(path, ''), EXIT.usage, 'holds no state of this version yet'],
    ['is a directory', (path: string) => mkdirSync(path), EXIT.usage, 'is a directory'],
    ['is no database', (path: string) => writeFileSync(path, 'hello'), EXIT.stateDamaged, 'is damaged'],
  ])('must not be one that %s', async (_name, make, exitCode, message) => {
    const path = temporaryFile();
    make(path);
    const error = await openStorage(path, { readOnly: true }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ExitError', exitCode });
    expect(String(error)).toContain(message);
  });
});

describe('a path that cannot be used', () => {
  async function refused(path: string): Promise<Error> {
    const error = await openStorage(path).catch((reason: unknown) => reason);
    if (!(error instanceof Error)) throw new Error('it was opened');
    expect(error).toMatchObject({ name: 'ExitError', exitCode: EXIT.usage });
    expect(error.message).toContain('storage.path');
    expect(error.message).toContain(path);
    return error;
  }

  it('is refused when it is a directory', async () => {
    expect((await refused(dirname(temporaryFile()))).message).toContain('is a directory: name a file');
  });

  it('is refused when its directory is missing', async () => {
    const path = join(dirname(temporaryFile()), 'missing', 'state.db');
    expect((await refused(path)).message).toContain(`${dirname(path)} does not exist: create it`);
  });

  it('is refused when its directory is a file', async () => {
    expect((await refused(join(await stateFile(), 'state.db'))).message).toContain('is not a directory');
  });

  it('is refused when it is a device', async () => {
    expect((await refused('/dev/null')).message).toContain('is not a file');
  });

  it('is refused where nothing can be created', async () => {
    expect((await refused('/proc/state.db')).message).toContain('must be writable by this user');
  });

  it.skipIf(process.getuid?.() === 0)(
    'is refused when the file is read-only (skipped as root, who may write all)',
    async () => {
      const path = await stateFile();
      chmodSync(path, 0o400);
      expect((await refused(path)).message).toContain('must be writable by this user');
    },
  );

  it.skipIf(process.getuid?.() === 0)('is refused when the directory is read-only (skipped as root)', async () => {
    const path = await stateFile();
    chmodSync(dirname(path), 0o500);
    const { message } = await refused(path);
    chmodSync(dirname(path), 0o700);
    expect(message).toContain('must be writable by this user');
  });

  it('is refused, and untouched, when it is the database of another program', async () => {
    const path = temporaryFile();
    sql(path, 'CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    const before = readFileSync(path);
    expect((await refused(path)).message).toContain('another program');
    expect(readFileSync(path)).toEqual(before);
  });

  it('is refused when another program marked it as its own', async () => {
    const path = temporaryFile();
    sql(path, 'PRAGMA application_id = 1234');
    expect((await refused(path)).message).toContain('another program');
  });

  it('is refused when its lock cannot be one', async () => {
    const path = temporaryFile();
    mkdirSync(`${path}.lock`);
    expect((await refused(path)).message).toContain(`${path}.lock cannot be locked`);
  });
});

describe('a state that cannot be trusted', () => {
  async function refused(path: string): Promise<string> {
    const error = await openStorage(path).catch((reason: unknown) => reason);
    if (!(error instanceof Error)) throw new Error('it was opened');
    expect(error).toMatchObject({ name: 'ExitError', exitCode: EXIT.stateDamaged });
    return error.message;
  }

  it.each(['hello', 'x'.repeat(5000)])('is refused with a way out when it is not a database', async text => {
    const path = temporaryFile();
    writeFileSync(path, text);
    const message = await refused(path);
    expect(message).toContain(`storage.path ${path} is damaged (file is not a database)`);
    expect(message).toContain('Restore it from a backup, or move it away');
    expect(message).toContain('log.record.uid');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is refused when its end is missing', async () => {
    const path = await stateFile();
    truncateSync(path, 3 * 4096);
    expect(await refused(path)).toContain('is damaged');
  });

  it('is refused when a page is overwritten', async () => {
    const path = await stateFile();
    damagePage(path, 6);
    expect(await refused(path)).toContain('is damaged');
  });

  it('is read whole after an unclean end, and trusted after an orderly one when that would take long', async () => {
    const path = temporaryFile();
    const storage = await openStorage(path);
    const visitor = visitState(path);
    visitor.ask('acme', 'large', 'x'.repeat(70 * 1024 * 1024), 0);
    visitor.close();
    await storage.setNote('small', 'x');
    const unclean = temporaryFile();
    for (const end of ['', '-wal']) copyFileSync(path + end, unclean + end);
    await storage.close();
    for (const each of [path, unclean]) damagePage(each, 10_000);

    expect(await refused(unclean)).toContain('is damaged');
    const trusted = await openStorage(path);
    expect(await trusted.note('small')).toBe('x');
    await expect(trusted.requests('acme')).rejects.toMatchObject({ name: 'ExitError', exitCode: EXIT.stateDamaged });
    await trusted.close();
  });

  it('is refused when a newer program made it, naming that program', async () => {
    const path = await stateFile();
    sql(path, "PRAGMA user_version = 7; INSERT INTO made_by VALUES (7, 'collector 9.0.0')");
    const message = await refused(path);
    expect(message).toContain('newer version (collector 9.0.0)');
    expect(message).toContain(`its schema is 7, this program knows ${MIGRATIONS.length}`);
    expect(message).toContain('Run that version again');
  });

  it('is refused when a newer program no longer says which it is', async () => {
    const path = await stateFile();
    sql(path, 'PRAGMA user_version = 7; DROP TABLE made_by');
    expect(await refused(path)).toContain('newer version: its schema is 7');
  });

  it('can be opened again after what was wrong is mended', async () => {
    const path = await stateFile();
    sql(path, 'PRAGMA user_version = 7');
    await refused(path);
    sql(path, `PRAGMA user_version = ${MIGRATIONS.length}`);
    const storage = await openStorage(path);
    expect(await storage.fates('acme', ['a'])).toEqual(new Map([['a', 'acknowledged']]));
    await storage.close();
  });
});

describe('the lock', () => {
  it('refuses a second opener until the first closes, by any name of the file', async () => {
    const path = temporaryFile();
    const link = join(dirname(path), 'link.db');
    const storage = await openStorage(path);
    symlinkSync(path, link);
    for (const name of [path, link]) {
      const error = await openStorage(name).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'ExitError', exitCode: EXIT.stateInUse });
      expect(String(error)).toContain(`storage.path ${path} is in use by another running collector`);
    }
    await storage.setNote('still', 'usable');
    await storage.close();
    await (await openStorage(link)).close();
  });

  it('is freed when opening fails', async () => {
    const path = temporaryFile();
    writeFileSync(path, 'hello');
    for (const _attempt of [1, 2])
      await expect(openStorage(path)).rejects.toMatchObject({ exitCode: EXIT.stateDamaged });
  });
});
