import { describe, expect, it } from 'vitest';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { identify } from '../../src/pipeline/identity.ts';
import type { Source } from '../../src/pipeline/source.ts';
import type { Receiver } from '../../src/receiver/receiver.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { FeedKey, Storage } from '../../src/storage/storage.ts';
import { AUDIT_LOGS } from '../support/audit-logs.ts';

const signal = new AbortController().signal;

/** A stream whose listing has these ids, each at its second. */
function streamOf(stream: FeedKey['stream'], listed: Readonly<Record<string, number>>, floor = 0): Source {
  const feed = new Feed({ organization: 'acme', stream }, AUDIT_LOGS, undefined);
  feed.forgetBefore(floor);
  const live: Receiver = {
    async *walk({ gte = 0, lte = Number.POSITIVE_INFINITY }) {
      const events = Object.entries(listed)
        .filter(([, at]) => gte <= at && at <= lte)
        .map(([uid, at]): ListedEvent => ({ uid, type: 't', effectiveAt: at, timeIsNeighbours: false, text: '{}' }));
      yield { events, oldest: events.at(-1)?.effectiveAt, descending: true, ended: true };
    },
    boundsHold: () => true,
  };
  return { feed, receivers: { live } } as Partial<Source> as Source;
}

/** A ledger that knows these ids of a stream. */
async function knowing(known: Readonly<Partial<Record<FeedKey['stream'], Readonly<Record<string, number>>>>>) {
  const storage = await openStorage(':memory:');
  for (const [stream, ids] of Object.entries(known)) {
    const feed = { organization: 'acme', stream: stream as FeedKey['stream'] };
    const excluded = Object.entries(ids).map(([uid, effectiveAt]) => ({ uid, feed, type: 't', effectiveAt }));
    await storage.commit({ feed, atMs: 0, excluded });
  }
  return storage;
}

const ask = (storage: Storage, source: Source, ...others: readonly Source[]) =>
  identify(source, [source, ...others], storage, signal);

describe('a key', () => {
  it('shows the organization of which it lists a known id', async () => {
    const storage = await knowing({ organization: { a: 10, b: 20 } });
    expect(await ask(storage, streamOf('organization', { b: 20, c: 30 }))).toBe('same');
    expect(await ask(storage, streamOf('organization', { x: 10, y: 20 }))).toBe('another');
    expect(await ask(storage, streamOf('organization', { c: 30 }))).toBe('empty');
  });

  it('shows another only when no stream knows it', async () => {
    const storage = await knowing({ organization: { a: 10 }, tenant: { gone: 50 } });
    const quiet = streamOf('tenant', { z: 50 });
    expect(await ask(storage, quiet, streamOf('organization', { a: 10 }))).toBe('same');
    expect(await ask(storage, quiet, streamOf('organization', { x: 10 }))).toBe('another');
    const silent = await knowing({ tenant: { gone: 50 } });
    expect(await ask(silent, quiet, streamOf('organization', { x: 10 }))).toBe('another');
  });

  it('is not judged by what is forgotten around it, or known to be gone', async () => {
    const storage = await knowing({ organization: { parked: 10, gone: 20 } });
    await storage.commit({ feed: { organization: 'acme', stream: 'organization' }, atMs: 0, withdrawn: ['gone'] });
    const listed = { x: 10, y: 20 };
    expect(await ask(storage, streamOf('organization', listed))).toBe('another');
    expect(await ask(storage, streamOf('organization', listed, 15))).toBe('same');
  });
});
