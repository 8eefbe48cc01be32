import type { Scenario } from '../scenario.ts';
import { DAY_S, HOUR_S } from '../world.ts';
import { afterHistory } from './arrival.ts';

const BACKFILL = 100_000;
const PAGE = 100;
const IDLE_S = 8;

/** What it costs when nothing is wrong. */
export const costs: readonly Scenario[] = [
  {
    name: 'backfill',
    fault: 'none: a backfill of 100,000',
    auditLogs: { streams: ['organization'], start_from: '31d', poll_interval: '30s' },
    mostRequests: 1.05 * (BACKFILL / PAGE),
    async play(world) {
      world.happened({ count: BACKFILL, ago: [30 * DAY_S, 2 * HOUR_S] });
      await world.start();
      await world.holds(BACKFILL);
      await world.delivered();
    },
  },
  {
    name: 'idle',
    fault: 'none: nothing happens (one request a poll and stream)',
    async play(world) {
      await afterHistory(world, 200);
      await world.passes(2_000);
      const before = world.api.requests.total;
      await world.passes(IDLE_S * 1000);
      const idle = world.api.requests.total - before;
      // Polls of either stream may lie on the edges of what was measured.
      if (idle > 2 * (IDLE_S + 1)) throw new Error(`${idle} requests in ${IDLE_S} idle seconds`);
    },
  },
];
