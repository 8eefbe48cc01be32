import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/api/limiter.ts';
import { createRouteLimiter } from '../../src/api/route-limiter.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type Api, fixedWindow, pauses, seeded, Traffic, tokenBucket, unlimited } from './limited-api.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ROUND_TRIP_MS = 300;
const POLL_MS = 30_000;

function setUp(api: Api, seed = 1) {
  const clock = createFakeClock();
  const limiter = createRouteLimiter({ clock, random: seeded(seed) });
  const controller = new AbortController();
  const settings = { clock, limiter, api, random: seeded(seed), roundTripMs: ROUND_TRIP_MS };
  const traffic = new Traffic({ ...settings, signal: controller.signal });
  return { clock, traffic, stop: () => controller.abort() };
}

/** Refuses so many requests in a row from each of these moments on, for no reason. */
function withBursts(api: Api, startsMs: readonly number[], count: number, answer: Omit<Answer, 'status'>): Api {
  const left = startsMs.map(startMs => ({ startMs, count }));
  return atMs => {
    const burst = left.find(each => atMs >= each.startMs && each.count > 0);
    if (burst === undefined) return api(atMs);
    burst.count -= 1;
    return { status: 429, ...answer };
  };
}

async function lastRefusalMs({ clock, traffic }: ReturnType<typeof setUp>, refusals: number): Promise<number> {
  while (clock.monotonicMs() < 24 * HOUR_MS) {
    const refused = traffic.exchanges.filter(({ status }) => status === 429);
    if (refused.length === refusals) return refused.at(-1)?.sentAtMs ?? 0;
    await clock.advance(1_000);
  }
  throw new Error('the API was not asked often enough');
}

function polls(run: ReturnType<typeof setUp>, sinceMs: number): readonly number[] {
  return ['organization', 'tenant'].flatMap(caller => pauses(run.traffic.exchanges, caller, sinceMs));
}

const ANSWERS: readonly Omit<Answer, 'status'>[] = [
  {},
  { retryAfterMs: 1_000 },
  { retryAfterMs: 30_000 },
  { retryAfterMs: 300_000 },
];
const BURSTS = ANSWERS.flatMap((answer, kind) =>
  Array.from({ length: 10 }, (_, index) => {
    const count = index + 1;
    return { count, startMs: Math.floor(seeded(31 * kind + count)() * 10 * MINUTE_MS), answer };
  }),
);

describe('within five minutes of refusals that meant nothing', () => {
  it.each(BURSTS)(
    '$count of them from $startMs ms on, $answer: tails and backfill are back at full speed',
    async each => {
      const run = setUp(withBursts(unlimited, [each.startMs], each.count, each.answer), each.count);
      void run.traffic.tail('organization', POLL_MS);
      void run.traffic.tail('tenant', POLL_MS);
      void run.traffic.work('gap', 'organization');
      const overMs = (await lastRefusalMs(run, each.count)) + (each.answer.retryAfterMs ?? 0);
      const backMs = overMs + 5 * MINUTE_MS;
      await run.clock.advance(backMs + 5 * MINUTE_MS - run.clock.monotonicMs());
      run.stop();
      expect(Math.max(...polls(run, backMs - POLL_MS))).toBeLessThanOrEqual(POLL_MS + 2 * ROUND_TRIP_MS);
      const since = run.traffic.exchanges.filter(({ priority, sentAtMs }) => priority === 'gap' && sentAtMs >= backMs);
      expect(since.length).toBeGreaterThanOrEqual((0.95 * 5 * MINUTE_MS) / ROUND_TRIP_MS);
    },
  );

  it.each(BURSTS)('$count of them from $startMs ms on, $answer: tails alone keep their pace', async each => {
    const run = setUp(withBursts(unlimited, [each.startMs], each.count, each.answer), each.count);
    void run.traffic.tail('organization', POLL_MS);
    void run.traffic.tail('tenant', POLL_MS);
    const overMs = (await lastRefusalMs(run, each.count)) + (each.answer.retryAfterMs ?? 0);
    const backMs = overMs + 5 * MINUTE_MS;
    await run.clock.advance(backMs + 10 * MINUTE_MS - run.clock.monotonicMs());
    run.stop();
    expect(Math.max(...polls(run, overMs + MINUTE_MS))).toBeLessThanOrEqual(MINUTE_MS + 2 * ROUND_TRIP_MS);
    expect(Math.max(...polls(run, backMs - POLL_MS))).toBeLessThanOrEqual(POLL_MS + 2 * ROUND_TRIP_MS);
  });

  it.each([1, 2, 3, 4, 5])('in three bursts, seed %i: all is as before', async seed => {
    const random = seeded(seed);
    const startsMs = [1, 4, 7].map(minutes => (minutes + random()) * MINUTE_MS);
    const run = setUp(withBursts(unlimited, startsMs, 4, {}), seed);
    void run.traffic.tail('organization', POLL_MS);
    void run.traffic.tail('tenant', POLL_MS);
    void run.traffic.work('gap', 'organization');
    const backMs = (await lastRefusalMs(run, 12)) + 5 * MINUTE_MS;
    await run.clock.advance(backMs + 5 * MINUTE_MS - run.clock.monotonicMs());
    run.stop();
    expect(Math.max(...polls(run, backMs - POLL_MS))).toBeLessThanOrEqual(POLL_MS + 2 * ROUND_TRIP_MS);
    const since = run.traffic.exchanges.filter(({ priority, sentAtMs }) => priority === 'gap' && sentAtMs >= backMs);
    expect(since.length).toBeGreaterThanOrEqual((0.95 * 5 * MINUTE_MS) / ROUND_TRIP_MS);
  });

  it.each([1, 2, 3])('under a real limit of 10 a minute, seed %i: what is allowed is used', async seed => {
    const api = withBursts(fixedWindow(10, seed * 17_389), [HOUR_MS], 6, {});
    const run = setUp(api, seed);
    void run.traffic.tail('organization', POLL_MS);
    void run.traffic.work('gap', 'organization');
    await run.clock.advance(HOUR_MS + 8 * MINUTE_MS);
    await run.clock.advance(30 * MINUTE_MS);
    run.stop();
    const since = run.traffic.exchanges.filter(({ sentAtMs }) => sentAtMs >= HOUR_MS + 8 * MINUTE_MS);
    expect(since.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(0.85 * 30 * 10);
    expect(since.filter(({ status }) => status === 429).length / since.length).toBeLessThanOrEqual(0.05);
  });
});

describe('under a very low limit', () => {
  const APIS = [1, 2, 3, 4].flatMap(limit => [
    { limit, name: 'a fixed window', api: () => fixedWindow(limit, 17_389), least: 0.7 },
    { limit, name: 'a token bucket with a burst of 2', api: () => tokenBucket(limit, 2), least: 0.7 },
    // Two tails that know nothing of each other meet: each time one of them is refused.
    { limit, name: 'a token bucket without a burst', api: () => tokenBucket(limit, 1), least: 0.3 },
  ]);

  it.each(APIS)('of $limit a minute, $name: tails and gaps get their share, and nobody starves', async each => {
    const run = setUp(each.api());
    void run.traffic.tail('organization', POLL_MS);
    void run.traffic.tail('tenant', POLL_MS);
    void run.traffic.work('gap', 'organization');
    void run.traffic.work('live_more', 'tenant');
    await run.clock.advance(6 * HOUR_MS);
    run.stop();
    const settled = run.traffic.exchanges.filter(({ sentAtMs }) => sentAtMs >= HOUR_MS);
    const answered = settled.filter(({ status }) => status === 200);
    const share = (priority: string) => answered.filter(one => one.priority === priority).length / answered.length;
    expect(answered.length).toBeGreaterThanOrEqual(each.least * 5 * 60 * each.limit);
    expect(share('live')).toBeGreaterThanOrEqual(0.3);
    expect(share('gap')).toBeGreaterThanOrEqual(0.15);
    expect(1 - answered.length / settled.length).toBeLessThanOrEqual(0.2);
    expect(Math.max(...polls(run, HOUR_MS))).toBeLessThanOrEqual(12 * MINUTE_MS);
    expect(Math.max(...settled.map(one => one.sentAtMs - one.askedAtMs))).toBeLessThanOrEqual(12 * MINUTE_MS);
  });
});
