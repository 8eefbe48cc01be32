import { describe, expect, it } from 'vitest';
import { ApiTime } from '../../src/api/api-time.ts';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { CollectorError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { Source } from '../../src/pipeline/source.ts';
import { verifySource } from '../../src/pipeline/verify.ts';
import { Works } from '../../src/progress/works.ts';
import type { Receiver } from '../../src/receiver/receiver.ts';
import { STREAMS } from '../../src/storage/ledger.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { reachesOf } from '../support/reaches.ts';

const NOW_S = 1_000_000;
const SETTLE_S = 300;
const KEY = { organization: 'acme', stream: 'organization' } as const;
const HISTORY = { from: 0, to: NOW_S };
const signal = new AbortController().signal;

function event(uid: string, effectiveAt: number): ListedEvent {
  return { uid, type: 'user.added', effectiveAt, timeIsNeighbours: false, text: JSON.stringify({ id: uid }) };
}

/** A stream at work on an API that lists `listed`, in which the seconds of `bad` cannot be read. */
async function stage({ page = 10_000 } = {}) {
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
      for (let from = 0; from === 0 || from < events.length; from += page) {
        const here = events.slice(from, from + page);
        const ended = from + page >= events.length;
        yield { events: here, oldest: here.at(-1)?.effectiveAt, descending: true, ended };
      }
    },
    boundsHold: () => false,
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
      settleMs: SETTLE_S * 1000,
      startFrom: { text: '1970-01-01T00:00:00Z', kind: 'instant', atMs: 0 },
      reverify: [],
      excludeTypes: [],
    },
    undefined,
  );
  feed.start(NOW_S);
  const receivers = { live: receiver, gap: receiver, reverify: receiver };
  const works = new Works(clock);
  const source: Source = {
    feed,
    receivers,
    pipeline,
    time,
    clock,
    random: () => 0.5,
    log,
    hasSpare: () => true,
    livePaceMs: () => undefined,
    leastMs: () => 0,
    progress: works,
    said: new Set(),
  };
  const cover = async (...events: readonly ListedEvent[]) => {
    listed.push(...events);
    feed.sawEvents();
    await pipeline.deliver(feed, events, 'backfill', { span: HISTORY, nowS: NOW_S }, signal);
  };
  const verify = (span = HISTORY) => verifySource(source, [source], storage, span, signal);
  return { works, listed, bad, storage, sent, pipeline, feed, cover, verify };
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

  it('tells how far it is, as long as it lasts', async () => {
    const { cover, verify, works } = await stage();
    await cover(event('a', 100), event('b', 50_000));
    const reaches = reachesOf(works);
    await verify();
    const total = HISTORY.to - HISTORY.from - SETTLE_S;
    expect(reaches.at(0)).toMatchObject({ kind: 'verify', stream: 'organization', done: 3600, total });
    expect(reaches.length).toBeGreaterThan(3);
    expect(reaches.map(({ done }) => done)).toEqual(reaches.map(({ done }) => done).toSorted((a, b) => a - b));
    expect(reaches.at(-1)).toMatchObject({ done: total, total });
    expect(works.underWay()).toEqual([]);
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

  it('reads a second that is too dense to hold by itself, and what lies below it', async () => {
    const { cover, verify, sent } = await stage({ page: 100 });
    const dense = Array.from({ length: 900 }, (_, n) => event(`dense ${n}`, 2_000));
    const others = Array.from({ length: 150 }, (_, n) => event(`other ${n}`, 3_000));
    await cover(event('a', 300), ...dense, ...others);
    const { ok, lines } = await verify({ from: 0, to: 5_000 });
    expect(lines[0]).toContain('1051 listed, 1051 known, 0 missing');
    expect(ok).toBe(true);
    expect(sent).toHaveLength(1051);
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
    expect(await storage.prune('acme', 7200, STREAMS)).toBe(2);
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
