import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { FeedKey } from '../../src/storage/storage.ts';
import { event } from './conformance.ts';
import { temporaryFile } from './temporary-file.ts';

const IDS = 200_000;
const BATCH = 1000;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** As random as real ones, and the same in every run. */
function uidOf(n: number): string {
  const bytes = createHash('sha256').update(String(n)).digest();
  return `audit_log-${Array.from(bytes.subarray(0, 24), byte => DIGITS.charAt(byte % DIGITS.length)).join('')}`;
}

/** Two streams fill the same months one after the other, each upwards, some events in one second; both list a third. */
async function fill(path: string): Promise<void> {
  const storage = await openStorage(path);
  for (const stream of ['organization', 'tenant'] as const) {
    const feed: FeedKey = { organization: 'acme', stream };
    for (let from = 0; from < IDS; from += BATCH) {
      const numbers = Array.from({ length: BATCH }, (_, k) => from + k);
      const mine = numbers.filter(n => n % 3 === 0 || n % 2 === (stream === 'tenant' ? 1 : 0));
      const excluded = mine.map(n => ({
        ...event(uidOf(n), { feed, type: `type ${n % 80}` }),
        effectiveAt: 1_760_000_000 + Math.floor(n / 4) * 9,
      }));
      await storage.commit({ atMs: 0, feed, excluded });
    }
  }
  await storage.close();
}

describe('the ledger', () => {
  it('needs at most 75 bytes an id, its index and all else included', { timeout: 120_000 }, async () => {
    const path = temporaryFile();
    await fill(path);
    expect(statSync(path).size / IDS).toBeLessThanOrEqual(75);
  });
});
