import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditLogsConfig } from '../src/config/config.ts';
import { type Collecting, collecting, DAY_MS, HOUR_MS, MINUTE_MS } from './support/collecting.ts';

const KEY = { organization: 'acme', stream: 'organization' } as const;

async function started(auditLogs?: Partial<AuditLogsConfig>, previous?: Collecting): Promise<Collecting> {
  const scene = await collecting(auditLogs, previous);
  onTestFinished(() => scene.stop());
  return scene;
}

/** So many events spread evenly over a span that ended some time ago. */
function history({ emulator, nowS }: Collecting, count: number, agoMs: number, withinMs: number): readonly string[] {
  const toS = nowS() - agoMs / 1000;
  return emulator.organization.storm({ count, fromS: toS - withinMs / 1000, toS });
}

const sorted = (uids: readonly string[]) => [...uids].toSorted();

describe('the collector on simulated time', () => {
  it('delivers a history oldest first, each event once, and covers it', async () => {
    const scene = await started();
    history(scene, 3000, HOUR_MS, 30 * DAY_MS);
    await scene.clock.advance(5 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
    const gap = scene.delivered.filter(({ record }) =>
      String(record.resource['service.instance.id']).endsWith('gap/1'),
    );
    const times = gap.map(({ record }) => record.timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await scene.clock.advance(10 * MINUTE_MS);
    const state = await scene.storage.feed(KEY);
    expect(state?.coverage).toHaveLength(1);
    expect(state?.coverage[0]?.from).toBe(state?.startAt);
  });

  it.each([
    ['even', 1, 30_000, 30 * DAY_MS],
    ['bursty', 300, 100, MINUTE_MS],
    ['nearly empty', 10, 3, HOUR_MS],
  ])('fills an %s history with hardly more requests than it has pages', async (_, bursts, each, withinMs) => {
    const scene = await started({ startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } });
    for (let burst = 0; burst < bursts; burst++) {
      history(scene, each, HOUR_MS + ((burst * 7919) % bursts) * ((30 * DAY_MS) / bursts), withinMs);
    }
    await scene.clock.advance(10 * MINUTE_MS);
    expect(scene.uids()).toHaveLength(bursts * each);
    const polls = 25;
    const cursorChecks = 21;
    const least = Math.ceil((bursts * each) / 100);
    expect(scene.requests() - polls - cursorChecks).toBeLessThanOrEqual(least * 1.05 + 15);
  });

  it('fills a history under a silent limit of 10 requests a minute in about the time that the tail leaves', async () => {
    const scene = await started();
    history(scene, 20_000, HOUR_MS, 30 * DAY_MS);
    scene.emulator.limit('*', { requests: 10, perMs: MINUTE_MS, retryAfter: false });
    const pages = 200;
    const leftPerMinute = 10 - 2;
    const idealMs = (pages / leftPerMinute) * MINUTE_MS;
    await scene.clock.advance(idealMs * 1.25 + 5 * MINUTE_MS);
    expect(scene.uids()).toHaveLength(20_000);
    const { '429': refused = 0 } = scene.emulator.requests.counts()['/organization/audit_logs'] ?? {};
    expect(refused).toBeLessThanOrEqual(scene.requests() * 0.05);
  });

  it('asks once a poll, and writes nothing, while nothing happens', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(HOUR_MS);
    const before = scene.requests();
    await scene.clock.advance(HOUR_MS);
    expect(scene.requests() - before).toBeLessThanOrEqual(61);
  });

  it('asks once a poll again after a storm is over', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    scene.emulator.organization.storm({ count: 3000, fromS: scene.nowS() - 60, toS: scene.nowS() });
    await scene.clock.advance(2 * HOUR_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
    const before = scene.requests();
    await scene.clock.advance(HOUR_MS);
    expect(scene.requests() - before).toBeLessThanOrEqual(61);
  });

  it('delivers the newest event within a poll while a storm is still behind', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    scene.emulator.organization.storm({ count: 20_000, fromS: scene.nowS() - 60, toS: scene.nowS() });
    await scene.clock.advance(MINUTE_MS);
    for (let i = 0; i < 5; i++) {
      const [newest = ''] = scene.emulator.organization.storm({ count: 1 });
      await scene.clock.advance(32_000);
      expect(scene.uids()).toContain(newest);
    }
    await scene.clock.advance(30 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
  });

  it('reads on below known events when a poll before it broke off', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    scene.emulator.addFaults([{ kind: 'status', status: 500, query: 'after=', times: 1 }]);
    scene.emulator.organization.storm({ count: 350, fromS: scene.nowS() - 50, toS: scene.nowS() });
    await scene.clock.advance(2 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
  });

  it('delivers a second with more events than it would hold', async () => {
    const scene = await started();
    history(scene, 300, 5 * HOUR_MS, 10 * DAY_MS);
    const atS = scene.nowS() - DAY_MS / 1000;
    scene.emulator.organization.storm({ count: 12_000, fromS: atS, toS: atS + 1 });
    await scene.clock.advance(30 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
    expect((await scene.storage.feed(KEY))?.coverage).toHaveLength(1);
  });

  it('loses nothing of a shuffled and of an ascending list', async () => {
    for (const order of ['shuffled', 'ascending'] as const) {
      const scene = await started();
      scene.emulator.configure({ order });
      history(scene, 2000, 0, 20 * DAY_MS);
      await scene.clock.advance(HOUR_MS);
      expect(sorted(scene.uids()), order).toEqual(sorted(scene.listed()));
    }
  });

  it('finds what appears late by re-verification, marks it, and reads what lies around it', async () => {
    const scene = await started({ reverify: [{ lastMs: 30 * DAY_MS, everyMs: DAY_MS }] });
    history(scene, 500, HOUR_MS, 40 * DAY_MS);
    await scene.clock.advance(HOUR_MS);
    const late = history(scene, 5, 20 * DAY_MS, HOUR_MS);
    await scene.clock.advance(26 * HOUR_MS);
    expect(scene.uids()).toEqual(expect.arrayContaining([...late]));
    const modes = scene.delivered
      .filter(({ record }) => late.includes(String(record.attributes['log.record.uid'])))
      .map(({ record }) => record.attributes['openai.audit.delivery']);
    expect(new Set(modes)).toEqual(new Set(['late']));
    expect(new Set(scene.uids()).size).toBe(scene.uids().length);
  });

  it('re-verifies as often as it is told and no more, also when that is often', async () => {
    const scene = await started({ reverify: [{ lastMs: HOUR_MS, everyMs: 10 * MINUTE_MS }] });
    history(scene, 50, 0, 5 * HOUR_MS);
    await scene.clock.advance(2 * HOUR_MS);
    const before = scene.requests();
    await scene.clock.advance(HOUR_MS);
    expect(scene.requests() - before).toBeLessThanOrEqual(61 + 3 * 6);
  });

  it('re-verifies a second with more events than it would hold, and goes on', async () => {
    const scene = await started({ reverify: [{ lastMs: 2 * DAY_MS, everyMs: 6 * HOUR_MS }] });
    history(scene, 300, 2 * HOUR_MS, 2 * DAY_MS);
    const atS = scene.nowS() - 5 * 3600;
    scene.emulator.organization.storm({ count: 7_000, fromS: atS, toS: atS + 1 });
    await scene.clock.advance(2 * HOUR_MS);
    const [late = ''] = scene.emulator.organization.storm({ count: 1, fromS: atS, toS: atS + 1 });
    const [above = ''] = scene.emulator.organization.storm({ count: 1, fromS: atS + 1000, toS: atS + 1001 });
    const before = scene.requests();
    await scene.clock.advance(8 * HOUR_MS);
    expect(scene.uids()).toEqual(expect.arrayContaining([late, above]));
    expect(scene.requests() - before).toBeLessThan(3_000);
  });

  it('sets one unreadable second aside, says so, fills what lies above it, and delivers it once it can be read', async () => {
    const scene = await started();
    const events = history(scene, 300, 2 * HOUR_MS, 10 * DAY_MS);
    const bad = events[150] ?? '';
    scene.breakOn(bad);
    await scene.clock.advance(3 * HOUR_MS);
    expect(sorted(scene.uids())).toEqual(sorted(events.filter(uid => uid !== bad)));
    expect(scene.lines.join('')).toContain('a second of the audit log cannot be read');
    scene.breakOn();
    await scene.clock.advance(2 * HOUR_MS);
    expect(sorted(scene.uids())).toEqual(sorted(events));
    const { coverage = [] } = (await scene.storage.feed(KEY)) ?? {};
    expect(coverage.slice(1).map(({ from }) => from)).toEqual(coverage.slice(0, -1).map(({ to }) => to));
  });

  it('forgets ids that no reading can meet again, and delivers none of them twice', async () => {
    const scene = await started({ reverify: [{ lastMs: 5 * DAY_MS, everyMs: DAY_MS }] });
    history(scene, 400, HOUR_MS, 30 * DAY_MS);
    await scene.clock.advance(30 * HOUR_MS);
    const left = await scene.storage.counts(KEY, { from: 0, to: scene.nowS() });
    expect(left.acknowledged).toBeLessThan(150);
    expect(left.acknowledged).toBeGreaterThan(60);
    expect(scene.uids()).toHaveLength(400);
    expect(new Set(scene.uids()).size).toBe(400);
  });

  it('delivers what it excluded once the type is no longer excluded', async () => {
    const first = await started({ excludeTypes: ['login.succeeded', 'user.added'] });
    history(first, 300, HOUR_MS, 5 * DAY_MS);
    await first.clock.advance(20 * MINUTE_MS);
    const typeOf = new Map(
      [...first.emulator.organization.listed('organization')].map(event => [event.id, event.type]),
    );
    const excluded = [...typeOf].filter(([, type]) => type === 'login.succeeded').map(([uid]) => uid);
    expect(excluded.length).toBeGreaterThan(0);
    expect(first.uids()).not.toEqual(expect.arrayContaining(excluded));
    await first.stop();

    const second = await started({ excludeTypes: ['user.added'] }, first);
    await second.clock.advance(20 * MINUTE_MS);
    expect(sorted(second.uids())).toEqual(sorted(excluded));
  });

  it('keeps the instant that start_from meant first, and says what a later one gives up', async () => {
    const first = await started();
    history(first, 100, HOUR_MS, 5 * DAY_MS);
    await first.clock.advance(20 * MINUTE_MS);
    const startAt = (await first.storage.feed(KEY))?.startAt ?? 0;
    await first.stop();
    const second = await started({}, first);
    await second.clock.advance(20 * MINUTE_MS);
    expect((await second.storage.feed(KEY))?.startAt).toBe(startAt);
    expect(second.lines.join('')).not.toContain('given up');
    await second.stop();
    const third = await started({ startFrom: { text: '1d', kind: 'ago', ms: DAY_MS } }, second);
    await third.clock.advance(20 * MINUTE_MS);
    const later = await third.storage.feed(KEY);
    expect(later?.startAt).toBeGreaterThan(startAt);
    expect(later?.coverage[0]?.from).toBe(startAt);
    expect(third.lines.join('')).toContain('start_from is later than it was');
  });

  it('says when a stream is silent for longer than its history explains, and when it is live again', async () => {
    const scene = await started();
    history(scene, 200, 0, 20 * DAY_MS);
    await scene.clock.advance(2 * DAY_MS);
    scene.emulator.organization.storm({ count: 1 });
    await scene.clock.advance(5 * MINUTE_MS);
    const states = scene.delivered
      .filter(({ record }) => record.eventName === 'openai.collector.feed')
      .map(({ record }) => String(record.attributes['log.record.uid']).split('/')[3]);
    expect(states).toEqual(['behind', 'live', 'silent', 'live']);
  });

  it('covers nothing of a stream that never listed an event, and all of it after the first', async () => {
    const scene = await started();
    await scene.clock.advance(HOUR_MS);
    expect((await scene.storage.feed(KEY))?.coverage ?? []).toEqual([]);
    const old = history(scene, 5, 3 * DAY_MS, DAY_MS);
    await scene.clock.advance(20 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(old));
    expect((await scene.storage.feed(KEY))?.coverage).toHaveLength(1);
  });
});
