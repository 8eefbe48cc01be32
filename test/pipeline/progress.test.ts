import { describe, expect, it, onTestFinished } from 'vitest';
import { createEmulator, DEMO_KEY } from '../../src/emulator/emulator.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import { type Collecting, collecting, DAY_MS, HOUR_MS, MINUTE_MS } from '../support/collecting.ts';
import { createFakeClock } from '../support/fake-clock.ts';

async function started(...how: Parameters<typeof collecting>): Promise<Collecting> {
  const scene = await collecting(...how);
  onTestFinished(() => scene.stop());
  return scene;
}

/** Advances until nothing is under way any more, and tells how long that took. */
async function endOf({ clock, works }: Collecting): Promise<number> {
  const beganMs = clock.monotonicMs();
  while (works.underWay().length > 0) await clock.advance(MINUTE_MS);
  return clock.monotonicMs() - beganMs;
}

describe('the progress of a backfill', () => {
  const TEN_A_MINUTE = { requests: 10, perMs: MINUTE_MS, retryAfter: false };

  it('expects its end about when it comes, under a limit that had to be learned first', async () => {
    const scene = await started({ startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } });
    const { emulator, clock, works, nowS } = scene;
    const toS = nowS() - HOUR_MS / 1000;
    emulator.organization.storm({ count: 20_000, fromS: toS - 30 * 86_400, toS });
    emulator.limit('*', TEN_A_MINUTE);
    await clock.advance(12 * MINUTE_MS);
    const [work] = works.underWay();
    expect(work).toMatchObject({ kind: 'history', organization: 'acme', stream: 'organization', unit: 'seconds' });
    const { leftMs = 0, done = 0, total = 0 } = work ?? {};
    expect(total).toBeCloseTo(31 * 86_400, -4);
    expect(done / total).toBeGreaterThan(0.05);
    expect(done / total).toBeLessThan(0.9);
    const tookMs = await endOf(scene);
    expect(leftMs / tookMs).toBeGreaterThan(0.8);
    expect(leftMs / tookMs).toBeLessThan(1.25);
    expect(scene.lines.filter(line => line.includes('history is complete'))).toHaveLength(1);
  });

  it('does not promise more after a restart than the limit of the last life allows', async () => {
    const first = await collecting({ startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } });
    const toS = first.nowS() - HOUR_MS / 1000;
    first.emulator.organization.storm({ count: 20_000, fromS: toS - 30 * 86_400, toS });
    first.emulator.limit('*', TEN_A_MINUTE);
    await first.clock.advance(8 * MINUTE_MS);
    await first.stop();
    const second = await started({ startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } }, first);
    const { clock, works } = second;
    for (let s = 0; s < 120 && works.underWay()[0]?.leftMs === undefined; s++) await clock.advance(1_000);
    const leftMs = works.underWay()[0]?.leftMs ?? 0;
    const tookMs = await endOf(second);
    expect(leftMs / tookMs).toBeGreaterThan(0.6);
    expect(leftMs / tookMs).toBeLessThan(1.4);
  });

  it('is no longer under way once all is filled, nor called complete while a key is refused in between', async () => {
    const scene = await started();
    const { emulator, clock, works, nowS } = scene;
    const toS = nowS() - HOUR_MS / 1000;
    emulator.organization.storm({ count: 10_000, fromS: toS - 30 * 86_400, toS });
    emulator.limit('*', TEN_A_MINUTE);
    await clock.advance(5 * MINUTE_MS);
    emulator.keys.revoke(DEMO_KEY);
    await clock.advance(10 * MINUTE_MS);
    expect(scene.lines.join('\n')).not.toContain('history is complete');
    expect(works.underWay()).toHaveLength(1);
  });
});

describe('the progress of a reading of the inventory', () => {
  it('counts requests, expects an end by what is left, and is over with the reading', async () => {
    const clock = createFakeClock();
    const content = {
      kind: 'story',
      seed: 'progress',
      historyMs: HOUR_MS,
      size: { projects: 20, users: 60, groups: 5 },
    } as const;
    const emulator = createEmulator({ content, clock });
    emulator.limit('*', { requests: 30, perMs: MINUTE_MS, retryAfter: false });
    const storage = await openStorage(':memory:');
    const scene = await started({ enabled: false }, { clock, emulator, storage }, { enabled: true });
    await clock.advance(3 * MINUTE_MS);
    const [work] = scene.works.underWay();
    expect(work).toMatchObject({ kind: 'inventory', organization: 'acme', unit: 'requests' });
    expect(work?.done).toBeGreaterThan(10);
    expect(work?.total).toBeGreaterThan(work?.done ?? 0);
    const tookMs = await endOf(scene);
    expect((work?.leftMs ?? 0) / tookMs).toBeGreaterThan(0.4);
    expect((work?.leftMs ?? 0) / tookMs).toBeLessThan(2.5);
    expect(scene.lines.join('\n')).toContain('the reading of the inventory ended');
  });
});
