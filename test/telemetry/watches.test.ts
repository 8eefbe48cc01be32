import { describe, expect, it } from 'vitest';
import type { Limiter, Permit } from '../../src/api/limiter.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { DeliveryWatch } from '../../src/telemetry/delivery-watch.ts';
import { inventoryStatus } from '../../src/telemetry/inventory-status.ts';
import { problemsOf } from '../../src/telemetry/problems.ts';
import { watchedLimiter } from '../../src/telemetry/watched-limiter.ts';
import { worksOf } from '../../src/telemetry/work-status.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const failed = {
  kind: 'attempt_failed',
  message: 'away',
  attempt: 1,
  atMs: 0,
  waitMs: 1,
  records: 1,
  unknown: false,
} as const;
const acknowledged = { kind: 'acknowledged', records: 1, tookMs: 20, atMs: 0 } as const;

describe('the watch of a delivery', () => {
  it('tells since when the backend is away, and that it is back', async () => {
    const clock = createFakeClock({ startMs: 1_000 });
    const watch = new DeliveryWatch(clock);
    expect(watch.status).toEqual({ state: 'idle', retries: 0 });
    watch.hear(failed);
    await clock.advance(500);
    watch.hear({ ...failed, message: 'still away' });
    expect(watch.status).toEqual({ state: 'retrying', sinceMs: 1_000, message: 'still away', retries: 2 });
    watch.hear(acknowledged);
    expect(watch.status).toEqual({ state: 'delivering', lastAcknowledgedAtMs: 1_500, tookMs: 20, retries: 2 });
  });

  it('is held until that is over, though the other lane may be acknowledged', () => {
    const watch = new DeliveryWatch(createFakeClock());
    watch.hear({ kind: 'held', message: 'the token is refused', heldMs: 0 });
    watch.hear(acknowledged);
    expect(watch.status).toMatchObject({ state: 'held', message: 'the token is refused' });
    watch.hear({ kind: 'released', heldMs: 1 });
    expect(watch.status.state).toBe('delivering');
  });
});

describe('a watched limiter', () => {
  it('counts requests by what came of them, and how long they waited', async () => {
    const clock = createFakeClock();
    const permit: Permit = { route: '/r', priority: 'live', caller: '', grantedAtMs: 0, waited: true };
    const told: unknown[] = [];
    const limiter: Limiter = {
      acquire: async () => {
        await clock.advance(1_500);
        return permit;
      },
      report: (_, answer) => void told.push(answer),
      hasSpare: () => true,
      livePaceMs: () => undefined,
      learned: () => [],
      snapshot: () => '',
    };
    const counters = new Counters();
    const watched = watchedLimiter(limiter, 'acme', counters, clock);
    await watched.acquire(permit, new AbortController().signal);
    const answers = [{ status: 200 }, { status: 429 }, { status: 403 }, { status: 502 }, {}, 'aborted'] as const;
    for (const answer of answers) watched.report(permit, answer);
    expect(told).toEqual(answers);
    const outcome = (name: string) => counters.sum('openai_collector_receiver_requests_total', { outcome: name });
    expect(['ok', 'limited', 'refused', 'failed'].map(outcome)).toEqual([1, 1, 1, 2]);
    expect(counters.sum('openai_collector_receiver_request_wait_seconds_total', { route: '/r' })).toBe(1.5);
  });
});

describe('the status of an inventory', () => {
  it('is as old as its oldest list that can be read', () => {
    const list = (name: string, state: object) => ({ list: name, state: JSON.stringify(state) });
    expect(inventoryStatus([list('', { startedAtMs: 1 })])).toBeUndefined();
    expect(
      inventoryStatus([
        list('', { startedAtMs: 1, endedAtMs: 9 }),
        list('/users', { state: 'complete', attemptedAtMs: 30, readAtMs: 30 }),
        list('/keys', { state: 'incomplete', attemptedAtMs: 40, readAtMs: 20, why: 'cut', message: 'HTTP 500' }),
        list('/groups', { state: 'unavailable', attemptedAtMs: 10 }),
      ]),
    ).toEqual({
      lists: 3,
      incomplete: 1,
      unavailable: 1,
      oldestReadAtMs: 20,
      startedAtMs: 1,
      endedAtMs: 9,
      troubles: [{ list: '/keys', message: 'HTTP 500' }],
    });
  });
});

describe('long work', () => {
  const work = { organization: 'acme', unit: 'seconds', done: 1, total: 3, tookMs: 10, leftMs: 20 } as const;
  const works = [
    { ...work, kind: 'history' },
    { ...work, kind: 'inventory' },
    { ...work, kind: 'inventory', organization: 'other' },
  ] as const;
  const ends = (isHeld: boolean) =>
    worksOf('acme', works, { nowMs: 100, isHeld }).map(({ kind, endsAtMs }) => [kind, endsAtMs]);

  it('tells when it should end', () => {
    expect(ends(false)).toEqual([
      ['history', 120],
      ['inventory', 120],
    ]);
  });

  it('has no end that could be told while nothing is delivered', () => {
    expect(ends(true)).toEqual([
      ['history', undefined],
      ['inventory', 120],
    ]);
  });
});

describe('problems', () => {
  const behind = { stream: 'organization', state: 'behind', covered: [], gaps: [] };
  const messagesOf = (gapSeconds: number) =>
    problemsOf([{ name: 'acme', streams: [{ ...behind, gapSeconds }], works: [], routes: [], parked: [] }]).map(
      ({ message }) => message,
    );

  it('tell how much history is open, and nothing of it when none is', () => {
    expect(messagesOf(1_800)).toEqual(['history is being filled: 30 min still open']);
    expect(messagesOf(0)).toEqual([]);
  });

  it('begin with those that wait for a person', () => {
    const stream = { covered: [], gaps: [], gapSeconds: 0 };
    const problems = problemsOf([
      {
        name: 'acme',
        delivery: { state: 'retrying', message: 'away', retries: 1 },
        streams: [
          { ...stream, stream: 'organization', state: 'live' },
          { ...stream, stream: 'tenant', state: 'unauthorized', reason: 'no scope' },
        ],
        works: [],
        routes: [],
        parked: [{ kind: 'event', reason: 'refused', records: 2, message: 'too long' }],
      },
    ]);
    expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
      ['act', 'reading is on hold: no scope'],
      ['wait', 'the backend takes no batches: away'],
      ['wait', '2 records are parked; the command replay lists them'],
    ]);
    expect(problems[0]).toMatchObject({ organization: 'acme', stream: 'tenant' });
  });
});
