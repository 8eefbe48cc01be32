import type { ReceivedRequest } from '../../../test/support/otlp-server.ts';
import { isEvent } from '../recorder.ts';
import { BATCH, type Scenario } from '../scenario.ts';
import { DAY_S, HOUR_S, MINUTE_S } from '../world.ts';
import { afterHistory } from './arrival.ts';

const KILLS = 20;
const BACKFILL = 5_000;

/** Crashes, outages, and what the backend answers. */
export const failures: readonly Scenario[] = [
  {
    name: 'kill-before-checkpoint',
    fault: 'SIGKILL between send and checkpoint',
    peers: { worst: '150 lost, or 250 doubled', failed: '7 of 7' },
    auditLogs: { settle: '5s' },
    mostDoubled: BATCH,
    async play(world) {
      await afterHistory(world, 300);
      const sent = Promise.withResolvers<void>();
      world.backend.treat(({ records }) => {
        sent.resolve();
        return { stores: records, how: 'hang' };
      });
      world.happens(150, { withinS: 3 });
      await sent.promise;
      await world.end('SIGKILL');
      world.backend.treat(() => ({}));
      await world.start();
      await world.delivered();
    },
  },
  {
    name: 'twenty-kills',
    fault: 'twenty SIGKILLs in a backfill',
    peers: { worst: '4,900 lost, or 22,550 doubled', failed: '6 of 7' },
    mostDoubled: KILLS * BATCH,
    async play(world) {
      world.happened({ count: BACKFILL, ago: [30 * DAY_S, 2 * HOUR_S], tenantShare: 0.2 });
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await world.start();
        await world.holds((BACKFILL * kill) / (KILLS + 1));
        await world.end('SIGKILL');
      }
      await world.start();
      await world.delivered();
    },
  },
  {
    name: 'collector-away',
    fault: 'the collector stopped for an hour with 5,000 events',
    async play(world) {
      await afterHistory(world, 200);
      await world.end();
      world.api.organization.jump(HOUR_S * 1000);
      world.happened({ count: 5_000, ago: [HOUR_S, 10 * MINUTE_S], tenantShare: 0.2 });
      await world.start();
      await world.delivered();
    },
  },
  {
    name: 'api-away',
    fault: 'the API fails for an hour (its clock jumps) with 5,000 events',
    auditLogs: { settle: '5s' },
    async play(world) {
      await afterHistory(world, 200);
      world.api.addFaults([{ kind: 'status', status: 503, forMs: 4_000 }]);
      await world.passes(2_000);
      world.api.organization.jump(HOUR_S * 1000);
      world.happened({ count: 5_000, ago: [HOUR_S, MINUTE_S], tenantShare: 0.2 });
      await world.delivered();
    },
  },
  {
    name: 'backend-away',
    fault: 'the backend answers 503 while 400 events happen',
    async play(world) {
      await afterHistory(world, 200);
      world.backend.treat(() => ({ status: 503 }));
      world.happens(400, { withinS: 30 });
      await world.passes(4_000);
      world.backend.treat(() => ({}));
      await world.delivered();
    },
  },
  {
    name: 'poison',
    fault: 'a record that the backend refuses',
    peers: { worst: '159 others lost', failed: '3 of 3 that send' },
    async play(world) {
      await afterHistory(world, 140);
      world.backend.treat(request => (holdsPoison(request) ? { status: 400 } : {}));
      world.parks = 1;
      world.happens(50);
      world.happensAs({ object: 'organization.audit_log', id: POISON, type: 'login.failed' });
      world.happens(49);
      await world.delivered(1);
    },
  },
  {
    name: 'partial-success',
    fault: 'partial success: 3 of a batch rejected',
    async play(world) {
      await afterHistory(world, 200);
      world.backend.treat(({ records }) => {
        if (world.parks > 0 || !records.every(isEvent)) return {};
        // Nobody is told which three: the whole batch is kept.
        world.parks = records.length;
        const partialSuccess = { rejectedLogRecords: 3, errorMessage: 'three are too large' };
        return { stores: records.slice(3), body: JSON.stringify({ partialSuccess }) };
      });
      world.happens(BATCH);
      await world.delivered(3);
    },
  },
  {
    name: 'lost-answer',
    fault: 'an acknowledgement that is lost on its way',
    mostDoubled: BATCH,
    async play(world) {
      await afterHistory(world, 200);
      let losing = true;
      world.backend.treat(({ records }) => {
        if (!losing) return {};
        losing = false;
        return { stores: records, how: 'reset' };
      });
      world.happens(150);
      await world.delivered();
    },
  },
];

const POISON = 'poison';

function holdsPoison({ records }: ReceivedRequest): boolean {
  return records.some(record => record.uid === POISON);
}
