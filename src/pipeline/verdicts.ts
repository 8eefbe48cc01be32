import type { Verdict } from '../exporter/exporter.ts';
import type { LogRecord } from '../record.ts';
import type { Commit, InFlight, Settled, Statement } from '../storage/storage.ts';
import { isReplay, settledStatements } from './statement.ts';

/** An event that the backend does not take now. */
export interface SetAside {
  /** Unix seconds. */
  readonly second: number;
  /** Its second is a neighbour's: where it stands itself nobody knows. */
  readonly isPlaceless: boolean;
  readonly reason: string;
}

/** What the backend does not take now of what it was sent. */
export function asideOf(row: InFlight, verdict: Verdict | undefined): SetAside | undefined {
  if (verdict?.fate !== 'aside') return undefined;
  return { second: row.effectiveAt, isPlaceless: row.timeIsNeighbours, reason: verdict.message };
}

/** The fates that verdicts give, and what is to be said of them. */
export function settle(
  rows: readonly InFlight[],
  records: readonly LogRecord[],
  verdicts: readonly Verdict[],
  atMs: number,
): Required<Pick<Commit, 'settled' | 'released' | 'statements'>> {
  const settled: Settled[] = [];
  const statements: Statement[] = [];
  const released: string[] = [];
  rows.forEach((row, i) => {
    const [verdict, record] = [verdicts[i], records[i]];
    if (verdict === undefined || record === undefined) return;
    const fate = fateOf(row, verdict, atMs);
    if (fate === undefined) {
      released.push(row.uid);
      return;
    }
    settled.push(fate);
    statements.push(...settledStatements(row, fate, record, atMs));
  });
  return { settled, released, statements };
}

function fateOf(row: InFlight, verdict: Verdict, atMs: number): Settled | undefined {
  const { uid } = row;
  switch (verdict.fate) {
    case 'acknowledged':
      return { uid, fate: 'acknowledged' };
    case 'parked': {
      const { reason, message, certain } = verdict;
      return { uid, fate: 'parked', parked: { reason, message, certain, atMs } };
    }
    case 'aside':
      // Its second is covered, so nobody would meet it again: it waits where it waited before.
      return isReplay(row)
        ? { uid, fate: 'parked', parked: { reason: 'too_old', message: verdict.message, certain: true, atMs } }
        : undefined;
  }
}
