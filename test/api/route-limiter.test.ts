import { describe, expect, it } from 'vitest';
import type { Answer, Ask, Limiter, Permit, Priority } from '../../src/api/limiter.ts';
import { createRouteLimiter } from '../../src/api/route-limiter.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const ROUTE = '/organization/audit_logs';
const signal = new AbortController().signal;

function setUp(learned?: string): { clock: FakeClock; limiter: Limiter } {
  const clock = createFakeClock();
  return { clock, limiter: createRouteLimiter({ clock, random: () => 0.5, learned }) };
}

function ask(priority: Priority, caller = 'organization', route = ROUTE): Ask {
  return { route, priority, caller };
}

/** Notes when each permit came, in order. */
function watch(clock: FakeClock, limiter: Limiter, asks: readonly Ask[], answer: Answer | undefined = { status: 200 }) {
  const granted: { readonly who: string; readonly atMs: number }[] = [];
  for (const each of asks) {
    void limiter.acquire(each, signal).then(permit => {
      granted.push({ who: `${permit.priority} ${permit.caller}`, atMs: clock.monotonicMs() });
      if (answer !== undefined) limiter.report(permit, answer);
    });
  }
  return granted;
}

async function refuse(
  limiter: Limiter,
  answer: Omit<Answer, 'status'> = {},
  priority: Priority = 'gap',
): Promise<void> {
  limiter.report(await limiter.acquire(ask(priority), signal), { status: 429, ...answer });
}

/** What a limiter that learned a limit would have kept. */
function kept(sure: number): string {
  return JSON.stringify({ version: 1, routes: { [ROUTE]: { sure, ceiling: sure + 1, failures: 3 } } });
}

describe('Retry-After', () => {
  it('is obeyed to the millisecond, by every priority', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 42_000 });
    const granted = watch(clock, limiter, [ask('live'), ask('gap'), ask('reverify')]);
    await clock.advance(41_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted[0]).toEqual({ who: 'live organization', atMs: 42_000 });
  });

  it('of an hour is obeyed exactly', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: HOUR_MS });
    const granted = watch(clock, limiter, [ask('live')]);
    await clock.advance(HOUR_MS - 1);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toHaveLength(1);
  });

  it('of more than an hour is obeyed, but one request an hour asks, live first', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 3 * HOUR_MS });
    const granted = watch(clock, limiter, [ask('gap'), ask('live'), ask('inventory')], {});
    await clock.advance(3 * HOUR_MS - 1);
    expect(granted.map(({ who, atMs }) => [who, atMs / HOUR_MS])).toEqual([
      ['live organization', 1],
      ['gap organization', 2],
    ]);
  });

  it('ends when the hourly request is answered', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 3 * HOUR_MS });
    const granted = watch(clock, limiter, [ask('gap'), ask('live')]);
    await clock.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(granted.map(({ who }) => who)).toEqual(['live organization', 'gap organization']);
    expect(limiter.learned()[0]?.waitingUntilMs).toBeUndefined();
  });

  it('is replaced by what the hourly request is told', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 3 * HOUR_MS });
    const asked = refuse(limiter, { retryAfterMs: 90_000 });
    await clock.advance(HOUR_MS);
    await asked;
    const granted = watch(clock, limiter, [ask('live')]);
    await clock.advance(89_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toHaveLength(1);
  });

  it('is the longest of those told to requests that were under way together', async () => {
    const { clock, limiter } = setUp();
    const permits = await Promise.all(['a', 'b'].map(caller => limiter.acquire(ask('live', caller), signal)));
    await clock.advance(100);
    const waits = [60_000, 5_000];
    for (const [index, permit] of permits.entries()) {
      limiter.report(permit, { status: 429, retryAfterMs: waits[index] ?? 0 });
    }
    const granted = watch(clock, limiter, [ask('live')]);
    await clock.advance(59_999);
    expect(granted).toEqual([]);
  });

  it('of a server error is obeyed too', async () => {
    const { clock, limiter } = setUp();
    limiter.report(await limiter.acquire(ask('live'), signal), { status: 503, retryAfterMs: 120_000 });
    const granted = watch(clock, limiter, [ask('gap')]);
    await clock.advance(119_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toHaveLength(1);
  });

  it('shows in what was learned, as a wall-clock time', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 2 * HOUR_MS });
    expect(limiter.learned()).toEqual([
      { route: ROUTE, requestsPerMinute: undefined, waitingUntilMs: clock.nowMs() + 2 * HOUR_MS },
    ]);
  });

  it('outlives a restart, in which the wall clock alone went on', async () => {
    const { limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 10 * MINUTE_MS });
    const clock = createFakeClock({ startMs: Date.UTC(2026, 0, 1) + 4 * MINUTE_MS });
    const restarted = createRouteLimiter({ clock, random: () => 0.5, learned: limiter.snapshot() });
    const granted = watch(clock, restarted, [ask('live')]);
    await clock.advance(6 * MINUTE_MS - 1);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toHaveLength(1);
  });

  it('of a wall clock that was wrong is asked about after an hour', async () => {
    const { limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 3 * HOUR_MS });
    const clock = createFakeClock({ startMs: Date.UTC(2020, 0, 1) });
    const restarted = createRouteLimiter({ clock, random: () => 0.5, learned: limiter.snapshot() });
    const granted = watch(clock, restarted, [ask('live')]);
    await clock.advance(HOUR_MS);
    expect(granted).toHaveLength(1);
  });
});

describe('failures', () => {
  it('back off with growing waits, up to a minute, and teach nothing about the limit', async () => {
    const { clock, limiter } = setUp();
    const waits: number[] = [];
    let reportedAtMs = 0;
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const beganMs = reportedAtMs;
      const failing = limiter.acquire(ask('gap'), signal);
      await clock.advance(61_000);
      const permit = await failing;
      waits.push(permit.grantedAtMs - beganMs);
      limiter.report(permit, attempt % 2 === 0 ? { status: 500 } : {});
      reportedAtMs = clock.monotonicMs();
    }
    expect(waits.slice(0, 5)).toEqual([0, 750, 1_500, 3_000, 6_000]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
    expect(limiter.learned()[0]?.requestsPerMinute).toBeUndefined();
  });

  it('of gaps do not delay a tail', async () => {
    const { clock, limiter } = setUp();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const failing = limiter.acquire(ask('gap'), signal);
      await clock.advance(60_000);
      limiter.report(await failing, { status: 500 });
    }
    const granted = watch(clock, limiter, [ask('gap'), ask('live')]);
    await clock.advance(1);
    expect(granted.map(({ who }) => who)).toEqual(['live organization']);
  });

  it('of a tail delay it by less than its interval', async () => {
    const { clock, limiter } = setUp();
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const failing = limiter.acquire(ask('live'), signal);
      await clock.advance(15_000);
      limiter.report(await failing, {});
    }
    const granted = watch(clock, limiter, [ask('live')]);
    await clock.advance(15_000);
    expect(granted).toHaveLength(1);
  });

  it('that we made ourselves by aborting are none', async () => {
    const { clock, limiter } = setUp();
    limiter.report(await limiter.acquire(ask('gap'), signal), 'aborted');
    const granted = watch(clock, limiter, [ask('gap')]);
    await clock.advance(1_000);
    expect(granted).toHaveLength(1);
  });
});

describe('a refusal without a time', () => {
  it('makes the next ones wait longer each time in a row', async () => {
    const { clock, limiter } = setUp();
    const grantedAt: number[] = [];
    for (let refusal = 0; refusal < 5; refusal += 1) {
      const pending = limiter.acquire(ask('gap'), signal);
      let permit: Permit | undefined;
      void pending.then(each => {
        permit = each;
      });
      while (permit === undefined) await clock.advance(1_000);
      grantedAt.push(permit.grantedAtMs);
      limiter.report(permit, { status: 429 });
    }
    const waits = grantedAt.slice(1).map((atMs, index) => atMs - (grantedAt[index] ?? 0));
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThanOrEqual(2 * (waits[1] ?? 0));
  });

  it('stops only its own route', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: HOUR_MS });
    const granted = watch(clock, limiter, [ask('inventory', '', '/organization/users')]);
    await clock.advance(1_000);
    expect(granted).toHaveLength(1);
  });
});

describe('the line', () => {
  it('is served by priority: live, gaps, inventory, re-verification', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 1_000 });
    const granted = watch(clock, limiter, [ask('reverify'), ask('inventory'), ask('gap'), ask('live')]);
    await clock.advance(5 * MINUTE_MS);
    expect(granted.map(({ who }) => who.split(' ')[0])).toEqual(['live', 'gap', 'inventory', 'reverify']);
  });

  it('lets callers of one priority take turns, whoever asks more', async () => {
    const { clock, limiter } = setUp(kept(60));
    const asks = [...Array.from({ length: 6 }, () => ask('gap', 'a')), ask('gap', 'b'), ask('gap', 'b')];
    const granted = watch(clock, limiter, asks);
    await clock.advance(MINUTE_MS);
    expect(granted.slice(0, 4).map(({ who }) => who)).toEqual(['gap a', 'gap b', 'gap a', 'gap b']);
  });

  it('gives re-verification every tenth turn while gaps wait', async () => {
    const { clock, limiter } = setUp(kept(60));
    const asks = ['gap', 'reverify'] as const;
    const granted = watch(
      clock,
      limiter,
      asks.flatMap(priority => Array.from({ length: 40 }, () => ask(priority))),
    );
    await clock.advance(30_000);
    const first = granted.slice(0, 20).map(({ who }) => who.split(' ')[0]);
    expect(first.filter(who => who === 'reverify')).toHaveLength(2);
  });

  it('forgets who aborts, and rejects with the reason', async () => {
    const { clock, limiter } = setUp();
    await refuse(limiter, { retryAfterMs: 10_000 });
    const controller = new AbortController();
    const gone = limiter.acquire(ask('live'), controller.signal);
    const granted = watch(clock, limiter, [ask('gap')]);
    controller.abort(new Error('stopping'));
    await expect(gone).rejects.toThrow('stopping');
    await clock.advance(10_000);
    expect(granted).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  it('rejects at once when aborted before', async () => {
    const { limiter } = setUp();
    await expect(limiter.acquire(ask('live'), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

describe('a tail under a learned limit', () => {
  it('has half of it: each of two streams polls every 24 s at 10 a minute', () => {
    const { limiter } = setUp(kept(10));
    expect(limiter.livePaceMs(ROUTE, 2)).toBe(24_000);
    expect(limiter.livePaceMs(ROUTE, 1)).toBe(12_000);
  });

  it('is not slowed down while no limit is known', () => {
    const { limiter } = setUp();
    expect(limiter.livePaceMs(ROUTE, 2)).toBeUndefined();
  });

  it('waits until its pace allows the next poll', async () => {
    const { clock, limiter } = setUp(kept(10));
    const granted = watch(clock, limiter, [ask('live'), ask('live')]);
    await clock.advance(MINUTE_MS);
    expect(granted.map(({ atMs }) => atMs)).toEqual([0, 12_000]);
  });

  it('takes further pages only while live leaves half of the bucket', async () => {
    const { clock, limiter } = setUp(kept(10));
    await clock.advance(2 * MINUTE_MS);
    expect(limiter.hasSpare(ROUTE)).toBe(true);
    const granted = watch(clock, limiter, [ask('live'), ...Array.from({ length: 9 }, () => ask('live_more'))]);
    await clock.advance(55_000);
    expect(granted).toHaveLength(5);
    expect(limiter.hasSpare(ROUTE)).toBe(false);
  });
});

describe('what was learned', () => {
  it('is the same after a restart', async () => {
    const { limiter } = setUp(kept(10));
    const restarted = setUp(limiter.snapshot()).limiter;
    expect(restarted.learned()).toEqual([{ route: ROUTE, requestsPerMinute: 10, waitingUntilMs: undefined }]);
  });

  it.each([
    '',
    'garbage',
    'null',
    '[]',
    '{"version":1}',
    '{"version":1,"routes":[1]}',
    `{"version":1,"routes":{"${ROUTE}":{"sure":-4,"untilMs":"x"}}}`,
    `{"version":1,"routes":{"${ROUTE}":{"sure":0.0001}}}`,
    `{"version":9,"routes":{"${ROUTE}":{"sure":10}}}`,
  ])('counts as nothing when it is %j', async text => {
    const { clock, limiter } = setUp(text);
    const granted = watch(clock, limiter, [ask('live'), ask('gap')]);
    await clock.advance(1_000);
    expect(granted).toHaveLength(2);
    expect(limiter.livePaceMs(ROUTE, 1)).toBeUndefined();
  });
});
