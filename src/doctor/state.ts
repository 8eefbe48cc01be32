import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ExitError } from '../errors.ts';
import { inspectState } from '../storage/inspect.ts';
import { isStateLocked } from '../storage/lock.ts';
import { openStorage } from '../storage/sqlite.ts';
import type { Storage } from '../storage/storage.ts';
import { fail, ok, type Result, skipped, warn } from './check.ts';
import type { World } from './world.ts';

const MIB = 1024 * 1024;
const LITTLE_BYTES = 1024 * MIB;
const TOO_LITTLE_BYTES = 128 * MIB;

export function checkDirectory(path: string): Result {
  const directory = dirname(resolve(path));
  const bad = (what: string, action: string) => fail('state-path-unusable', `${directory} ${what}`, action);
  if (!existsSync(directory)) return bad('does not exist', 'Create it, or name another storage.path.');
  if (!statSync(directory).isDirectory()) return bad('is not a directory', 'name another storage.path');
  if (existsSync(path) && !statSync(path).isFile()) {
    return fail('state-path-unusable', `${path} is not a file`, 'Name a file in storage.path.');
  }
  for (const each of [directory, ...(existsSync(path) ? [path] : [])]) {
    if (!isWritable(each)) return fail('state-path-unusable', `${each} cannot be written by this user`);
  }
  return ok(directory);
}

export async function checkDisk(path: string, freeBytes: World['freeBytes']): Promise<Result> {
  const free = await freeBytes(dirname(resolve(path)));
  const says = `${free < LITTLE_BYTES ? `${Math.floor(free / MIB)} MiB` : `${Math.floor(free / LITTLE_BYTES)} GiB`} free`;
  if (free < TOO_LITTLE_BYTES) return fail('disk-low', says);
  return free < LITTLE_BYTES ? warn('disk-low', says) : ok(says);
}

/** Looks at the whole of a file that is not large; opens it read-only, beside a collector that runs. */
export function checkStateFile(path: string): Result {
  if (!existsSync(path)) return ok('there is none yet: the first run makes it');
  try {
    const bytes = statSync(path).size;
    return inspectState(path) === 'whole' ? ok(`${Math.ceil(bytes / 1024)} KiB`) : ok('its schema; the rest is large');
  } catch (error) {
    if (error instanceof ExitError && error.code === 'state-missing') return ok('the next run brings it up to date');
    throw error;
  }
}

export function checkPrivacy(path: string): Result {
  const open = [path, `${path}-wal`, `${path}-shm`].filter(each => (modeOf(each) & 0o077) !== 0);
  if (open.length === 0) return ok();
  return warn('state-readable-by-others', `other users may open ${open.join(', ')}`);
}

/** Both are well: a collector that runs, and none. */
export function checkHolder(path: string): Result {
  return isStateLocked(resolve(path)) ? ok('a collector runs on it') : ok('no collector runs on it');
}

export async function checkNames(path: string, names: readonly string[]): Promise<Result> {
  return look(path, async storage => {
    const known = await storage.organizations();
    const lost = known.filter(name => !names.includes(name));
    const fresh = names.filter(name => !known.includes(name));
    if (lost.length === 0 || fresh.length === 0) return ok(known.length === 0 ? 'none yet' : known.join(', '));
    return fail(
      'organization-renamed',
      `the state knows ${quoted(lost)}, the configuration ${quoted(fresh)}`,
      'put the old name back; give another organization a storage.path of its own',
    );
  });
}

export async function checkParked(path: string): Promise<Result> {
  return look(path, async storage => {
    const parked: string[] = [];
    for (const name of await storage.organizations()) {
      parked.push(...(await storage.parked(name)).map(({ reason }) => reason));
      parked.push(...(await storage.parkedInventory(name)).map(({ reason }) => reason));
      parked.push(...(await storage.parkedStatements(name)).map(({ reason }) => reason));
    }
    if (parked.length === 0) return ok();
    return warn(
      'records-parked',
      `${parked.length} ${parked.length === 1 ? 'record waits' : 'records wait'}: ${[...new Set(parked)].join(', ')}`,
    );
  });
}

/** A note of the state; undefined where there is none. */
export async function noteOf(path: string, key: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const storage = await openStorage(path, { readOnly: true });
  try {
    return await storage.note(key);
  } finally {
    await storage.close();
  }
}

async function look(path: string, use: (storage: Storage) => Promise<Result>): Promise<Result> {
  if (!existsSync(path)) return skipped('there is no state yet');
  let storage: Storage;
  try {
    storage = await openStorage(path, { readOnly: true });
  } catch (error) {
    if (error instanceof ExitError && error.code === 'state-missing') return skipped('the state is of another version');
    throw error;
  }
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}

function quoted(names: readonly string[]): string {
  return names.map(name => JSON.stringify(name)).join(', ');
}
