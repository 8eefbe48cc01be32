import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ExitError } from '../errors.ts';
import { RESULT, resultCode } from './sqlite-error.ts';

export interface Lock {
  release(): void;
}

/**
 * Holds an SQLite transaction on `<path>.lock` open. The kernel frees it when the process dies, however it dies; a PID file
 * would not tell one container's process 1 from another's. The file stays: unlinking it would let two processes lock two files.
 * @throws ExitError stateInUse when another process, or this one, holds it already; usage when it cannot be locked at all.
 */
export function lockState(path: string): Lock {
  const lockPath = `${path}.lock`;
  let db: DatabaseSync | undefined;
  try {
    createPrivate(lockPath);
    db = new DatabaseSync(lockPath, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    throw resultCode(error) === RESULT.busy ? inUse(path, error) : unlockable(path, error);
  }
  const held = db;
  return { release: () => held.isOpen && held.close() };
}

/** Whether a process holds the lock now. That one does not notice; only a start in the very same instant could be refused. */
export function isStateLocked(path: string): boolean {
  const lockPath = `${path}.lock`;
  if (!existsSync(lockPath)) return false;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(lockPath, { readOnly: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (resultCode(error) === RESULT.busy) return true;
    throw unlockable(path, error);
  } finally {
    db?.close();
  }
}

/**
 * Creates an empty file with mode 0600 unless it exists. An existing one is not even opened: closing it again would drop
 * every POSIX lock that this process holds on it.
 */
export function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function inUse(path: string, cause: unknown): ExitError {
  return new ExitError(
    'state-in-use',
    `storage.path ${path} is in use by another running collector (it holds ${path}.lock). Stop that one first, ` +
      'or give this one a storage.path of its own.',
    cause,
  );
}

function unlockable(path: string, cause: unknown): ExitError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExitError(
    'state-path-unusable',
    `storage.path ${path}: ${path}.lock cannot be locked (${reason}): it must be an empty file that this user can write, ` +
      'on a file system with locks.',
    cause,
  );
}
