import { describe, expect, it } from 'vitest';
import { ApiTime } from '../../src/api/api-time.ts';
import { createRouteLimiter } from '../../src/api/route-limiter.ts';
import { Feed } from '../../src/pipeline/feed.ts';
import type { Source } from '../../src/pipeline/source.ts';
import { Works } from '../../src/progress/works.ts';
import type { LogRecord } from '../../src/record.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { FeedState } from '../../src/storage/storage.ts';
import { statusFromStorage } from '../../src/telemetry/stored.ts';
import { Telemetry } from '../../src/telemetry/telemetry.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const DAY_S = 86_400;
const HOUR_MS = 3_600_000;
const startMs = Date.UTC(2026, 0, 11);
const nowS = startMs / 1000;
const key = { organization: 'acme', stream: 'tenant' } as const;
const auditLogs = {
  enabled: true,
  streams: ['tenant'],
  pollIntervalMs: 30_000,
  settleMs: 300_000,
  startFrom: { text: '10d', kind: 'ago', ms: 10 * DAY_S * 1000 },
  reverify: [],
  excludeTypes: [],
} as const;
const state: FeedState = {
  startText: '10d',
  startAt: nowS - 10 * DAY_S,
  listed: true,
  floor: 0,
  coverage: [{ from: nowS - 10 * DAY_S, to: nowS - 2 * DAY_S, verifiedAt: nowS }],
  ways: {},
};

async function watched(showEvents = false) {
  const clock = createFakeClock({ startMs });
  const storage = await openStorage(':memory:');
  const vitals = async () => ({ cpuSeconds: 1, rssBytes: 2, stateBytes: 3 });
  const settings = { clock, storage, vitals, version: '1.0.0', storagePath: '/state.db', backend: 'http://localhost' };
  const works = new Works(clock);
  const telemetry = new Telemetry({ ...settings, works, showEvents, organizations: ['acme'] });
  const time = new ApiTime(clock);
  const feed = new Feed(key, auditLogs, state);
  const source = { feed, time, clock } as unknown as Source;
  const open = () => telemetry.opened({ name: 'acme' } as Parameters<Telemetry['opened']>[0], [source]);
  return { clock, storage, works, telemetry, time, feed, open };
}

describe('telemetry', () => {
  it('is ready when every organization is open and no person must act', async () => {
    const { telemetry, open, feed } = await watched();
    expect((await telemetry.status()).ready).toBe(false);
    open();
    expect((await telemetry.status()).ready).toBe(true);
    feed.becomes({ state: 'unauthorized', reason: 'no scope' }, 0);
    expect(await telemetry.status()).toMatchObject({ ready: false, problems: [{ severity: 'act' }] });
    feed.becomes({ state: 'live' }, 0);
    telemetry.hear('acme', { kind: 'held', message: 'the token is refused', heldMs: 0 });
    expect(await telemetry.status()).toMatchObject({
      ready: false,
      problems: [{ message: expect.stringContaining('refused') }],
    });
  });

  it('tells lag, gaps and what is set aside by the API’s time', async () => {
    const { telemetry, open, feed, time, clock } = await watched();
    open();
    for (let i = 0; i < 3; i++) time.observe(nowS);
    feed.sawLive(clock.monotonicMs());
    feed.setAside({ from: nowS - DAY_S, to: nowS - DAY_S + 10, reason: 'too old', retryAtMs: 60_000 });
    await clock.advance(20_000);
    const [stream] = (await telemetry.status()).organizations[0]?.streams ?? [];
    expect(stream).toMatchObject({ lagSeconds: 20, covered: [{ from: state.startAt, to: nowS - 2 * DAY_S }] });
    expect(stream?.gaps.map(({ from, to, reason }) => [from - nowS, reason, to - from])).toEqual([
      [-2 * DAY_S, undefined, DAY_S],
      [-DAY_S, 'too old', 10],
      [-DAY_S + 10, undefined, expect.any(Number)],
    ]);
    const named = (name: string) => samples.find(sample => sample.name === name)?.value;
    const samples = await telemetry.samples();
    expect(named('openai_collector_receiver_gap_seconds')).toBe(stream?.gapSeconds);
    expect(named('openai_collector_receiver_set_aside_seconds')).toBe(10);
    expect(named('openai_collector_receiver_lag_seconds')).toBe(20);
  });

  it('counts what it is told of, from 0', async () => {
    const { telemetry, open, feed } = await watched();
    open();
    const events = async () => (await telemetry.status()).organizations[0]?.streams[0]?.events;
    const none = { received: 0, late: 0, duplicate: 0, excluded: 0, delivered: 0, parked: 0 };
    expect(await events()).toEqual(none);
    telemetry.count(feed, 'live', 5);
    telemetry.count(feed, 'late', 2);
    telemetry.count(feed, 'acknowledged', 6);
    telemetry.count(feed, 'parked', 1);
    expect(await events()).toEqual({ ...none, received: 7, late: 2, delivered: 6, parked: 1 });
  });

  it('says what the API asked to leave alone and until when, for as long as that holds', async () => {
    const { telemetry, open, clock } = await watched();
    open();
    const limiter = telemetry.watch('acme', createRouteLimiter({ clock, random: () => 0.5 }));
    const route = '/organization/audit_logs';
    const permit = await limiter.acquire({ route, priority: 'live' }, new AbortController().signal);
    limiter.report(permit, { status: 429, retryAfterMs: 3 * HOUR_MS });
    expect(await telemetry.status()).toMatchObject({
      ready: true,
      problems: [{ organization: 'acme', severity: 'wait', message: expect.stringContaining(route) }],
      organizations: [{ routes: [{ route, pausedUntilMs: startMs + 3 * HOUR_MS }] }],
    });
    await clock.advance(3 * HOUR_MS);
    expect((await telemetry.status()).problems).toEqual([]);
  });

  it('tells of long work how far it is and when it should end', async () => {
    const { telemetry, works, clock, open } = await watched();
    open();
    const task = works.begin({ kind: 'history', ...key, unit: 'seconds' });
    await clock.advance(10_000);
    task.reached({ done: 100, total: 400 });
    const underWay = async () => (await telemetry.status()).organizations[0]?.works;
    const work = { kind: 'history', stream: 'tenant', unit: 'seconds', done: 100, total: 400, startedAtMs: startMs };
    expect(await underWay()).toEqual([{ ...work, endsAtMs: startMs + 40_000 }]);
    telemetry.hear('acme', { kind: 'held', message: 'the token is refused', heldMs: 0 });
    expect(await underWay()).toEqual([work]);
    task.end();
    expect(await underWay()).toEqual([]);
  });

  it('keeps some of the newest events, by their own time and as they were delivered, only when it shall', async () => {
    const record = (second: number): LogRecord => ({
      resource: {},
      timestamp: second,
      observedAtMs: 0,
      eventName: 'openai.audit.login.failed',
      severityNumber: 13,
      attributes: { 'openai.audit.summary': `sentence ${second} ${'x'.repeat(1_000)}` },
      body: { secret: 'body' },
    });
    const silent = await watched();
    silent.telemetry.delivered(silent.feed, [record(1)]);
    expect(await silent.telemetry.status()).not.toHaveProperty('events');

    const { telemetry, feed } = await watched(true);
    expect((await telemetry.status()).events).toEqual([]);
    telemetry.delivered(feed, [record(1_000), record(2_000)]);
    for (let second = 0; second < 500; second += 10) telemetry.delivered(feed, [record(second)]);
    const { events = [] } = await telemetry.status();
    expect(events.map(({ atMs }) => atMs / 1000).slice(0, 3)).toEqual([2_000, 1_000, 490]);
    expect(events).toHaveLength(20);
    expect(events[0]).toEqual({
      organization: 'acme',
      stream: 'tenant',
      atMs: 2_000_000,
      deliveredAtMs: startMs,
      name: 'openai.audit.login.failed',
      summary: `sentence 2000 ${'x'.repeat(286)}`,
    });
    expect(JSON.stringify(events)).not.toContain('body');
  });

  it('says from the state alone what was covered when the collector ended', async () => {
    const { storage } = await watched();
    await storage.commit({ feed: key, atMs: 0, state: { ...state, condition: 'behind' } });
    const config = { organizations: [{ name: 'acme', auditLogs }] } as unknown as Parameters<
      typeof statusFromStorage
    >[0];
    const options = { version: '1.0.0', nowMs: startMs, storage: { path: '/state.db', bytes: 1 }, backend: '' };
    const status = await statusFromStorage(config, storage, options);
    expect(status.startedAtMs).toBeUndefined();
    expect(status.organizations[0]?.streams[0]).toMatchObject({ state: 'behind', gapSeconds: 2 * DAY_S - 300 });
  });
});
