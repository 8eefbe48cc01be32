import { expect, it } from 'vitest';
import { createAdminClient } from '../../src/api/admin-client.ts';
import { ApiTime } from '../../src/api/api-time.ts';
import type { HttpAnswer } from '../../src/api/http.ts';
import { createRouteLimiter } from '../../src/api/route-limiter.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 0, 1);
const REQUEST = { path: '/a', route: '/a', query: [], priority: 'live', caller: '' } as const;
const signal = new AbortController().signal;
const inUtc = (ms: number) => new Date(ms).toUTCString();

/** A client on a machine whose clock is wrong by so much. */
function setUp(wrongByMs: number) {
  const clock = createFakeClock({ startMs: NOW_MS + wrongByMs });
  const answers: HttpAnswer[] = [];
  const client = createAdminClient({
    baseUrl: 'http://api.test/v1',
    adminKey: 'sk-admin-test',
    allowPrivateAddress: false,
    userAgent: 'test',
    http: {
      get: async () => answers.shift() ?? { status: 200, headers: {}, body: '{}' },
      close: async () => undefined,
    },
    limiter: createRouteLimiter({ clock, random: () => 0.5 }),
    time: new ApiTime(clock),
    clock,
  });
  return { clock, answers, get: () => client.get(REQUEST, signal) };
}

it.each([
  ['seconds', '90', 0, 90_000],
  ['a date', inUtc(NOW_MS + 90_000), 0, 90_000],
  ['a date, while the clock of this machine is behind', inUtc(NOW_MS + 90_000), -5 * HOUR_MS, 90_000],
  ['a date, while the clock of this machine is ahead', inUtc(NOW_MS + 90_000), 5 * HOUR_MS, 90_000],
  ['a date that is an hour away', inUtc(NOW_MS + HOUR_MS), 40_000, HOUR_MS],
])('obeys a Retry-After of %s exactly', async (_, retryAfter, wrongByMs, waitMs) => {
  const { clock, answers, get } = setUp(wrongByMs);
  answers.push({ status: 429, headers: { date: inUtc(NOW_MS), 'retry-after': retryAfter }, body: '{}' });
  await expect(get()).rejects.toMatchObject({ status: 429, retryAfterMs: waitMs });
  let answered = false;
  void get().then(() => {
    answered = true;
  });
  await clock.advance(waitMs - 1);
  expect(answered).toBe(false);
  await clock.advance(1);
  expect(answered).toBe(true);
});

it('takes the clock of this machine for a Retry-After that is a date in an answer that has none', async () => {
  const { answers, get } = setUp(0);
  answers.push({ status: 503, headers: { 'retry-after': inUtc(NOW_MS + 90_000) }, body: '' });
  await expect(get()).rejects.toMatchObject({ status: 503, retryAfterMs: 90_000 });
});
