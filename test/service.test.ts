import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditLogsConfig } from '../src/config/config.ts';
import { createEmulator } from '../src/emulator/emulator.ts';
import type { Fault } from '../src/emulator/fault.ts';
import { MOST_PAGES } from '../src/pipeline/tail.ts';
import type { LogRecord } from '../src/record.ts';
import { openStorage } from '../src/storage/sqlite.ts';
import type { Storage } from '../src/storage/storage.ts';
import { type Api, fixedWindow, tokenBucket } from './api/limited-api.ts';
import { type Collecting, collecting, DAY_MS, HOUR_MS, MINUTE_MS } from './support/collecting.ts';
import { createFakeClock } from './support/fake-clock.ts';

const KEY = { organization: 'acme', stream: 'organization' } as const;

async function started(
  auditLogs?: Partial<AuditLogsConfig>,
  previous?: Parameters<typeof collecting>[1],
): Promise<Collecting> {
  const scene = await collecting(auditLogs, previous);
  onTestFinished(() => scene.stop());
  return scene;
}

/** So many events spread evenly over a span that ended some time ago. */
function history(
  { emulator, nowS }: Collecting,
  count: number,
  agoMs: number,
  withinMs: number,
  tenantShare = 0,
): readonly string[] {
  const toS = nowS() - agoMs / 1000;
  return emulator.organization.storm({ count, fromS: toS - withinMs / 1000, toS, tenantShare });
}

const FAILURES = [
  { kind: 'status', status: 500 },
  { kind: 'reset' },
  { kind: 'body', body: '<html>', contentType: 'text/html' },
  // The last one: it teaches a limit, and that a pace.
  { kind: 'status', status: 429 },
] as const;

/** Until the collector has asked the API again. */
async function nextPoll({ clock, requests }: Collecting): Promise<void> {
  for (const before = requests(); requests() === before; ) await clock.advance(100);
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
    ['an even', 1, 30_000, 30 * DAY_MS, 0],
    ['a bursty', 300, 100, MINUTE_MS, 0],
    ['a very bursty', 30, 1_000, MINUTE_MS, 0],
    ['a bursty, of both streams,', 30, 1_000, HOUR_MS, 0.3],
    ['a nearly empty', 10, 3, HOUR_MS, 0],
  ])('fills %s history with hardly more requests than it has pages', async (_, bursts, each, withinMs, tenantShare) => {
    const streams = tenantShare === 0 ? (['organization'] as const) : (['organization', 'tenant'] as const);
    const scene = await started({ streams, startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } });
    for (let burst = 0; burst < bursts; burst++) {
      history(scene, each, HOUR_MS + ((burst * 7919) % bursts) * ((30 * DAY_MS) / bursts), withinMs, tenantShare);
    }
    await scene.clock.advance(10 * MINUTE_MS);
    expect(scene.uids()).toHaveLength(bursts * each);
    const polls = 25;
    const cursorChecks = 21;
    const least = streams.map(stream => Math.ceil([...scene.emulator.organization.listed(stream)].length / 100));
    const most = least.map(pages => pages * 1.05 + 15 + polls + cursorChecks);
    expect(scene.requests()).toBeLessThanOrEqual(most.reduce((sum, requests) => sum + requests, 0));
  });

  it('reads slices ahead, so that a backfill is not bound by the round trip, and exports them in order', async () => {
    const scene = await started({ startFrom: { text: '31d', kind: 'ago', ms: 31 * DAY_MS } });
    const pages = 200;
    const roundTripMs = 3_000;
    scene.emulator.configure({ latencyMs: roundTripMs });
    const events = history(scene, 100 * pages, HOUR_MS, 30 * DAY_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    const { delivered } = scene;
    expect(sorted(scene.uids())).toEqual(sorted(events));
    const times = delivered.filter(isAudit).map(({ record }) => record.timestamp);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // One after another they would take 10 minutes.
    expect(delivered.filter(isAudit).at(-1)?.atMs).toBeLessThanOrEqual((pages * roundTripMs) / 2);
  });

  it('is live at once after an outage of days, and fills that beside it', async () => {
    const first = await started();
    history(first, 300, HOUR_MS, 10 * DAY_MS);
    await first.clock.advance(20 * MINUTE_MS);
    await first.stop();
    const before = first.listed();
    expect(sorted(first.uids())).toEqual(sorted(before));
    await first.clock.advance(6 * DAY_MS);
    history(first, 20_000, HOUR_MS, 5 * DAY_MS);
    first.emulator.configure({ latencyMs: 1_000 });
    const [newest = ''] = first.emulator.organization.storm({ count: 1 });

    const second = await started({}, first);
    await second.clock.advance(15_000);
    expect(second.uids()).toContain(newest);
    for (let i = 0; i < 3; i++) {
      expect(second.uids().length).toBeLessThan(20_000);
      const [next = ''] = second.emulator.organization.storm({ count: 1 });
      await second.clock.advance(32_000);
      expect(second.uids()).toContain(next);
    }
    await second.clock.advance(30 * MINUTE_MS);
    expect(sorted([...before, ...second.uids()])).toEqual(sorted(second.listed()));
    const { coverage = [] } = (await second.storage.feed(KEY)) ?? {};
    expect(coverage.slice(1).map(({ from }) => from)).toEqual(coverage.slice(0, -1).map(({ to }) => to));
    expect(coverage.at(-1)?.to).toBeGreaterThan(second.nowS() - 30 * 60);
  });

  it('asks once a poll, and writes nothing but coverage, while nothing happens', async () => {
    const storage = await openStorage(':memory:');
    const calls: string[] = [];
    const clock = createFakeClock();
    const emulator = createEmulator({ content: { kind: 'events', events: [] }, clock });
    const scene = await started({}, { clock, emulator, storage: heard(storage, name => calls.push(name)) });
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(HOUR_MS);
    const before = scene.requests();
    calls.length = 0;
    await scene.clock.advance(HOUR_MS);
    expect(scene.requests() - before).toBeLessThanOrEqual(61);
    const saves = 13;
    const hourCoveredAndSaid = 3;
    const writes = calls.filter(name => ['claim', 'commit', 'prune', 'settleStatements', 'setNote'].includes(name));
    expect(writes.length).toBeLessThanOrEqual(saves + hourCoveredAndSaid);
    expect(writes).toContain('commit');
    expect(writes).not.toContain('claim');
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

  it('reads what a storm leaves behind once, and not again at each poll', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    await nextPoll(scene);
    scene.emulator.organization.storm({ count: 20_000, fromS: scene.nowS() - 1, toS: scene.nowS() });
    const before = scene.requests();
    await scene.clock.advance(4 * MINUTE_MS);
    const polls = 4 * 4;
    expect(scene.requests() - before).toBeLessThanOrEqual(polls + 2 * MOST_PAGES);
    await scene.clock.advance(HOUR_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
  });

  it.each([
    ['a minute', 12_500, 60, 1.15],
    ['four seconds', 12_000, 4, 2.5],
    ['two seconds', 12_000, 2, 2.5],
  ])('reads a storm of %s with few more requests than it has pages', async (_, count, withinS, most) => {
    const scene = await started();
    history(scene, 200, 2 * HOUR_MS, DAY_MS);
    await scene.clock.advance(20 * MINUTE_MS);
    const toS = scene.nowS();
    scene.emulator.organization.storm({ count, fromS: toS - withinS, toS });
    const before = scene.requests();
    await scene.clock.advance(7 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
    const polls = 30;
    const youngGaps = 15;
    expect(scene.requests() - before - polls - youngGaps).toBeLessThanOrEqual((most * count) / 100);
  });

  it.each(['a busy', 'an idle'])(
    'delivers the newest event of %s stream within a poll though one poll fails',
    async how => {
      const scene = await started();
      history(scene, 10, 2 * HOUR_MS, HOUR_MS);
      await scene.clock.advance(how === 'an idle' ? HOUR_MS : MINUTE_MS);
      for (const fault of FAILURES) {
        if (how === 'a busy') scene.emulator.organization.storm({ count: 1 });
        await nextPoll(scene);
        const [newest = ''] = scene.emulator.organization.storm({ count: 1 });
        scene.emulator.addFaults([{ ...fault, times: 1 }]);
        await scene.clock.advance((how === 'an idle' ? MINUTE_MS : 30_000) + 4_000);
        expect(scene.uids()).toContain(newest);
        if (how === 'an idle') await scene.clock.advance(HOUR_MS);
      }
    },
  );

  it('reads on below known events when a poll before it broke off', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    scene.emulator.addFaults([{ kind: 'status', status: 500, query: 'after=', times: 1 }]);
    scene.emulator.organization.storm({ count: 350, fromS: scene.nowS() - 50, toS: scene.nowS() });
    await scene.clock.advance(2 * MINUTE_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
  });

  it('delivers what is younger beside an event from the future that the backend does not take yet', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(10 * MINUTE_MS);
    const graceS = 600;
    scene.answer(records =>
      records.some(({ timestamp }) => timestamp > scene.nowS() + graceS)
        ? { kind: 'too_new', message: 'timestamp too new' }
        : { kind: 'acknowledged' },
    );
    const atS = scene.nowS() + 2 * 3600;
    const [future = ''] = scene.emulator.organization.storm({ count: 1, fromS: atS, toS: atS + 1 });
    for (let i = 0; i < 20; i++) {
      const [newest = ''] = scene.emulator.organization.storm({ count: 1 });
      await scene.clock.advance(32_000);
      expect(scene.uids()).toContain(newest);
    }
    expect(scene.uids()).not.toContain(future);
    await scene.clock.advance(4 * HOUR_MS);
    expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));
  });

  it('covers nothing by answers without Date, delivers what they list, and goes on with the next that has one', async () => {
    const scene = await started();
    history(scene, 10, 2 * HOUR_MS, HOUR_MS);
    await scene.clock.advance(20 * MINUTE_MS);
    const coveredTo = async () => (await scene.storage.feed(KEY))?.coverage.at(-1)?.to ?? 0;
    scene.emulator.addFaults([{ kind: 'headers', headers: { date: null }, times: 1_000 }]);
    const [beganS, before] = [scene.nowS(), scene.requests()];
    scene.emulator.organization.storm({ count: 1 });
    await scene.clock.advance(HOUR_MS);
    expect(scene.uids()).toHaveLength(11);
    expect(await coveredTo()).toBeLessThanOrEqual(beganS);
    expect(scene.lines.join('')).toContain('code=api-no-date');
    expect(scene.requests() - before).toBeLessThanOrEqual(3 * 60);
    scene.emulator.clearFaults();
    await scene.clock.advance(30 * MINUTE_MS);
    expect(await coveredTo()).toBeGreaterThan(beganS + 3600);
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

  it.each<Fault>([
    { kind: 'repeated_cursor', times: 3 },
    { kind: 'no_cursor' },
    { kind: 'empty_page' },
    { kind: 'empty_page', cursor: true },
    { kind: 'ignored_cursor', times: 2 },
    { kind: 'ignored_span', times: 2 },
    { kind: 'two_documents' },
    { kind: 'body', body: '<html>', contentType: 'text/html' },
    { kind: 'body', body: '{"object":"list"}' },
    { kind: 'status', status: 400 },
    { kind: 'status', status: 500, times: 6 },
    { kind: 'headers', headers: { date: null }, times: 3 },
    { kind: 'reset', times: 2 },
  ])('loses and doubles nothing of a backfill that meets $kind', async fault => {
    for (const query of ['effective_at[lte]=', 'after=']) {
      // The oldest event lies in the first second of the first slice.
      const scene = await started({ startFrom: { text: '242h', kind: 'ago', ms: 242 * HOUR_MS } });
      scene.emulator.addFaults([{ ...fault, query }]);
      const events = history(scene, 1_500, 2 * HOUR_MS, 10 * DAY_MS);
      await scene.clock.advance(HOUR_MS);
      const met = scene.emulator.requests.last().filter(request => request.fault === fault.kind);
      expect(met.length).toBe(fault.times ?? 1);
      expect(sorted(scene.uids())).toEqual(sorted(events));
    }
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

  it('finds what appears late within the period of the first tier that reaches it', async () => {
    const tiers = [
      { lastMs: HOUR_MS, everyMs: 10 * MINUTE_MS },
      { lastMs: DAY_MS, everyMs: 2 * HOUR_MS },
      { lastMs: 10 * DAY_MS, everyMs: 12 * HOUR_MS },
    ];
    const scene = await started({ reverify: tiers });
    history(scene, 200, HOUR_MS, 20 * DAY_MS);
    await scene.clock.advance(15 * HOUR_MS);
    const plantedMs = scene.clock.monotonicMs();
    const ages = [MINUTE_MS * 50, 12 * HOUR_MS, 5 * DAY_MS];
    const late = ages.map(agoMs => history(scene, 1, agoMs, MINUTE_MS)[0]);
    await scene.clock.advance(13 * HOUR_MS);
    const took = late.map(
      uid => (scene.delivered.find(({ record }) => uidOf(record) === uid)?.atMs ?? Infinity) - plantedMs,
    );
    for (const [index, { everyMs }] of tiers.entries()) {
      expect(took[index]).toBeLessThanOrEqual(everyMs + 2 * MINUTE_MS);
      expect(took[index]).toBeGreaterThan(tiers[index - 1]?.everyMs ?? 0);
    }
  });

  it('re-verifies as often as it is told and no more, also when that is often', async () => {
    const scene = await started({ reverify: [{ lastMs: HOUR_MS, everyMs: 10 * MINUTE_MS }] });
    history(scene, 50, 0, 5 * HOUR_MS);
    await scene.clock.advance(2 * HOUR_MS);
    const before = scene.requests();
    await scene.clock.advance(HOUR_MS);
    expect(scene.requests() - before).toBeLessThanOrEqual(61 + 3 * 6);
  });

  it('stretches re-verification that the budget does not suffice for, says so, and skips nothing', async () => {
    const scene = await started({ reverify: [{ lastMs: 40 * DAY_MS, everyMs: 10 * MINUTE_MS }] });
    history(scene, 2_000, HOUR_MS, 30 * DAY_MS);
    await scene.clock.advance(9 * MINUTE_MS);
    scene.admit(fixedWindow(2));
    await scene.clock.advance(HOUR_MS);
    const late = [3, 12, 29].flatMap(days => history(scene, 1, days * DAY_MS, MINUTE_MS));
    await scene.clock.advance(3 * HOUR_MS);
    expect(scene.lines.join('')).toContain('code=reverify-behind');
    expect(scene.uids()).toEqual(expect.arrayContaining([...late]));
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

it('refuses a state that knows other organizations and not the configured one, and says how to go on', async () => {
  const scene = await started();
  history(scene, 10, 2 * HOUR_MS, HOUR_MS);
  await scene.clock.advance(10 * MINUTE_MS);
  await scene.stop();
  const renamed = await collecting({}, scene, { enabled: false }, 'acme-inc');
  await expect(renamed.ended).rejects.toThrow(/knows "acme", but not "acme-inc".*put its old name back/s);
});

const LIMIT = 10;
const PAGES = 500;
const LIMITED: readonly (readonly [name: string, api: () => Api])[] = [
  ['a fixed window', () => fixedWindow(LIMIT, 17_389)],
  ['a token bucket', () => tokenBucket(LIMIT, 5)],
];

describe('under a silent limit of 10 requests a minute', () => {
  it.each(LIMITED)(
    '%s: live stays live, and the backfill uses what it leaves',
    { timeout: 300_000 },
    async (_, make) => {
      const scene = await started({
        streams: ['organization', 'tenant'],
        reverify: [{ lastMs: DAY_MS, everyMs: HOUR_MS }],
      });
      const answers = countAnswers(scene, make());
      const toS = scene.nowS() - HOUR_MS / 1000;
      const { organization } = scene.emulator;
      organization.storm({ count: PAGES * 100, fromS: toS - (30 * DAY_MS) / 1000, toS, tenantShare: 0.3 });
      const visibleAtMs = new Map<string, number>();
      const isFilled = () => scene.uids().length >= PAGES * 100 + visibleAtMs.size - 3;
      while (!isFilled() && scene.clock.monotonicMs() < 4 * HOUR_MS) {
        const [id = ''] = organization.storm({ count: 1, tenantShare: visibleAtMs.size % 2 });
        visibleAtMs.set(id, scene.clock.monotonicMs());
        await scene.clock.advance(20_000);
      }
      const minutes = scene.clock.monotonicMs() / MINUTE_MS;
      const { sent, refused } = { ...answers };
      await scene.clock.advance(MINUTE_MS);
      expect(sorted(scene.uids())).toEqual(sorted(scene.listed()));

      // Half of the limit is for the tails, which want more here; a tenth of the rest for reading again.
      const idealMinutes = PAGES / ((LIMIT / 2) * 0.9);
      expect(minutes).toBeLessThanOrEqual(idealMinutes * 1.25);
      expect(PAGES / minutes).toBeGreaterThanOrEqual(0.8 * (LIMIT / 2) * 0.9);
      expect(sent).toBeGreaterThanOrEqual(1_000);
      expect(refused / sent).toBeLessThanOrEqual(0.03);

      const arrivedAtMs = new Map(scene.delivered.map(({ record, atMs }) => [uidOf(record), atMs]));
      const delays = [...visibleAtMs].map(([id, atMs]) => ({ atMs, tookMs: (arrivedAtMs.get(id) ?? Infinity) - atMs }));
      // While nothing is known of the limit, whoever meets it finds that the API refuses everybody for up to a minute.
      expect(Math.max(...delays.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(MINUTE_MS + 2_000);
      const learned = delays.filter(({ atMs }) => atMs >= 10 * MINUTE_MS);
      expect(Math.max(...learned.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(32_000);
    },
  );

  it('a restart goes on with what was learned', async () => {
    const api = fixedWindow(LIMIT, 17_389);
    const first = await started();
    history(first, 50_000, HOUR_MS, 30 * DAY_MS);
    first.admit(api);
    await first.clock.advance(30 * MINUTE_MS);
    await first.stop();
    // Until the minute is over that the last process used up.
    await first.clock.advance(MINUTE_MS);
    const next = await started({}, first);
    const answers = countAnswers(next, api);
    await next.clock.advance(10 * MINUTE_MS);
    expect(answers.refused).toBeLessThanOrEqual(3);
    expect(answers.sent).toBeGreaterThanOrEqual(0.75 * 10 * LIMIT);
  });
});

function countAnswers(scene: Collecting, api: Api) {
  const count = { sent: 0, refused: 0 };
  scene.admit(atMs => {
    const answer = api(atMs);
    count.sent += 1;
    if (answer.status === 429) count.refused += 1;
    return answer;
  });
  return count;
}

/** The same storage; each call is told. */
function heard(storage: Storage, onCall: (name: string) => void): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        onCall(String(name));
        return value.apply(target, args);
      };
    },
  });
}

const isAudit = ({ record }: Collecting['delivered'][number]) => record.resource['service.name'] === 'openai-audit';
const uidOf = ({ attributes }: LogRecord): string => String(attributes['log.record.uid']);
