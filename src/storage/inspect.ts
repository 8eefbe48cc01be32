import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { changedObject } from './schema.ts';
import { addSealFunction, brokenSeal } from './seal.ts';
import { damaged, openError } from './sqlite-error.ts';
import { viewStateFile } from './state-file.ts';
import { existingStatePath } from './state-path.ts';

/** Reading a larger file would take more than a moment. */
const MOST_READ_BYTES = 64 * 1024 * 1024;
const BUSY_MS = 1000;

/**
 * Reads the state beside whoever holds it, changes nothing, and says how much of it was read.
 * @throws ExitError state-missing, state-foreign, state-newer, state-damaged, or what opening says.
 */
export function inspectState(path: string): 'whole' | 'its schema' {
  const file = existingStatePath(path);
  try {
    const db = viewStateFile(file, location => new DatabaseSync(location, { timeout: BUSY_MS }));
    try {
      return inspect(db, file);
    } finally {
      db.close();
    }
  } catch (error) {
    throw openError(file, error);
  }
}

function inspect(db: DatabaseSync, file: string): 'whole' | 'its schema' {
  const changed = changedObject(db);
  if (changed !== undefined) throw damaged(file, `its schema has another ${changed}`);
  if (statSync(file).size > MOST_READ_BYTES) return 'its schema';
  const verdict = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  if (verdict !== 'ok') throw damaged(file, String(verdict));
  addSealFunction(db);
  const broken = brokenSeal(db);
  if (broken !== undefined) throw damaged(file, `a row of the table ${broken} is not as it was written`);
  return 'whole';
}
