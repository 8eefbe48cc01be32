import { beforeEach, describe, expect, it } from 'vitest';
import type { ListedEvent } from '../../src/api/audit-log.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Delivery, Verdict } from '../../src/exporter/exporter.ts';
import { createLogger } from '../../src/log.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import { Pipeline, type Proof } from '../../src/pipeline/pipeline.ts';
import type { LogRecord } from '../../src/record.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { FeedKey, Storage } from '../../src/storage/storage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const NOW_S = 1_000_000;
const KEY: FeedKey = { organization: 'acme', stream: 'organization' };
const TENANT: FeedKey = { organization: 'acme', stream: 'tenant' };
const WHOLE: Proof = { span: { from: 0, to: NOW_S }, nowS: NOW_S };
const NOTHING: Proof = { span: { from: 0, to: 0 }, nowS: NOW_S };

const signal = new AbortController().signal;
const clock = createFakeClock({ auto: true });
const silent = createLogger({ level: 'error', format: 'text', clock, write: () => undefined });

function event(uid: string, effectiveAt: number, type = 'user.added'): ListedEvent {
  return { uid, type, effectiveAt, timeIsNeighbours: false, text: JSON.stringify({ id: uid, type }) };
}

/** A backend that keeps what it is sent, answering as `answer` says. */
class Backend implements Delivery {
  readonly batches: LogRecord[][] = [];
  answer: (record: LogRecord) => Verdict | Promise<Verdict> = () => ({ fate: 'acknowledged' });

  async deliver(records: readonly LogRecord[]): Promise<readonly Verdict[]> {
    this.batches.push([...records]);
    return Promise.all(records.map(record => this.answer(record)));
  }

  get uids(): readonly string[] {
    return this.batches.flat().map(record => String(record.attributes.uid));
  }

  get ways(): readonly string[] {
    return this.batches.flat().map(record => String(record.resource.way));
  }
}

let storage: Storage;
let backend: Backend;
let feed: Feed;

beforeEach(async () => {
  storage = await openStorage(':memory:');
  backend = new Backend();
  feed = startedFeed(KEY);
});

function startedFeed(key: FeedKey): Feed {
  const config = {
    enabled: true,
    streams: ['organization', 'tenant'] as const,
    pollIntervalMs: 30_000,
    settleMs: 300_000,
    startFrom: { text: '1970-01-01T00:00:00Z', kind: 'instant', atMs: 0 } as const,
    reverify: [],
    excludeTypes: [],
  };
  const started = new Feed(key, config, undefined);
  started.start(NOW_S);
  started.sawEvents();
  return started;
}

function pipeline(options: { readonly storage?: Storage; readonly excludeTypes?: readonly string[] } = {}): Pipeline {
  return new Pipeline({
    organization: 'acme',
    storage: options.storage ?? storage,
    processor: observed => ({
      resource: { way: observed.way },
      timestamp: observed.effectiveAt,
      observedAtMs: observed.observedAtMs,
      eventName: 'test',
      severityNumber: 9,
      attributes: { uid: observed.uid, delivery: observed.delivery },
    }),
    ownProcessor: ({ uid, way, atMs, facts }) => ({
      resource: { way },
      timestamp: atMs / 1000,
      observedAtMs: atMs,
      eventName: 'own',
      severityNumber: 9,
      attributes: { ...facts, uid },
    }),
    deliveries: { live: backend, rest: backend },
    clock,
    random: () => 0.5,
    log: silent,
    excludeTypes: options.excludeTypes ?? [],
    batchRecords: 2,
    grace: new AbortController().signal,
  });
}

/** The storage, of which one call happens and fails nevertheless. */
function failingOnce(method: 'claim'): Storage {
  let failed = false;
  return new Proxy(storage, {
    get(target, name: keyof Storage) {
      if (name !== method || failed) return target[name].bind(target);
      return async (...values: Parameters<Storage['claim']>) => {
        await target.claim(...values);
        failed = true;
        throw new CollectorError('retryable', 'disk I/O error');
      };
    },
  });
}

const coverageOf = async () => (await storage.feed(KEY))?.coverage.map(({ from, to }) => ({ from, to }));
/** What waits to be said, besides coverage. */
const statements = async () => (await storage.statements('acme', 100, 0)).filter(({ name }) => name !== 'coverage');
const forgetCoverage = async () => {
  const all = await storage.statements('acme', 100, 0);
  const coverage = all.filter(({ name }) => name === 'coverage');
  await storage.settleStatements(
    'acme',
    coverage.map(({ uid }) => ({ uid, fate: 'acknowledged' })),
  );
};
const fateOf = async (uid: string) => (await storage.fates('acme', [uid])).get(uid);

describe('the pipeline', () => {
  it('sends each event once, in the order it is given, and covers the span up to what is settled', async () => {
    const line = pipeline();
    const events = [event('a', 10), event('b', 20), event('c', 30)];
    expect(await line.deliver(feed, events, 'backfill', WHOLE, signal)).toMatchObject({
      found: 3,
      late: 0,
      aside: undefined,
    });
    expect(await line.deliver(feed, events, 'backfill', NOTHING, signal)).toMatchObject({
      found: 0,
    });
    expect(backend.uids).toEqual(['a', 'b', 'c']);
    expect(await coverageOf()).toEqual([{ from: 0, to: NOW_S - 300 }]);
  });

  it('covers nothing when the API time cannot be trusted', async () => {
    await pipeline().deliver(feed, [event('a', 10)], 'backfill', { ...WHOLE, nowS: undefined }, signal);
    expect(backend.uids).toEqual(['a']);
    expect(await coverageOf()).toEqual([]);
  });

  it('has an event in flight, and not covered, while the backend has not answered', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Verdict>();
    backend.answer = () => {
      asked.resolve();
      return answer.promise;
    };
    const delivered = pipeline().deliver(feed, [event('a', 10)], 'live', WHOLE, signal);
    await asked.promise;
    expect(await fateOf('a')).toBe('in_flight');
    expect(feed.state.coverage).toEqual([]);
    answer.resolve({ fate: 'acknowledged' });
    await delivered;
    expect(await fateOf('a')).toBe('acknowledged');
  });

  it('commits batch by batch: what was acknowledged before a failure stays covered', async () => {
    backend.answer = ({ attributes }) => {
      if (attributes.uid === 'c') throw new Error('killed');
      return { fate: 'acknowledged' };
    };
    const events = [event('a', 10), event('b', 20), event('c', 30), event('d', 40)];
    await expect(pipeline().deliver(feed, events, 'backfill', WHOLE, signal)).rejects.toThrow('killed');
    expect(await coverageOf()).toEqual([{ from: 0, to: 30 }]);
    expect((await storage.inFlight('acme')).map(row => row.uid)).toEqual(['c', 'd']);
  });

  it('does not cover a second that continues in a batch not delivered yet', async () => {
    backend.answer = ({ attributes }) => {
      if (attributes.uid === 'c') throw new Error('killed');
      return { fate: 'acknowledged' };
    };
    const events = [event('a', 10), event('b', 20), event('c', 20)];
    await expect(pipeline().deliver(feed, events, 'backfill', WHOLE, signal)).rejects.toThrow('killed');
    expect(await coverageOf()).toEqual([{ from: 0, to: 20 }]);
  });

  it('sends what was in flight again after a restart, as the same record on the same way', async () => {
    backend.answer = () => {
      throw new Error('killed');
    };
    await expect(pipeline().deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal)).rejects.toThrow('killed');
    backend.answer = () => ({ fate: 'acknowledged' });
    await clock.advance(60_000);
    const { events, sent } = await pipeline().resume([startedFeed(KEY)], signal);
    await sent;
    expect(events).toBe(1);
    expect(backend.batches[1]).toEqual(backend.batches[0]);
    expect(await fateOf('a')).toBe('acknowledged');
    expect(await storage.inFlight('acme')).toEqual([]);
  });

  it('waits for the fate of an event that another stream claimed, before it covers it', async () => {
    const answer = Promise.withResolvers<Verdict>();
    backend.answer = () => answer.promise;
    const line = pipeline();
    const tenant = startedFeed(TENANT);
    const first = line.deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal);
    const second = line.deliver(tenant, [event('a', 10)], 'backfill', WHOLE, signal);
    await new Promise(setImmediate);
    expect(tenant.state.coverage).toEqual([]);
    answer.resolve({ fate: 'acknowledged' });
    expect(await first).toMatchObject({ found: 1 });
    expect(await second).toMatchObject({ found: 0 });
    expect(backend.uids).toEqual(['a']);
    expect(tenant.state.coverage).toMatchObject([{ from: 0, to: NOW_S - 300 }]);
  });

  it('calls an unknown event inside a covered interval late, on a way of its own', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('a', 100), event('b', 300)], 'backfill', WHOLE, signal);
    expect(await line.deliver(feed, [event('x', 200)], 'live', NOTHING, signal)).toMatchObject({ found: 1, late: 1 });
    expect(backend.ways).toEqual(['gap/1', 'gap/1', 'late/1']);
    expect(backend.batches.at(-1)?.[0]?.attributes.delivery).toBe('late');
  });

  it('takes the next way when an export would step back in time', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('b', 300)], 'backfill', NOTHING, signal);
    await line.deliver(feed, [event('a', 100)], 'backfill', NOTHING, signal);
    await line.deliver(feed, [event('c', 200)], 'backfill', NOTHING, signal);
    expect(backend.ways).toEqual(['gap/1', 'gap/2', 'gap/2']);
    expect((await storage.feed(KEY))?.ways.gap).toEqual({ n: 2, at: 200 });
  });

  it('keeps an id that comes again with another type as another event', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('a', 10, 'user.added')], 'live', NOTHING, signal);
    await line.deliver(feed, [event('a', 10, 'user.deleted')], 'live', NOTHING, signal);
    await line.deliver(feed, [event('a', 10, 'user.deleted')], 'live', NOTHING, signal);
    expect(backend.uids).toEqual(['a', 'a#user.deleted']);
  });

  it('gives an excluded event a fate without sending it, and covers it', async () => {
    const events = [event('a', 10), event('b', 20, 'login.succeeded')];
    await pipeline({ excludeTypes: ['login.succeeded'] }).deliver(feed, events, 'backfill', WHOLE, signal);
    expect(backend.uids).toEqual(['a']);
    expect(await fateOf('b')).toBe('excluded');
    expect(await storage.counts(KEY, WHOLE.span)).toMatchObject({ acknowledged: 1, excluded: 1 });
    expect(feed.state.coverage).toHaveLength(1);
  });

  it('gives an excluded event a fate of its own when its id is known with another type', async () => {
    const line = pipeline({ excludeTypes: ['login.succeeded'] });
    await line.deliver(feed, [event('a', 10)], 'live', NOTHING, signal);
    await line.deliver(feed, [event('a', 10, 'login.succeeded')], 'live', WHOLE, signal);
    expect([await fateOf('a'), await fateOf('a#login.succeeded')]).toEqual(['acknowledged', 'excluded']);
  });

  it('asks storage once for what the tail lists again and again, and again once it was gone', async () => {
    let claims = 0;
    const counting = new Proxy(storage, {
      get(target, name: keyof Storage) {
        if (name === 'claim') claims += 1;
        return target[name].bind(target);
      },
    });
    const line = pipeline({ storage: counting });
    const poll = () => line.deliver(feed, [event('a', 10)], 'live', WHOLE, signal);
    await poll();
    await poll();
    expect(claims).toBe(1);
    await line.deliver(feed, [], 'backfill', { ...WHOLE, withdrawn: ['a'] }, signal);
    await poll();
    expect(claims).toBe(2);
    for await (const listed of storage.ids(KEY, WHOLE.span)) expect(listed).not.toHaveProperty('withdrawn');
  });

  it('parks what the backend refuses for good, and covers it', async () => {
    backend.answer = () => ({ fate: 'parked', reason: 'refused', message: 'line too long', certain: true });
    await pipeline().deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal);
    expect(await storage.parked('acme')).toMatchObject([{ uid: 'a', reason: 'refused', message: 'line too long' }]);
    expect(await coverageOf()).toEqual([{ from: 0, to: NOW_S - 300 }]);
  });

  it('says what is parked and what came late, in the transaction that makes it true', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('a', 100)], 'backfill', WHOLE, signal);
    backend.answer = ({ attributes }) =>
      attributes.uid === 'y'
        ? { fate: 'parked', reason: 'refused', message: 'line too long', certain: true }
        : { fate: 'acknowledged' };
    await line.deliver(feed, [event('x', 200), event('y', 300)], 'live', NOTHING, signal);
    const atMs = clock.nowMs();
    const about = { stream: 'organization', event_type: 'user.added' };
    const [x, y] = [200, 300].map(at => ({
      event_time: new Date(at * 1000).toISOString().replace('.000', ''),
      late_by: atMs / 1000 - at,
      severity: 9,
    }));
    expect(await statements()).toMatchObject([
      { uid: 'late/acme/x', name: 'late', atMs, facts: { ...about, event_uid: 'x', ...x } },
      { uid: 'late/acme/y', name: 'late', atMs, facts: { ...about, event_uid: 'y', ...y } },
      { uid: 'parked/acme/y', name: 'parked', atMs, facts: { reason: 'refused', message: 'line too long' } },
    ]);
  });

  it('sends its statements oldest first, and again as the same record when it was stopped before the acknowledgement', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('a', 100)], 'backfill', WHOLE, signal);
    await line.deliver(feed, [event('x', 200), event('y', 300), event('z', 400)], 'live', NOTHING, signal);
    backend.answer = () => {
      throw new Error('killed');
    };
    await forgetCoverage();
    const sent = backend.batches.length;
    await expect(line.statements.flush(signal)).rejects.toThrow('killed');
    backend.answer = () => ({ fate: 'acknowledged' });
    await clock.advance(60_000);
    await pipeline().statements.flush(signal);
    const [first, second, third] = backend.batches.slice(sent);
    expect(second).toEqual(first);
    expect([second, third].map(batch => batch?.map(each => each.attributes.uid))).toEqual([
      ['late/acme/x', 'late/acme/y'],
      ['late/acme/z'],
    ]);
    expect(await statements()).toEqual([]);
  });

  it('keeps statements that the backend refuses, and those that it calls too old, without holding up the others', async () => {
    const line = pipeline();
    feed.becomes({ state: 'live' }, 1000);
    feed.becomes({ state: 'limited', reason: 'asked to wait' }, 2000);
    feed.becomes({ state: 'live' }, 3000);
    await line.save(feed);
    backend.answer = ({ attributes, timestamp }) => {
      if (timestamp < 2) return { fate: 'aside', message: 'too old' };
      if (attributes.state === 'limited') return { fate: 'parked', reason: 'refused', message: 'no', certain: true };
      return { fate: 'acknowledged' };
    };
    await line.statements.flush(signal);
    expect((await storage.parkedStatements('acme')).map(({ facts }) => facts.state)).toEqual(['limited']);
    expect((await statements()).map(({ atMs }) => atMs)).toEqual([1000]);
  });

  it('says each change of a condition once, also after a restart', async () => {
    const line = pipeline();
    feed.becomes({ state: 'live' }, 1000);
    await line.save(feed);
    const again = new Feed(KEY, feed.config, await storage.feed(KEY));
    again.becomes({ state: 'live' }, 2000);
    again.becomes({ state: 'behind', behindS: 7200 }, 3000);
    await line.save(again);
    await line.save(again);
    expect((await statements()).map(({ uid, facts }) => [uid, facts])).toEqual([
      ['feed/acme/organization/live/1970-01-01T00:00:01Z', { stream: 'organization', state: 'live' }],
      [
        'feed/acme/organization/behind/1970-01-01T00:00:03Z',
        { stream: 'organization', state: 'behind', previous: 'live', behind: 7200 },
      ],
    ]);
  });

  it('leaves open only the seconds of what the backend takes later, and sends that again when it is met again', async () => {
    backend.answer = ({ attributes }) =>
      attributes.uid === 'b' ? { fate: 'aside', message: 'too old' } : { fate: 'acknowledged' };
    const line = pipeline();
    const events = [event('a', 10), event('b', 20), event('c', 30), event('d', 40)];
    const delivered = await line.deliver(feed, events, 'backfill', WHOLE, signal);
    expect(delivered.aside).toEqual({ from: 20, to: 21 });
    expect(await fateOf('b')).toBeUndefined();
    expect(feed.isCovered(20)).toBe(false);
    expect(feed.isCovered(40)).toBe(true);
    backend.answer = () => ({ fate: 'acknowledged' });
    await line.deliver(feed, events.slice(0, 3), 'backfill', { span: { from: 0, to: 31 }, nowS: NOW_S }, signal);
    expect(backend.uids).toEqual(['a', 'b', 'c', 'd', 'b']);
    expect(feed.isCovered(20)).toBe(true);
  });

  it('sends parked events again on a way of their own, and says again what is still refused', async () => {
    const line = pipeline();
    const park: Verdict = { fate: 'parked', reason: 'refused', message: 'no', certain: true };
    backend.answer = () => park;
    await line.deliver(feed, [event('a', 10), event('b', 20), event('c', 30)], 'backfill', WHOLE, signal);
    backend.answer = ({ attributes }) =>
      attributes.uid === 'a'
        ? { fate: 'acknowledged' }
        : attributes.uid === 'b'
          ? park
          : { fate: 'aside', message: 'too old' };
    const sent = backend.batches.length;
    expect(await line.replay(feed, await storage.parked('acme'), signal)).toEqual(['b', 'c']);
    const records = backend.batches.slice(sent).flat();
    expect(records.map(({ attributes, resource }) => [attributes.uid, resource.way])).toEqual([
      ['a', 'replay/1'],
      ['b', 'replay/1'],
      ['c', 'replay/1'],
    ]);
    expect((await storage.parked('acme')).map(({ uid, reason }) => [uid, reason])).toEqual([
      ['b', 'refused'],
      ['c', 'too_old'],
    ]);
    expect((await statements()).map(({ uid }) => uid)).toEqual([
      'parked/acme/a',
      'parked/acme/b',
      'parked/acme/c',
      'parked/acme/b/replay/1',
      'parked/acme/c/replay/1',
    ]);
    backend.answer = () => ({ fate: 'acknowledged' });
    await line.replay(feed, await storage.parked('acme'), signal);
    expect(backend.ways.slice(-2)).toEqual(['replay/2', 'replay/2']);
    expect(await storage.parked('acme')).toEqual([]);
  });

  it('tells of each replay that is refused again', async () => {
    const line = pipeline();
    backend.answer = () => ({ fate: 'parked', reason: 'refused', message: 'no', certain: true });
    await line.deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal);
    for (const _ of [1, 2]) await line.replay(feed, await storage.parked('acme'), signal);
    const uids = ['parked/acme/a', 'parked/acme/a/replay/1', 'parked/acme/a/replay/2'];
    expect((await statements()).map(({ uid }) => uid)).toEqual(uids);
  });

  it('delivers a replay that was cut off, on its way, at the next start', async () => {
    backend.answer = () => ({ fate: 'parked', reason: 'refused', message: 'no', certain: true });
    await pipeline().deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal);
    backend.answer = () => {
      throw new Error('killed');
    };
    await expect(pipeline().replay(feed, await storage.parked('acme'), signal)).rejects.toThrow('killed');
    backend.answer = () => ({ fate: 'acknowledged' });
    const { events, sent } = await pipeline().resume([startedFeed(KEY)], signal);
    await sent;
    expect(events).toBe(1);
    expect(backend.ways.slice(-2)).toEqual(['replay/1', 'replay/1']);
    expect(await fateOf('a')).toBe('acknowledged');
  });

  it('counts what a whole reading no longer lists as withdrawn, until it is listed again', async () => {
    const line = pipeline();
    const events = [event('a', 10), event('b', 20)];
    await line.deliver(feed, events, 'backfill', WHOLE, signal);
    expect((await line.known(feed, WHOLE.span)).map(({ uid }) => uid)).toEqual(['a', 'b']);
    await line.deliver(feed, events.slice(1), 'backfill', { ...WHOLE, withdrawn: ['a'] }, signal);
    const span = { from: 0, to: 3600 };
    expect(await line.stated(feed, span)).toMatchObject([{ revision: 2, acknowledged: 2, withdrawn: 1 }]);
    await line.deliver(feed, events, 'backfill', NOTHING, signal);
    expect(await line.stated(feed, span)).toMatchObject([{ revision: 3, acknowledged: 2, withdrawn: 0 }]);
  });

  it('repeats a commit until the state can be written, and sends nothing twice', async () => {
    let failures = 3;
    const failing: Storage = new Proxy(storage, {
      get(target, name, receiver) {
        const value = Reflect.get(target, name, target);
        if (name !== 'commit')
          return typeof value === 'function' ? value.bind(target) : Reflect.get(target, name, receiver);
        return async (commit: Parameters<Storage['commit']>[0]) => {
          // A commit that failed may have happened.
          if (failures === 1) await target.commit(commit);
          if (failures-- > 0) throw new CollectorError('retryable', 'disk full');
          return target.commit(commit);
        };
      },
    });
    await pipeline({ storage: failing }).deliver(feed, [event('a', 10)], 'backfill', WHOLE, signal);
    expect(backend.uids).toEqual(['a']);
    expect(await fateOf('a')).toBe('acknowledged');
    expect(await coverageOf()).toEqual([{ from: 0, to: NOW_S - 300 }]);
  });

  it('counts as its own what a claim wrote that seemed to fail, and sends it in the order of its way', async () => {
    await pipeline({ storage: failingOnce('claim') }).deliver(
      feed,
      [event('b', 200), event('c', 300)],
      'backfill',
      { ...WHOLE, span: { from: 0, to: 1_000 } },
      signal,
    );
    const twice = pipeline({ storage: failingOnce('claim') });
    const found = await twice.deliver(feed, [event('a', 150), event('b#', 250)], 'backfill', NOTHING, signal);
    expect(found).toEqual({ found: 2, late: 2, aside: undefined });
    expect(backend.uids).toEqual(['b', 'c', 'a', 'b#']);
    expect(feed.state.ways.late).toMatchObject({ at: 250 });
  });

  it('keeps two events of one id apart when their claim seemed to fail', async () => {
    const both = [event('a', 10), { ...event('a', 10), type: 'another.type' }];
    await pipeline({ storage: failingOnce('claim') }).deliver(feed, both, 'backfill', WHOLE, signal);
    expect(backend.uids.toSorted()).toEqual(['a', 'a#another.type']);
    expect(await fateOf('a#another.type')).toBe('acknowledged');
  });

  it('sends once what is asked to be sent while it is being sent', async () => {
    const line = pipeline();
    await line.deliver(feed, [event('a', 10)], 'backfill', { ...WHOLE, span: { from: 0, to: 7_200 } }, signal);
    backend.batches.length = 0;
    const waiting = await storage.statements('acme', 100, 0);
    expect(waiting).not.toEqual([]);
    await Promise.all([line.statements.flush(signal), line.statements.flush(signal)]);
    expect(backend.uids).toEqual(waiting.map(({ uid }) => uid));
  });
});
