import { describe, expect, it } from 'vitest';
import type { History } from './history.ts';
import { simulate } from './simulation.ts';

/** Small, since it is played once for each moment: a backlog on both streams, some of it refused, one event late. */
const HISTORY: History = {
  seed: 1,
  organizations: 1,
  api: {
    order: 'descending',
    tenantInBoth: true,
    vanishedCursor: 'place',
    aheadS: 0,
    latencyMs: 20,
    twins: 0,
    timeless: 0,
  },
  config: {
    startFromS: 3600,
    pollS: 30,
    settleS: 120,
    excludeTypes: ['login.failed'],
    streams: ['organization', 'tenant'],
    reverify: [{ lastS: 6 * 3600, everyS: 900 }],
    batchRecords: 10,
    protocol: 'http/json',
  },
  diskMs: 0,
  poison: 10,
  safetyS: 150,
  happenings: [
    { kind: 'events', atS: 0, count: 25, overS: 0, lateS: 0, spanS: 3000, tenant: 0.4 },
    { kind: 'events', atS: 1, count: 4, overS: 30, lateS: 0, spanS: 3, tenant: 0.5 },
    { kind: 'ask', atS: 15, what: 'replay' },
    { kind: 'events', atS: 20, count: 1, overS: 0, lateS: 2400, spanS: 0, tenant: 0 },
  ],
};

describe('a process that dies at any of its effects', async () => {
  const { effects } = await simulate(HISTORY);

  it('has effects', () => {
    expect(effects).toBeGreaterThan(100);
  });

  it.each(Array.from({ length: effects }, (_, i) => i + 1))('loses nothing when it dies at effect %i', async killAt => {
    const { violations, lives } = await simulate({ ...HISTORY, killAt });
    expect(violations).toEqual([]);
    expect(lives).toBe(2);
  });
});
