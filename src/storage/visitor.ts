import { DatabaseSync } from 'node:sqlite';
import { openError, storageError } from './sqlite-error.ts';
import { visitStateFile } from './state-file.ts';
import { existingStatePath } from './state-path.ts';

/** What became of a request: `gone` when the state that held it is another one. */
type RequestState = 'waiting' | 'taken' | 'gone' | { readonly answer: string };

/** A process beside the one that holds the state: it may ask, and nothing else. */
export interface Visitor {
  /** Leaves a request and returns its number. `atMs` is now. */
  ask(organization: string, kind: string, ask: string, atMs: number): number;
  look(id: number): RequestState;
  /** Takes a request away, answered or not. */
  withdraw(id: number): void;
  close(): void;
}

/** How long a statement waits for the process that writes. */
const BUSY_MS = 10_000;

/**
 * Opens the state beside the process that holds it. Each call throws a `retryable` CollectorError when the same may
 * succeed later.
 * @throws ExitError usage when there is no state of this version, stateDamaged.
 */
export function visitState(path: string): Visitor {
  const file = existingStatePath(path);
  const db = opened(file);
  const run = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storageError(file, error);
    }
  };
  return {
    ask: (organization, kind, ask, atMs) =>
      run(() => {
        const sql = 'INSERT INTO request (organization, kind, ask, asked_at_ms) VALUES (?, ?, ?, ?)';
        return Number(db.prepare(sql).run(organization, kind, ask, atMs).lastInsertRowid);
      }),
    look: id =>
      run(() => {
        const row = db.prepare('SELECT taken, answer FROM request WHERE id = ?').get(id);
        if (row === undefined) return 'gone';
        if (typeof row.answer === 'string') return { answer: row.answer };
        return row.taken === 1 ? 'taken' : 'waiting';
      }),
    withdraw: id => run(() => void db.prepare('DELETE FROM request WHERE id = ?').run(id)),
    close: () => db.close(),
  };
}

function opened(file: string): DatabaseSync {
  try {
    return visitStateFile(file, location => new DatabaseSync(location, { timeout: BUSY_MS }));
  } catch (error) {
    throw openError(file, error);
  }
}
