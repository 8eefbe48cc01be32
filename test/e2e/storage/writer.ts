/**
 * A process that claims and settles events for ever, prints what it was told is durable, and retries what failed:
 * `node writer.ts <path of the state file>`.
 */
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { CollectorError, ExitError } from '../../../src/errors.ts';
import { openStorage } from '../../../src/storage/sqlite.ts';
import type { FeedKey, InFlight, Storage } from '../../../src/storage/storage.ts';

const feed: FeedKey = { organization: 'acme', stream: 'organization' };
const BATCH = 20;

try {
  await writeForEver(await openStorage(process.argv[2] ?? ''));
} catch (error) {
  process.stdout.write(`stopped ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ExitError ? error.exitCode : 1;
}

async function writeForEver(storage: Storage): Promise<never> {
  for (let from = 0; ; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, k) => rowOf(from + k));
    await untilDone(() => storage.claim(rows));
    process.stdout.write(`claimed ${from}\n`);
    const coverage = [{ from: 0, to: from + BATCH, verifiedAt: from }];
    const rest = { startText: '', startAt: 0, listed: true, floor: 0, ways: {} };
    const settled = rows.map(({ uid }) => ({ uid, fate: 'acknowledged' as const }));
    await untilDone(() => storage.commit({ atMs: 0, feed, settled, state: { ...rest, coverage } }));
    process.stdout.write(`settled ${from}\n`);
    await setImmediate();
  }
}

function rowOf(n: number): InFlight {
  const uid = `audit_log-${String(n).padStart(24, '0')}`;
  const rest = {
    way: 'live',
    delivery: 'live' as const,
    observedAtMs: n,
    timeIsNeighbours: false,
    event: 'x'.repeat(1000),
  };
  return { uid, feed, type: `type ${n % 5}`, effectiveAt: n, ...rest };
}

async function untilDone<T>(write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof CollectorError)) throw error;
      process.stdout.write(`${error.kind} ${error.message}\n`);
      await delay(20);
    }
  }
}
