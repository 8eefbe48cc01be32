import { describe, expect, it } from 'vitest';
import { hashId } from '../../src/storage/event-id.ts';
import { STREAMS } from '../../src/storage/ledger.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { acknowledged, event } from './conformance.ts';

const feed = { organization: 'acme', stream: 'organization' } as const;

describe('two ids with one hash', () => {
  const [one, other] = ['event 6344', 'event 83820'];

  it.each([
    ['the same second', 1500],
    ['different seconds', 1600],
  ])('are two events, in %s', async (_name, effectiveAt) => {
    expect(hashId(one)).toBe(hashId(other));
    const storage = await openStorage(':memory:');
    await storage.claim([event(one)]);
    await storage.commit({ atMs: 0, feed, settled: acknowledged(one) });
    expect(await storage.claim([event(other, { effectiveAt })])).toEqual(['claimed']);
    await storage.commit({ atMs: 0, feed, settled: acknowledged(other) });
    expect(await storage.fates('acme', [one, other])).toHaveProperty('size', 2);

    expect(await storage.prune('acme', 1501, STREAMS)).toBe(effectiveAt === 1500 ? 2 : 1);
    expect(await storage.fates('acme', [one, other])).toHaveProperty('size', effectiveAt === 1500 ? 0 : 1);
    await storage.close();
  });

  it('are two events when one of them is admitted again', async () => {
    const storage = await openStorage(':memory:');
    const excluded = [one, other].map(uid => ({ uid, feed, type: uid, effectiveAt: 1500 }));
    await storage.commit({ atMs: 0, feed, excluded });
    await storage.readmit('acme', [one]);
    expect(await storage.fates('acme', [one, other])).toEqual(new Map([[other, 'excluded']]));
    await storage.commit({ atMs: 0, feed, excluded });
    expect(await storage.fates('acme', [one, other])).toHaveProperty('size', 2);
    await storage.close();
  });
});
