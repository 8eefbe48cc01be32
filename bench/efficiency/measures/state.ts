import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openStorage } from '../../../src/storage/sqlite.ts';
import type { InFlight, Storage } from '../../../src/storage/storage.ts';
import { temporaryDirectory } from '../../../test/support/process.ts';
import type { Measure } from '../figure.ts';

const FEED = { organization: 'acme', stream: 'organization' } as const;
const BATCH = 100;
const FILLED_AT_ONCE = 1_000;
const TIMES = 100;
const START_S = 1_760_000_000;
/** Events a second: a storm's. */
const DENSITY = 20;
const MOST_BYTES = 75;

/** What an event takes in a full ledger, and what its claim and commit take there beside an empty one, in turn. */
export const state: Measure = {
  name: 'state',
  async run(most) {
    const { path, remove } = await temporaryDirectory();
    try {
      const full = await openStorage(join(path, 'full.db'));
      await fill(full, most);
      await full.close();
      const { size } = await stat(join(path, 'full.db'));
      const [filled, empty] = await Promise.all(['full.db', 'empty.db'].map(name => openStorage(join(path, name))));
      if (filled === undefined || empty === undefined) throw new Error('a state file is missing');
      const [ours, floor] = await sendInTurn([filled, empty], most);
      await Promise.all([filled.close(), empty.close()]);
      const at = `at ${most.toLocaleString('en-US')} ids`;
      return [
        { what: `ledger an event, ${at}`, unit: 'B', ours: size / most, most: { of: 'ours', value: MOST_BYTES } },
        {
          what: `claim and commit of a batch, median, ${at}; floor: an empty file`,
          unit: 'ms',
          ours: median(ours ?? []),
          floor: median(floor ?? []),
        },
      ];
    } finally {
      await remove();
    }
  },
};

async function fill(storage: Storage, count: number): Promise<void> {
  for (let from = 0; from < count; from += FILLED_AT_ONCE) await send(storage, rows(from, FILLED_AT_ONCE));
}

async function sendInTurn(storages: readonly Storage[], from: number): Promise<readonly (readonly number[])[]> {
  const times: number[][] = storages.map(() => []);
  for (let i = 0; i < TIMES; i += 1) {
    const batch = rows(from + i * BATCH, BATCH);
    for (const [which, storage] of storages.entries()) {
      const startedMs = performance.now();
      await send(storage, batch);
      times[which]?.push(performance.now() - startedMs);
    }
  }
  return times;
}

async function send(storage: Storage, batch: readonly InFlight[]): Promise<void> {
  await storage.claim(batch);
  const settled = batch.map(({ uid }) => ({ uid, fate: 'acknowledged' }) as const);
  await storage.commit({ feed: FEED, atMs: START_S * 1000, settled });
}

function rows(from: number, count: number): readonly InFlight[] {
  return Array.from({ length: count }, (_, i) => row(from + i));
}

function row(n: number): InFlight {
  const uid = `audit_log-${scattered(n).toString(36).padStart(12, '0')}${n.toString(36).padStart(12, '0')}`;
  return {
    uid,
    feed: FEED,
    type: `type.${n % 20}`,
    effectiveAt: START_S + Math.floor(n / DENSITY),
    way: 'gap/1',
    delivery: 'backfill',
    observedAtMs: START_S * 1000,
    timeIsNeighbours: false,
    event: JSON.stringify({ id: uid, padding: 'x'.repeat(900) }),
  };
}

/** Neighbours end far apart, as real ids do. */
function scattered(n: number): number {
  const mixed = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
