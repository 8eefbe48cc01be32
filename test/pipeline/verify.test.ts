import { describe, expect, it } from 'vitest';
import { ApiTime } from '../../src/api/api-time.ts';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { CollectorError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { Source } from '../../src/pipeline/source.ts';
import { verifySource } from '../../src/pipeline/verify.ts';
import type { Receiver } from '../../src/receiver/receiver.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOW_S = 1_000_000;
const KEY = { organization: 'acme', stream: 'organization' } as const;
const HISTORY = { from: 0, to: NOW_S };
const signal = new AbortController().signal;

function event(uid: string, effectiveAt: number): ListedEvent {
  return { uid, type: 'user.added', effectiveAt, timeIsNeighbours: false, text: JSON.stringify({ id: uid }) };
}

/** A stream at work on an API that lists `listed`, in which the seconds of `bad` cannot be read. */
async function stage() {
  const clock = createFakeClock({ auto: true });
  const listed: ListedEvent[] = [];
  const bad = new Set<number>();
  const time = new ApiTime(clock);
  for (const _ of [1, 2, 3]) time.observe(NOW_S);
  const receiver: Receiver = {
    async *walk({ gte = 0, lte = Number.POSITIVE_INFINITY }) {
      if ([...bad].some(second => gte <= second && second <= lte)) throw new CollectorError('malformed', 'half a body');
      const events = listed.filter(each => gte <= each.effectiveAt && each.effectiveAt <= lte);
      events.sort((a, b) => b.effectiveAt - a.effectiveAt);
      yield { events, oldest: events.at(-1)?.effectiveAt, descending: true, ended: true };
    },
  };
  const storage = await openStorage(':memory:');
  const log = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });
  const sent: string[] = [];
  const deliver = async (records: readonly { readonly observedAtMs: number }[]) =>
    records.map(() => ({ fate: 'acknowledged' as const }));
  const pipeline = new Pipeline({
    organization: 'acme',
    storage,
    processor: observed => {
      sent.push(observed.uid);
      return { resource: {}, timestamp: 0, observedAtMs: 0, eventName: '', severityNumber: 9, attributes: {} };
    },
    ownProcessor: () => {
      throw new Error('nothing is said here');
    },
    deliveries: { live: { deliver }, rest: { deliver } },
    clock,
    random: () => 0.5,
    log,
    excludeTypes: [],
    batchRecords: 100,
    grace: signal,
  });
  const feed = new Feed(
    KEY,
    {
      enabled: true,
      streams: ['organization', 'tenant'],
      pollIntervalMs: 30_000,
      settleMs: 300_000,
      startFrom: { text: '1970-01-01T00:00:00Z', kind: 'instant', atMs: 0 },
      reverify: [],
      excludeTypes: [],
    },
    undefined,
  );
  feed.start(NOW_S);
  const receivers = { live: receiver, gap: receiver, reverify: receiver };
  const source: Source = {
    feed,
    receivers,
    pipeline,
    time,
    clock,
    random: () => 0.5,
    log,
    hasSpare: () => true,
    said: new Set(),
  };
  const cover = async (...events: readonly ListedEvent[]) => {
    listed.push(...events);
    feed.sawEvents();
    await pipeline.deliver(feed, events, 'backfill', { span: HISTORY, nowS: NOW_S }, signal);
  };
  const verify = (span = HISTORY) => verifySource(source, storage, span, signal);
  return { listed, bad, storage, sent, pipeline, feed, cover, verify };
}

describe('verify', () => {
  it('is content when all is known', async () => {
    const { cover, verify } = await stage();
    await cover(event('a', 100), event('b', 50_000));
    const { ok, lines } = await verify();
    expect(ok).toBe(true);
    expect(lines).toEqual([
      'acme/organization: 1970-01-01T00:00:00Z to 1970-01-12T13:41:40Z: 2 listed, 2 known, 0 missing (0 of them late), 0 newly withdrawn',
    ]);
  });

  it('delivers what is missing, and says what was late and what is gone', async () => {
    const { cover, verify, listed, sent } = await stage();
    await cover(event('a', 100), event('b', 50_000));
    listed.splice(0, 1, event('x', 200), event('y', 60_000));
    const { ok, lines } = await verify();
    expect(ok).toBe(false);
    expect(lines[0]).toContain('3 listed, 1 known, 2 missing (2 of them late), 1 newly withdrawn');
    expect(lines[1]).toContain('is delivered');
    expect(sent).toEqual(['a', 'b', 'x', 'y']);
    expect((await verify()).ok).toBe(true);
  });

  it('reads nothing outside the history and the span that was asked', async () => {
    const { cover, verify, listed } = await stage();
    await cover(event('a', 100));
    listed.push(event('x', 500), event('y', 1000));
    expect((await verify({ from: 400, to: 900 })).lines[0]).toContain('1 listed, 0 known, 1 missing');
    expect(await verify({ from: NOW_S - 10, to: NOW_S })).toMatchObject({ ok: true });
  });

  it('goes on around a second that cannot be read, and names it', async () => {
    const { cover, verify, listed, bad, sent } = await stage();
    await cover(event('a', 300), event('b', 400));
    listed.push(event('x', 50), event('y', 250));
    bad.add(200);
    const { ok, lines } = await verify({ from: 0, to: 500 });
    expect(ok).toBe(false);
    expect(sent.toSorted()).toEqual(['a', 'b', 'x', 'y']);
    // A second is read together with its neighbours, as a check.
    expect(lines.at(-1)).toBe('acme/organization: not verified: 1970-01-01T00:03:19Z to 1970-01-01T00:03:22Z');
  });

  it('says what it cannot begin without', async () => {
    const { cover, verify, bad } = await stage();
    await cover(event('a', 300));
    bad.add(300);
    expect(await verify()).toEqual({ ok: false, lines: ['acme/organization: half a body'] });
  });

  it('compares numbers where the ids are forgotten, and delivers nothing there', async () => {
    const { cover, verify, listed, storage, sent, feed, pipeline } = await stage();
    await cover(event('a', 100), event('b', 200), event('c', 90_000));
    feed.forgetBefore(7200);
    await pipeline.save(feed);
    expect(await storage.prune('acme', 7200)).toBe(2);
    const same = await verify();
    expect(same.ok).toBe(true);
    expect(same.lines[1]).toContain('ids are forgotten');
    listed.push(event('x', 150));
    const { ok, lines } = await verify();
    expect(ok).toBe(false);
    expect(lines.at(-1)).toContain('1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z: 3 listed, 2 known by number');
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('refuses to compare with another organization', async () => {
    const { cover, verify, listed, sent } = await stage();
    await cover(event('a', 100));
    listed.splice(0, 1, event('foreign', 100));
    const { ok, lines } = await verify();
    expect(ok).toBe(false);
    expect(lines[0]).toContain('shows another organization');
    expect(sent).toEqual(['a']);
  });
});
