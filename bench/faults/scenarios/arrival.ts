import type { Scenario } from '../scenario.ts';
import { DAY_S, HOUR_S, MINUTE_S, type World } from '../world.ts';

/** When events come, and how many. */
export const arrivals: readonly Scenario[] = [
  {
    name: 'late-days',
    fault: 'events late by 1 min to 40 days',
    peers: { worst: 'all 30 lost', failed: '7 of 7' },
    auditLogs: {
      settle: '10s',
      reverify: [{ last: '60d', every: '5s' }],
    },
    async play(world) {
      world.happened({ count: 240, ago: [50 * DAY_S, 2 * MINUTE_S], tenantShare: 0.2 });
      await world.start();
      await world.delivered();
      await world.passes(3_000);
      world.happened({ count: 30, ago: [40 * DAY_S, MINUTE_S], tenantShare: 0.2 });
      await world.delivered();
    },
  },
  {
    name: 'late-minute',
    fault: 'events late by 1 min',
    peers: { worst: 'its 10 lost', failed: '6 of 7' },
    async play(world) {
      await afterHistory(world, 200);
      world.happens(40);
      await world.delivered();
      world.happened({ count: 10, ago: [MINUTE_S, MINUTE_S - 5] });
      await world.delivered();
    },
  },
  {
    name: 'tenant',
    fault: 'events of the tenant stream',
    peers: { worst: 'its 60 lost', failed: '7 of 7' },
    async play(world) {
      await afterHistory(world, 200);
      world.happens(40);
      world.happens(60, { tenantShare: 1 });
      await world.delivered();
    },
  },
  {
    name: 'same-second',
    fault: 'the same second across polls',
    peers: { worst: 'its 10 lost', failed: '3 of 7' },
    async play(world) {
      await afterHistory(world, 200);
      const [id = ''] = world.happens(40);
      await world.delivered();
      const second = world.api.organization.events.place(id)?.place.effectiveAt;
      world.happensAs(...Array.from({ length: 10 }, (_, i) => login(`same-second-${i}`, { effective_at: second })));
      await world.delivered();
    },
  },
  {
    name: 'clock-ahead',
    fault: 'server clock two minutes ahead',
    peers: { worst: '210 lost', failed: '6 of 7' },
    aheadMs: 120_000,
    async play(world) {
      await afterHistory(world, 200);
      for (let i = 0; i < 29; i += 1) {
        world.happens(2, { tenantShare: 0.3 });
        await world.passes(200);
      }
      await world.delivered();
    },
  },
  {
    name: 'unknown-types',
    fault: 'unknown event types, null payloads, odd values',
    peers: { worst: '390 lost', failed: '1 of 7' },
    async play(world) {
      await afterHistory(world, 200);
      world.happensAs(...Array.from({ length: 50 }, (_, i) => oddEvent(i)));
      await world.delivered();
    },
  },
  {
    name: 'withdrawn',
    fault: 'the newest event withdrawn',
    peers: { worst: '159 doubled', failed: '1 of 7' },
    async play(world) {
      await afterHistory(world, 200);
      const ids = world.happens(20);
      await world.delivered();
      world.withdraw(ids.slice(-1));
      await world.passes(2_000);
      await world.end();
      await world.start();
      world.happens(20);
      await world.delivered();
    },
  },
  burst(2_500, 1, '2,500 in one poll', { worst: '2,400 lost', failed: '2 of 7' }),
  burst(12_500, 4, '12,500 inside one overlap', { worst: '12,400 lost, or 2,634 doubled', failed: '3 of 7' }),
  {
    name: 'storm',
    fault: 'a storm of 50,000 with events still arriving',
    auditLogs: { settle: '10s' },
    // Promise: one poll and 2 s; a poll is 1 s here.
    mostDelayMs: 3_000,
    async play(world) {
      await afterHistory(world, 200);
      world.happened({ count: 50_000, ago: [5, 0], tenantShare: 0.2 });
      let done = false;
      const life = (async () => {
        for (let i = 0; !done; i += 1) {
          world.happens(1, { tenantShare: i % 4 === 0 ? 1 : 0 });
          await world.passes(250);
        }
      })();
      try {
        await world.holds(50_200);
      } finally {
        done = true;
        await life;
      }
      await world.delivered();
    },
  },
];

function burst(count: number, withinS: number, fault: string, peers: Scenario['peers']): Scenario {
  return {
    name: `burst-${count}`,
    fault,
    ...(peers && { peers }),
    auditLogs: { settle: '5s' },
    async play(world) {
      await afterHistory(world, 200);
      world.happens(count, { withinS });
      await world.delivered();
    },
  };
}

/** Events of some days, delivered; the collector runs. */
export async function afterHistory(world: World, count: number, tenantShare = 0.2): Promise<void> {
  world.happened({ count, ago: [3 * DAY_S, 2 * HOUR_S], tenantShare });
  await world.start();
  await world.delivered();
}

function login(id: string, more: object) {
  return { object: 'organization.audit_log', id, type: 'login.succeeded', ...more };
}

/** Forms that no schema promises. */
function oddEvent(i: number) {
  const type = ['nobody.knows', 'tenant.nobody.knows', 'login.succeeded', 'api_key.created', 'a.b\u0000c'][i % 5] ?? '';
  return {
    object: 'organization.audit_log',
    id: `odd-${i}`,
    type,
    actor: [null, { type: 'robot', robot: { id: 7 } }, 'nobody'][i % 3],
    [type]: [null, [], 'text', { deep: { deeper: [1e300, null, '\ud800'] } }][i % 4],
    new_field: { since: i },
  };
}
