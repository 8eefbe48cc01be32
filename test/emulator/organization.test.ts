import { expect, test } from 'vitest';
import type { Content } from '../../src/emulator/organization.ts';
import { emulate, event, ids, list, START_S, walk } from './support/ask.ts';

const DAY_MS = 86_400_000;
const STORY: Content = { kind: 'story', seed: 'test', historyMs: 2 * DAY_MS };

test('with a rate, life goes on as time passes, about as fast as asked and never in the future', async () => {
  const { emulator, clock } = emulate({ content: STORY, ratePerMinute: 12 });
  const before = new Set(walk(emulator, 'limit=100').map(({ id }) => id));
  await clock.advance(5 * 3_600_000);
  const after = walk(emulator, 'limit=100');
  const tenant = walk(emulator, `limit=100&tenant_only=true&effective_at[gt]=${START_S}`).length;
  const gained = after.filter(({ id }) => !before.has(id)).length + tenant;
  expect(gained).toBeGreaterThan(5 * 60 * 12 * 0.7);
  expect(gained).toBeLessThan(5 * 60 * 12 * 1.3);
  expect(after[0]?.effective_at).toBeLessThanOrEqual(START_S + 5 * 3600);
  expect(after[0]?.effective_at).toBeGreaterThan(START_S + 5 * 3600 - 300);
});

test('without a rate nothing happens, also not what was about to', async () => {
  const { emulator, clock } = emulate({ content: STORY });
  const before = ids(list(emulator, 'limit=100'));
  await clock.advance(DAY_MS);
  expect(ids(list(emulator, 'limit=100'))).toEqual(before);
});

test('after a pause life goes on from then, not with what was missed', async () => {
  const { emulator, clock } = emulate({ content: STORY });
  await clock.advance(DAY_MS);
  emulator.organization.setRate(12);
  await clock.advance(3_600_000);
  const duringPause = `effective_at[gt]=${START_S}&effective_at[lt]=${START_S + 86_400}`;
  expect(list(emulator, duringPause).data).toEqual([]);
  expect(list(emulator, `effective_at[gte]=${START_S + 86_400}`).data.length).toBeGreaterThan(0);
});

test('what life brings does not depend on how often it is asked for', async () => {
  const seldom = emulate({ content: STORY, ratePerMinute: 30 });
  const often = emulate({ content: STORY, ratePerMinute: 30 });
  for (let minute = 0; minute < 60; minute += 1) {
    await seldom.clock.advance(60_000);
    await often.clock.advance(60_000);
    list(often.emulator);
  }
  expect(walk(often.emulator, 'limit=100')).toEqual(walk(seldom.emulator, 'limit=100'));
});

test('a jump brings days at the pace of history', () => {
  const { emulator } = emulate({ content: STORY, ratePerMinute: 12 });
  emulator.organization.jump(3 * DAY_MS);
  const { events } = emulator.organization;
  const total = events.count('organization') + events.count('tenant');
  expect(total).toBeGreaterThan(5 * 60);
  expect(total).toBeLessThan(5 * 600);
});

test('late events have old times, and are listed only when they become visible', async () => {
  const { emulator, clock } = emulate();
  emulator.organization.append([event('old', 7200)]);
  const added = emulator.organization.storm({ count: 3, fromS: START_S - 3600, toS: START_S - 3590 }, 60_000);
  expect(ids(list(emulator))).toEqual(['old']);
  await clock.advance(59_999);
  expect(ids(list(emulator))).toEqual(['old']);
  await clock.advance(1);
  expect(ids(list(emulator))).toEqual([...added.toReversed(), 'old']);
});

test('a storm comes within its seconds, in both streams when asked', () => {
  const { emulator } = emulate();
  emulator.organization.storm({ count: 2500, fromS: START_S - 10, toS: START_S, tenantShare: 0.3 });
  const organization = walk(emulator, 'limit=100');
  const tenant = walk(emulator, 'limit=100&tenant_only=true');
  expect(organization.length + tenant.length).toBe(2500);
  expect(tenant.length).toBeGreaterThan(500);
  for (const { effective_at: at } of [...organization, ...tenant]) {
    expect(at).toBeGreaterThanOrEqual(START_S - 10);
    expect(at).toBeLessThan(START_S);
  }
});

test('what vanished is gone from the listing and from what is told to be listed', () => {
  const { emulator } = emulate();
  emulator.organization.append([event('a', 1), event('b', 2)]);
  expect(emulator.organization.vanish(['a', 'unheard of'])).toEqual(['a']);
  expect(ids(list(emulator))).toEqual(['b']);
  expect([...emulator.organization.listed('organization')].map(({ id }) => id)).toEqual(['b']);
});

test('made-up events may come in bursts', () => {
  const { emulator } = emulate();
  const options = { count: 20_000, fromS: START_S - 30 * 86_400, toS: START_S } as const;
  emulator.organization.storm({ ...options, density: 'bursty' });
  const perHour = new Map<number, number>();
  let last = Number.POSITIVE_INFINITY;
  for (const { effectiveAt } of emulator.organization.listed('organization')) {
    expect(effectiveAt).toBeLessThanOrEqual(last);
    last = effectiveAt;
    perHour.set(Math.floor(effectiveAt / 3600), (perHour.get(Math.floor(effectiveAt / 3600)) ?? 0) + 1);
  }
  const even = options.count / (30 * 24);
  expect(Math.max(...perHour.values())).toBeGreaterThan(10 * even);
  expect(last).toBeGreaterThanOrEqual(options.fromS);
});
