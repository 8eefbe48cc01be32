/**
 * Loaded before the program (`node --import`) where a run is recorded: writes a line to a file once a transaction has
 * ended, so that the record shows what the program may rely on from then on.
 */
import { openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const { COMMIT_MARKS = '', SQLITE_SYNCHRONOUS = 'FULL' } = process.env;
const marks = openSync(COMMIT_MARKS, 'a');
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  // A log of a thousand pages is copied back too seldom for a short run; and the control syncs less.
  const smaller = sql
    .replace('wal_autocheckpoint = 256', 'wal_autocheckpoint = 40')
    .replace('synchronous = FULL', `synchronous = ${SQLITE_SYNCHRONOUS}`);
  exec.call(this, smaller);
  if (sql.endsWith('COMMIT')) writeSync(marks, 'committed\n');
};
