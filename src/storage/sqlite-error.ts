import { CollectorError, ExitError } from '../errors.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
export const RESULT = { busy: 5, readOnly: 8, cantOpen: 14, corrupt: 11, notADatabase: 26, full: 13 } as const;

/** PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL: outside of us, and may pass. */
const MAY_PASS: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 10, 13, 14, 15]);

/** What a caller of the storage is told: a disk's trouble may pass, damage does not, anything else is a mistake of ours. */
export function storageError(path: string, error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  if (MAY_PASS.has(code)) {
    return new CollectorError('retryable', `storage.path ${path}: ${describe(error)}`, { cause: error });
  }
  return code === RESULT.corrupt || code === RESULT.notADatabase ? damaged(path, describe(error), error) : error;
}

/** What a person is told when the file cannot be opened. */
export function openError(path: string, error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  if (code === RESULT.corrupt || code === RESULT.notADatabase) return damaged(path, describe(error), error);
  if (code === RESULT.cantOpen || code === RESULT.readOnly) {
    const todo = 'it and its directory must be writable by this user, on a disk that is not read-only';
    return new ExitError(
      'state-path-unusable',
      `storage.path ${path} cannot be opened for writing (${describe(error)}): ${todo}`,
      error,
    );
  }
  return new ExitError('state-unopenable', `storage.path ${path} cannot be opened: ${describe(error)}`, error);
}

export function damaged(path: string, what: string, cause?: unknown): ExitError {
  return new ExitError(
    'state-damaged',
    `storage.path ${path} is damaged (${what}). Restore it from a backup, or move it away together with ${path}-wal and ` +
      `${path}-shm and start again: everything since start_from is then read and sent again, and the backend can drop ` +
      'what it has already by log.record.uid. Events parked in the damaged file are sent again as well.',
    cause,
  );
}

/** SQLite's primary result code; undefined for an error that is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

function describe(error: unknown): string {
  const hint = resultCode(error) === RESULT.full ? ', free some space' : '';
  return (error instanceof Error ? error.message : String(error)) + hint;
}
