import { accessSync, chmodSync, constants, existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitError } from '../errors.ts';
import { createPrivate } from './lock.ts';

/**
 * The real absolute path of the state file, so that two names of one file meet at one lock. Creates it, empty and private,
 * when it is missing.
 * @throws ExitError usage when it is no file, or neither it nor its directory can be written.
 */
export function prepareStatePath(path: string): string {
  const wanted = resolve(path);
  try {
    const directory = requireDirectory(path, dirname(wanted));
    const file = join(directory, basename(wanted));
    requireFile(path, statSync(file, { throwIfNoEntry: false }));
    createPrivate(file);
    accessSync(file, constants.R_OK | constants.W_OK);
    accessSync(directory, constants.W_OK | constants.X_OK);
    return realpathSync(file);
  } catch (error) {
    throw error instanceof ExitError ? error : unusable(path, error);
  }
}

/** The same for a file that is only looked at: it must exist. */
export function existingStatePath(path: string): string {
  const file = resolve(path);
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new ExitError(
        'state-missing',
        `storage.path ${path} does not exist: \`run\` makes it, or name another path.`,
      );
    }
    requireFile(path, stats);
    return realpathSync(file);
  } catch (error) {
    throw error instanceof ExitError ? error : unusable(path, error);
  }
}

/** Takes the file, its log and its index from everybody else; SQLite gives new ones the same mode. */
export function makePrivate(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, `${path}.lock`]) {
    if (!existsSync(file) || (statSync(file).mode & 0o077) === 0) continue;
    try {
      chmodSync(file, 0o600);
    } catch (error) {
      throw new ExitError(
        'state-readable-by-others',
        `storage.path ${path}: others may read ${file}: chmod 600 it.`,
        error,
      );
    }
  }
}

function requireDirectory(path: string, directory: string): string {
  const stats = statSync(directory, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return realpathSync(directory);
  const what = stats === undefined ? 'does not exist: create it, or name' : 'is not a directory: name';
  throw new ExitError('state-path-unusable', `storage.path ${path}: ${directory} ${what} another path.`);
}

function requireFile(path: string, stats: Stats | undefined): void {
  if (stats === undefined || stats.isFile()) return;
  const what = stats.isDirectory() ? 'a directory' : 'not a file';
  throw new ExitError(
    'state-path-unusable',
    `storage.path ${path} is ${what}: name a file, such as ${join(path, 'state.db')}.`,
  );
}

function unusable(path: string, cause: unknown): ExitError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ExitError(
    'state-path-unusable',
    `storage.path ${path} cannot be written (${reason}): the file and its directory must be writable by this user.`,
    cause,
  );
}
