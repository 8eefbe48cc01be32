import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../../src/errors.ts';
import { openStorage } from '../../../src/storage/sqlite.ts';
import { type RunningProcess, startProcess, temporaryDirectory } from '../../support/process.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));
const BATCH = 20;
/** Parts of util-linux: no dependencies of ours. */
const PRLIMIT = 'prlimit';
const SETPRIV = 'setpriv';
const NOBODY = 65_534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath];
const feed = { organization: 'acme', stream: 'organization' } as const;

async function temporaryFile(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(directory.remove);
  return join(directory.path, 'state.db');
}

async function start(command: string, args: readonly string[]): Promise<RunningProcess> {
  const writer = await startProcess(command, args);
  onTestFinished(async () => void (await writer.end('SIGKILL')));
  return writer;
}

/** How many events the writer called claimed, or settled. */
function told(writer: RunningProcess, word: 'claimed' | 'settled'): number {
  const line = writer
    .stdout()
    .split('\n')
    .findLast(each => each.startsWith(`${word} `));
  return line === undefined ? 0 : Number(line.split(' ')[1]) + BATCH;
}

describe('SIGKILL', () => {
  it.each([
    'claimed 0',
    'settled 0',
    'claimed 20',
    'settled 80',
    'claimed 500',
    'settled 1000',
    'claimed 3300',
    'settled 7000',
  ])('after %j loses nothing that was said to be durable', async line => {
    const path = await temporaryFile();
    const writer = await start(process.execPath, [WRITER, path]);
    await writer.line(new RegExp(`^${line}$`));
    await writer.end('SIGKILL');

    const storage = await openStorage(path);
    const uids = Array.from({ length: told(writer, 'claimed') }, (_, n) => `audit_log-${String(n).padStart(24, '0')}`);
    const fates = await storage.fates('acme', uids);
    expect(uids.filter(uid => !fates.has(uid))).toEqual([]);
    const settled = told(writer, 'settled');
    expect(uids.slice(0, settled).filter(uid => fates.get(uid) !== 'acknowledged')).toEqual([]);

    // Fates and coverage were written as one: it covers what is settled, and nothing else.
    const covered = (await storage.feed(feed))?.coverage[0]?.to ?? 0;
    expect(covered).toBeGreaterThanOrEqual(settled);
    const counts = { acknowledged: covered, parked: 0, excluded: 0, inFlight: 0 };
    expect(await storage.counts(feed, { from: 0, to: covered })).toEqual(counts);
    await storage.close();
  });
});

describe('the lock of a running process', () => {
  it('refuses a second one with its exit code, and is free when the first is killed', async () => {
    const path = await temporaryFile();
    const writer = await start(process.execPath, [WRITER, path]);
    await writer.line(/^settled 0$/);

    const second = await start(process.execPath, [WRITER, path]);
    expect(await second.exited).toEqual({ code: EXIT.stateInUse, signal: null });
    expect(second.stdout()).toContain(`stopped storage.path ${path} is in use by another running collector`);
    await expect(openStorage(path)).rejects.toMatchObject({ exitCode: EXIT.stateInUse });

    await writer.line(new RegExp(`^settled ${told(writer, 'claimed') + BATCH}$`));
    await writer.end('SIGKILL');
    await (await openStorage(path)).close();
  });
});

const limits = spawnSync(PRLIMIT, ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0;

describe('a file that may not grow', () => {
  it.skipIf(!limits)('stops nothing for good: writing goes on when it may (skipped without prlimit)', async () => {
    const path = await temporaryFile();
    const writer = await start('bash', ['-c', `ulimit -S -f 512; exec "${process.execPath}" "${WRITER}" "${path}"`]);
    const [refusal] = await writer.line(/^retryable .*/);
    expect(refusal).toContain(`storage.path ${path}: `);

    const before = told(writer, 'settled');
    execFileSync(PRLIMIT, ['--pid', String(writer.pid), '--fsize=unlimited']);
    await writer.line(new RegExp(`^settled ${before + 10 * BATCH}$`));
    await writer.end('SIGKILL');

    const storage = await openStorage(path);
    const settled = told(writer, 'settled');
    expect((await storage.counts(feed, { from: 0, to: settled })).acknowledged).toBe(settled);
    await storage.close();
  });
});

/** Root may write all, whatever the mode is; another user can be become only by root. */
const canBeNobody = process.getuid?.() === 0 && spawnSync(SETPRIV, [...AS_NOBODY, '--check', WRITER]).status === 0;

describe.skipIf(!canBeNobody)('a state file that its user may not write (skipped but as root)', () => {
  it.each<[string, string, (path: string) => Promise<void>]>([
    ['is read-only', 'the file and its directory must be writable by this user', path => chmod(path, 0o400)],
    ['is in a read-only directory', 'its directory must be writable by this user', path => chmod(dirname(path), 0o500)],
    ["is another user's", 'the file and its directory must be writable by this user', path => chown(path, 0, 0)],
    [
      "is another user's, though all may write it",
      'chmod 600 it',
      async path => {
        await chown(path, 0, 0);
        await chmod(path, 0o666);
      },
    ],
  ])('stops the start and says what to do when it %s', async (_, advice, spoil) => {
    const path = await temporaryFile();
    await (await openStorage(path)).close();
    for (const name of ['', ...(await readdir(dirname(path)))]) await chown(join(dirname(path), name), NOBODY, NOBODY);
    await spoil(path);
    const writer = await start(SETPRIV, [...AS_NOBODY, WRITER, path]);
    expect(await writer.exited).toEqual({ code: EXIT.usage, signal: null });
    expect(writer.stdout()).toContain(`stopped storage.path ${path}`);
    expect(writer.stdout()).toContain(advice);
  });
});
