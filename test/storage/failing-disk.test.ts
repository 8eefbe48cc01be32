import { rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { acknowledged, event } from './conformance.ts';
import { temporaryFile } from './temporary-file.ts';

const feed = { organization: 'acme', stream: 'organization' } as const;

/** A database that fails as its disk says. */
class FaultyDatabase extends DatabaseSync {
  readonly #disk: Disk;

  constructor(location: string | URL, disk: Disk) {
    super(location);
    this.#disk = disk;
    disk.opened += 1;
  }

  override exec(sql: string): void {
    if (sql === 'BEGIN IMMEDIATE') super.exec(`PRAGMA max_page_count = ${this.#disk.full ? 1 : 1_000_000}`);
    const fails = sql === 'COMMIT' && this.#disk.commit !== 'works';
    if (!fails || this.#disk.commit === 'happens and throws') super.exec(sql);
    if (!fails) return;
    throw Object.assign(new Error('disk I/O error'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: 1034,
      errstr: 'disk I/O error',
    });
  }
}

interface Disk {
  full: boolean;
  commit: 'works' | 'happens and throws' | 'throws';
  opened: number;
}

async function open(): Promise<{ disk: Disk; storage: Storage; path: string }> {
  const disk: Disk = { full: false, commit: 'works', opened: 0 };
  const path = temporaryFile();
  const storage = await openStorage(path, { openDatabase: location => new FaultyDatabase(location, disk) });
  return { disk, storage, path };
}

describe('a full disk', () => {
  it('is an error that may pass and names the path; the same call works when space returns', async () => {
    const { disk, storage, path } = await open();
    await storage.claim([event('before')]);
    const rows = Array.from({ length: 100 }, (_, n) => event(`e${n}`, { event: 'x'.repeat(1000) }));
    disk.full = true;
    for (const _attempt of [1, 2, 3]) {
      const error = await storage.claim(rows).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'CollectorError', kind: 'retryable', cause: { errcode: 13 } });
      expect(String(error)).toContain(`storage.path ${path}: database or disk is full, free some space`);
      expect(await storage.inFlight('acme')).toEqual([event('before')]);
    }
    disk.full = false;
    expect(new Set(await storage.claim(rows))).toEqual(new Set(['claimed']));
    await storage.commit({ atMs: 0, feed, settled: acknowledged('before', ...rows.map(({ uid }) => uid)) });
    expect(await storage.inFlight('acme')).toEqual([]);
    await storage.close();
  });
});

describe('a commit that throws', () => {
  it.each([
    ['happens and throws', ['acknowledged']],
    ['throws', ['in_flight']],
  ] as const)('and %s is looked at on a new connection', async (commit, places) => {
    const { disk, storage, path } = await open();
    await storage.claim([event('a')]);
    const opened = disk.opened;
    disk.commit = commit;
    const error = await storage
      .commit({ atMs: 0, feed, settled: acknowledged('a') })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'CollectorError',
      kind: 'retryable',
      message: `storage.path ${path}: disk I/O error`,
    });
    disk.commit = 'works';
    expect([...(await storage.fates('acme', ['a'])).values()]).toEqual(places);
    expect(disk.opened).toBe(opened + 1);
    await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
    expect([...(await storage.fates('acme', ['a'])).values()]).toEqual(['acknowledged']);
    await storage.close();
  });

  it('forgets the numbers of names that it may not have written', async () => {
    const { disk, storage } = await open();
    disk.commit = 'throws';
    await expect(storage.claim([event('a', { type: 'lost' })])).rejects.toThrow('disk I/O error');
    disk.commit = 'works';
    await storage.claim([event('b', { type: 'kept' })]);
    await storage.claim([event('a', { type: 'lost' })]);
    expect((await storage.inFlight('acme')).map(({ type }) => type)).toEqual(['kept', 'lost']);
    await storage.close();
  });

  it('keeps the lock', async () => {
    const { disk, storage, path } = await open();
    disk.commit = 'throws';
    await expect(storage.setNote('a', 'b')).rejects.toThrow('disk I/O error');
    await expect(openStorage(path)).rejects.toThrow('in use');
    await storage.close();
    await (await openStorage(path)).close();
  });
});

describe('a file that changes under the process', () => {
  it('does not come back empty when it was replaced', async () => {
    const { disk, storage, path } = await open();
    await storage.claim([event('a')]);
    disk.commit = 'throws';
    await expect(storage.setNote('a', 'b')).rejects.toThrow('disk I/O error');
    disk.commit = 'works';
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    await expect(storage.inFlight('acme')).rejects.toMatchObject({ name: 'CollectorError', kind: 'retryable' });
    writeFileSync(path, '');
    await expect(storage.inFlight('acme')).rejects.toThrow('it was replaced while in use');
    await storage.close();
  });
});
