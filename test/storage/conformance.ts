import { describe, expect, it } from 'vitest';
import { STREAMS } from '../../src/storage/ledger.ts';
import type { FeedKey, FeedState, InFlight, Listed, Settled, Statement, Storage } from '../../src/storage/storage.ts';
import { saysCoverage } from './coverage-statements.ts';
import { keepsInventory } from './inventory.ts';
import { behavesLikeModel, collect } from './model.ts';

/** A storage with nothing in it. `reopen` gives what is there after the process ended and began again, where that applies. */
export interface Opened {
  readonly storage: Storage;
  reopen(): Promise<Storage>;
}

const feed: FeedKey = { organization: 'acme', stream: 'organization' };
const tenant: FeedKey = { organization: 'acme', stream: 'tenant' };
const always = { from: -1e9, to: 1e10 };
const HOUR = 3600;

const state: FeedState = {
  startText: '30d',
  startAt: 1000,
  listed: true,
  floor: 0,
  coverage: [
    { from: 1000, to: 2000, verifiedAt: 9000 },
    { from: 3000, to: 4000, verifiedAt: 9001 },
  ],
  ways: { gap: { n: 3, at: 3999 } },
};

/** An event that the tail claims. */
export function event(uid: string, change: Partial<InFlight> = {}): InFlight {
  return {
    uid,
    feed,
    type: 'project.created',
    effectiveAt: 1500,
    way: 'live',
    delivery: 'live',
    observedAtMs: 1_700_000_000_123,
    event: JSON.stringify({ event: `{"id":"${uid}","name":"Ärger 🦊 \\u0000"}`, geo: null }),
    timeIsNeighbours: false,
    ...change,
  };
}

export function acknowledged(...uids: string[]): Settled[] {
  return uids.map(uid => ({ uid, fate: 'acknowledged' }));
}

function parked(uid: string): Settled {
  return { uid, fate: 'parked', parked: { reason: 'refused', message: 'too long: "a"', certain: true, atMs: 77 } };
}

async function listed(storage: Storage, key: FeedKey, span = always): Promise<Listed[]> {
  return collect(storage.ids(key, span));
}

/** What every implementation of Storage does. */
export function storageConformance(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as storage`, () => {
    it('knows nothing at first', async () => {
      const { storage } = await open();
      expect(await storage.organizations()).toEqual([]);
      expect(await storage.feed(feed)).toBeUndefined();
      expect(await storage.inFlight('acme')).toEqual([]);
      expect(await storage.parked('acme')).toEqual([]);
      expect(await storage.fates('acme', ['a'])).toEqual(new Map());
      expect(await storage.newest(feed, 10)).toEqual([]);
      expect(await storage.counts(feed, always)).toEqual({ acknowledged: 0, parked: 0, excluded: 0, inFlight: 0 });
      expect(await listed(storage, feed)).toEqual([]);
      expect(await storage.prune('acme', 1e10, STREAMS)).toBe(0);
      expect(await storage.readmit('acme', ['project.created'])).toEqual([]);
      expect(await storage.replay('acme', ['a'], 'replay/1')).toEqual([]);
      expect(await storage.note('limiter')).toBeUndefined();
      expect(await storage.statements('acme', 10, 0)).toEqual([]);
      expect(await storage.parkedReasons('acme')).toEqual([]);
      expect(await storage.parkedStatements('acme')).toEqual([]);
      expect(await storage.replayStatements('acme', ['a'], 'collector/replay/1')).toBe(0);
      await storage.settleStatements('acme', acknowledged('a'));
    });

    describe('claim', () => {
      it('takes unknown events and keeps all of them, in their order, across a reopening', async () => {
        const { storage, reopen } = await open();
        const rows = [
          event('b', { effectiveAt: 9, way: 'gap/3', timeIsNeighbours: true, context: '{"geo":{}}' }),
          event('a', { feed: tenant, type: '' }),
          event('audit_log-0123456789abcdefghijklmn', { effectiveAt: -5 }),
        ];
        expect(await storage.claim(rows)).toEqual(['claimed', 'claimed', 'claimed']);
        expect(await storage.claim([event('c')])).toEqual(['claimed']);
        const again = await reopen();
        expect(await again.inFlight('acme')).toEqual([...rows, event('c')]);
        expect(await again.organizations()).toEqual(['acme']);
      });

      it('says what became of a known event', async () => {
        const { storage } = await open();
        await storage.claim([event('ack'), event('parked'), event('waiting')]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: [...acknowledged('ack'), parked('parked')],
          excluded: [{ uid: 'excluded', feed, type: 'project.created', effectiveAt: 5 }],
        });
        const rows = ['ack', 'parked', 'waiting', 'excluded', 'new', 'new'].map(uid => event(uid));
        expect(await storage.claim(rows)).toEqual([
          'acknowledged',
          'parked',
          'in_flight',
          'excluded',
          'claimed',
          'in_flight',
        ]);
        expect((await storage.inFlight('acme')).map(({ uid }) => uid)).toEqual(['waiting', 'new']);
      });

      it('knows an event by its id, whatever its time and stream', async () => {
        const { storage } = await open();
        await storage.claim([event('a', { effectiveAt: 5 })]);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
        expect(await storage.claim([event('a', { effectiveAt: 6, feed: tenant })])).toEqual(['acknowledged']);
      });

      it('takes an id with another type for another event, in flight or settled', async () => {
        const { storage } = await open();
        await storage.claim([event('a'), event('b'), event('c')]);
        await storage.commit({ atMs: 0, feed, settled: [...acknowledged('a'), parked('b')] });
        const others = ['a', 'b', 'c'].map(uid => event(uid, { type: 'project.deleted', feed: tenant }));
        expect(await storage.claim(others)).toEqual(['other_type', 'other_type', 'other_type']);
        expect(await listed(storage, tenant)).toEqual([]);
        expect(await storage.claim(others.map(row => ({ ...row, uid: `${row.uid}#project.deleted` })))).toEqual([
          'claimed',
          'claimed',
          'claimed',
        ]);
      });

      it('knows an event under its longer name when the one whose id it had is pruned', async () => {
        const { storage } = await open();
        const twin = event('a', { type: 'project.deleted', effectiveAt: 2000 });
        const named = { ...twin, uid: 'a#project.deleted' };
        await storage.claim([event('a', { effectiveAt: 1000 }), named]);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('a', named.uid) });
        await storage.prune('acme', 1500, STREAMS);
        expect(await storage.claim([twin])).toEqual(['acknowledged']);
      });

      it('keeps organizations apart', async () => {
        const { storage } = await open();
        const other = event('a', { feed: { organization: 'other', stream: 'organization' }, type: 'x' });
        expect(await storage.claim([event('a'), other])).toEqual(['claimed', 'claimed']);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
        expect(await storage.inFlight('other')).toEqual([other]);
        expect(await storage.fates('other', ['a'])).toEqual(new Map([['a', 'in_flight']]));
        expect(await storage.fates('acme', ['a'])).toEqual(new Map([['a', 'acknowledged']]));
        expect(await storage.organizations()).toEqual(['acme', 'other']);
      });

      it.each(['', 'a\u0000b', 'a\ud800b', 'a\ud801b', '\u{1f98a}', `${'f'.repeat(64)}#é`])(
        'holds the id %j',
        async uid => {
          const { storage, reopen } = await open();
          await storage.claim([event(uid)]);
          await storage.claim([event('a\ufffdb', { effectiveAt: 1600 })]);
          const again = await reopen();
          expect((await again.inFlight('acme'))[0]?.uid).toBe(uid);
          await again.commit({ atMs: 0, feed, settled: acknowledged(uid) });
          expect((await listed(again, feed)).map(row => row.uid)).toEqual([uid]);
        },
      );
    });

    describe('commit', () => {
      it('settles in one step and survives a reopening', async () => {
        const { storage, reopen } = await open();
        await storage.claim([
          event('a'),
          event('b', { timeIsNeighbours: true, feed: tenant, context: '{}' }),
          event('c'),
        ]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: [...acknowledged('a'), parked('b')],
          excluded: [{ uid: 'd', feed, type: 'login.succeeded', effectiveAt: 1600 }],
          state,
        });
        const again = await reopen();
        expect(await again.inFlight('acme')).toEqual([event('c')]);
        const refused = { kind: 'event', reason: 'refused', records: 1, message: 'too long: "a"' };
        expect(await again.parkedReasons('acme')).toEqual([refused]);
        expect(await again.parked('acme')).toEqual([
          {
            ...event('b', { timeIsNeighbours: true, feed: tenant, context: '{}' }),
            reason: 'refused',
            message: 'too long: "a"',
            certain: true,
            parkedAtMs: 77,
          },
        ]);
        expect(await again.fates('acme', ['a', 'b', 'c', 'd', 'e'])).toEqual(
          new Map([
            ['a', 'acknowledged'],
            ['b', 'parked'],
            ['c', 'in_flight'],
            ['d', 'excluded'],
          ]),
        );
        expect(await again.feed(feed)).toEqual(state);
        expect(await again.feed(tenant)).toBeUndefined();
      });

      it('changes nothing when it is repeated', async () => {
        const { storage } = await open();
        await storage.claim([event('a'), event('b')]);
        const commit = {
          atMs: 0,
          feed,
          settled: [...acknowledged('a'), parked('b')],
          excluded: [{ uid: 'd', feed, type: 'login.succeeded', effectiveAt: 1600 }],
          state,
        };
        await storage.commit(commit);
        const before = await listed(storage, feed);
        await storage.commit(commit);
        expect(await listed(storage, feed)).toEqual(before);
        expect(await storage.parked('acme')).toHaveLength(1);
        expect(await storage.feed(feed)).toEqual(state);
      });

      it.each<[string, Settled]>([
        ['an unknown event', { uid: 'unknown', fate: 'acknowledged' }],
        ['a parked event as acknowledged', { uid: 'parked', fate: 'acknowledged' }],
        ['an acknowledged event as parked', parked('ack')],
        ['an excluded event as acknowledged', { uid: 'excluded', fate: 'acknowledged' }],
        ['an event as parked without a reason', { uid: 'good', fate: 'parked' }],
      ])('rejects as a whole to settle %s', async (_name, settled) => {
        const { storage } = await open();
        await storage.claim([event('ack'), event('parked'), event('good')]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: [...acknowledged('ack'), parked('parked')],
          excluded: [{ uid: 'excluded', feed, type: 't', effectiveAt: 5 }],
        });
        await expect(
          storage.commit({ atMs: 0, feed, settled: [...acknowledged('good'), settled], state }),
        ).rejects.toThrow(new RegExp(`event ${settled.uid} `));
        expect(await storage.inFlight('acme')).toEqual([event('good')]);
        expect(await storage.feed(feed)).toBeUndefined();
        await storage.commit({ atMs: 0, feed, settled: acknowledged('good') });
        expect(await storage.inFlight('acme')).toEqual([]);
      });

      it('replaces the state as a whole', async () => {
        const { storage, reopen } = await open();
        await storage.commit({ atMs: 0, feed, state });
        await storage.commit({ atMs: 0, feed: tenant, state: { ...state, coverage: [] } });
        const next: FeedState = {
          ...state,
          coverage: [
            { from: 500, to: 2000, verifiedAt: 9000 },
            { from: 3000, to: 4000, verifiedAt: 9500 },
            { from: 5000, to: 6000, verifiedAt: 9500 },
          ],
          ways: {},
        };
        await storage.commit({ atMs: 0, feed, state: next });
        expect(await storage.feed(feed)).toEqual(next);
        const again = await reopen();
        expect(await again.feed(feed)).toEqual(next);
        await again.commit({ atMs: 0, feed, state });
        expect(await again.feed(feed)).toEqual(state);
        expect(await again.feed(tenant)).toEqual({ ...state, coverage: [] });
      });

      it('tells which events would be excluded anew', async () => {
        const { storage } = await open();
        const [a, b] = ['a', 'b'].map(uid => ({ uid, feed, type: 'login.failed', effectiveAt: 1500 }));
        if (a === undefined || b === undefined) throw new Error('two events are needed');
        expect(await storage.excludedAnew([a])).toEqual([a]);
        await storage.claim([event('b', { type: 'project.created' })]);
        await storage.commit({ atMs: 0, feed, excluded: [a] });
        expect(await storage.excludedAnew([a, b])).toEqual([b]);
        await storage.commit({ atMs: 0, feed, excluded: [b] });
        expect(await storage.excludedAnew([a, b])).toEqual([]);
        expect(await storage.excludedAnew([{ ...a, feed: tenant }])).toEqual([{ ...a, feed: tenant }]);
        await storage.commit({ atMs: 0, feed, withdrawn: ['a'] });
        expect(await storage.excludedAnew([a, b])).toEqual([a]);
      });

      it('leaves a known event its fate when it is excluded, and keeps one of another type apart', async () => {
        const { storage } = await open();
        await storage.claim([event('a'), event('b'), event('c')]);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
        await storage.commit({
          atMs: 0,
          feed: tenant,
          excluded: [
            { uid: 'a', feed: tenant, type: 'project.created', effectiveAt: 1500 },
            { uid: 'b', feed: tenant, type: 'project.created', effectiveAt: 1500 },
            { uid: 'c', feed: tenant, type: 'login.failed', effectiveAt: 1500 },
          ],
        });
        expect(await storage.fates('acme', ['a', 'b', 'c', 'c#login.failed'])).toEqual(
          new Map([
            ['a', 'acknowledged'],
            ['b', 'in_flight'],
            ['c', 'in_flight'],
            ['c#login.failed', 'excluded'],
          ]),
        );
        expect(await storage.counts(tenant, always)).toEqual({ acknowledged: 1, parked: 0, excluded: 1, inFlight: 1 });
      });
    });

    describe('what a feed listed', () => {
      it('is counted and iterated for each stream that listed it, whoever claimed it', async () => {
        const { storage, reopen } = await open();
        const rows = ['ack', 'parked', 'waiting', 'later'].map(uid => event(uid));
        await storage.claim(rows);
        await storage.claim([event('later', { feed: tenant })]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: [...acknowledged('ack', 'later'), parked('parked')],
          excluded: [{ uid: 'excluded', feed, type: 'project.created', effectiveAt: 1500 }],
        });
        expect((await listed(storage, tenant)).map(({ uid }) => uid)).toEqual(['later']);
        await storage.claim([...rows, event('excluded')].map(row => ({ ...row, feed: tenant })));
        const all = { acknowledged: 2, parked: 1, excluded: 1, inFlight: 1 };
        expect(await storage.counts(feed, always)).toEqual(all);
        expect(await storage.counts(tenant, always)).toEqual(all);
        await storage.commit({ atMs: 0, feed: tenant, settled: [parked('waiting')] });
        const again = await reopen();
        expect(await again.counts(tenant, always)).toEqual({ acknowledged: 2, parked: 2, excluded: 1, inFlight: 0 });
        expect(await listed(again, tenant)).toEqual(await listed(again, feed));
        expect((await again.inFlight('acme')).map(row => row.feed)).toEqual([]);
      });

      it('comes in ascending time and only from the half-open span', async () => {
        const { storage } = await open();
        const times = [30, 10, 20, 40, -10];
        await storage.claim(times.map(at => event(`e${at}`, { effectiveAt: at, type: `t${at}` })));
        await storage.commit({ atMs: 0, feed, settled: [...acknowledged('e30', 'e20', 'e40', 'e-10'), parked('e10')] });
        expect(await listed(storage, feed, { from: 10, to: 40 })).toEqual([
          { uid: 'e10', type: 't10', effectiveAt: 10, fate: 'parked' },
          { uid: 'e20', type: 't20', effectiveAt: 20, fate: 'acknowledged' },
          { uid: 'e30', type: 't30', effectiveAt: 30, fate: 'acknowledged' },
        ]);
        expect(await storage.counts(feed, { from: 10, to: 40 })).toMatchObject({ acknowledged: 2, parked: 1 });
        expect(await storage.newest(feed, 3)).toMatchObject([
          { uid: 'e40', effectiveAt: 40 },
          { uid: 'e30', effectiveAt: 30 },
          { uid: 'e20', effectiveAt: 20 },
        ]);
      });

      it('comes whole when it is longer than a page, with many in one second and changes in between', async () => {
        const { storage } = await open();
        const rows = Array.from({ length: 2500 }, (_, n) => event(`e${n}`, { effectiveAt: n < 2200 ? 7 : n }));
        await storage.claim(rows);
        await storage.commit({ atMs: 0, feed, settled: acknowledged(...rows.map(({ uid }) => uid)) });
        const seen: string[] = [];
        for await (const { uid } of storage.ids(feed, always)) {
          if (seen.length === 10) await storage.setNote('in', 'between');
          seen.push(uid);
        }
        expect(seen).toHaveLength(2500);
        expect(new Set(seen)).toEqual(new Set(rows.map(({ uid }) => uid)));
      });
    });

    describe('a released claim', () => {
      it('is unknown again and can be claimed on another way, also when its release is repeated', async () => {
        const { storage } = await open();
        await storage.claim([event('a', { way: 'gap/1' })]);
        for (let i = 0; i < 2; i++) await storage.commit({ feed, atMs: 0, released: ['a', 'never-seen'] });
        expect(await storage.inFlight(feed.organization)).toEqual([]);
        expect(await storage.claim([event('a', { way: 'gap/2' })])).toEqual(['claimed']);
        expect(await storage.inFlight(feed.organization)).toMatchObject([{ uid: 'a', way: 'gap/2' }]);
      });
    });

    describe('parked events', () => {
      it('come oldest first and go back in flight on a way until they are settled again', async () => {
        const { storage, reopen } = await open();
        await storage.claim([event('new', { effectiveAt: 90 }), event('old', { effectiveAt: 10 }), event('waiting')]);
        await storage.commit({ atMs: 0, feed, settled: [parked('new'), parked('old')] });
        expect((await storage.parked('acme')).map(({ uid }) => uid)).toEqual(['old', 'new']);

        const back = await storage.replay('acme', ['new', 'unknown', 'old', 'waiting', 'old'], 'replay/1');
        const expected = [
          event('old', { effectiveAt: 10, way: 'replay/1' }),
          event('new', { effectiveAt: 90, way: 'replay/1' }),
        ];
        expect(back).toEqual(expected);
        const again = await reopen();
        expect(await again.parked('acme')).toEqual([]);
        expect(await again.inFlight('acme')).toEqual([event('waiting'), ...expected]);
        expect(await again.fates('acme', ['new'])).toEqual(new Map([['new', 'in_flight']]));
        expect(await listed(again, feed)).toEqual([]);

        await again.commit({ atMs: 0, feed, settled: [parked('old'), ...acknowledged('new')] });
        expect(await again.fates('acme', ['new', 'old'])).toEqual(
          new Map([
            ['new', 'acknowledged'],
            ['old', 'parked'],
          ]),
        );
      });
    });

    describe('prune', () => {
      it('forgets what is older, a bounded part at a time, and keeps what waits', async () => {
        const { storage } = await open();
        const rows = Array.from({ length: 2300 }, (_, n) => event(`e${n}`, { effectiveAt: Math.floor(n / 2) }));
        await storage.claim([...rows, event('parked', { effectiveAt: 3 }), event('waiting', { effectiveAt: 4 })]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: [...acknowledged(...rows.map(({ uid }) => uid)), parked('parked')],
          excluded: [{ uid: 'excluded', feed, type: 't', effectiveAt: 5 }],
        });
        const parts: number[] = [];
        do parts.push(await storage.prune('acme', 1100, STREAMS));
        while (parts.at(-1) !== 0);
        expect(parts.reduce((sum, part) => sum + part)).toBe(2201);
        expect(Math.max(...parts)).toBeLessThanOrEqual(1100);
        expect((await listed(storage, feed)).map(({ effectiveAt }) => effectiveAt).slice(0, 3)).toEqual([
          3, 1100, 1100,
        ]);
        expect(await storage.fates('acme', ['e0', 'excluded', 'e2199', 'e2200', 'parked', 'waiting'])).toEqual(
          new Map([
            ['e2200', 'acknowledged'],
            ['parked', 'parked'],
            ['waiting', 'in_flight'],
          ]),
        );
        expect(await storage.claim([event('e0', { effectiveAt: 0 })])).toEqual(['claimed']);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('e0') });
        expect(await storage.fates('acme', ['e0'])).toEqual(new Map([['e0', 'acknowledged']]));
      });

      it('leaves other organizations alone', async () => {
        const { storage } = await open();
        const other: FeedKey = { organization: 'other', stream: 'organization' };
        await storage.claim([event('a'), event('a', { feed: other })]);
        await storage.commit({ atMs: 0, feed, settled: acknowledged('a') });
        await storage.commit({ atMs: 0, feed: other, settled: acknowledged('a') });
        expect(await storage.prune('acme', 1e10, STREAMS)).toBe(1);
        expect(await storage.fates('other', ['a'])).toEqual(new Map([['a', 'acknowledged']]));
      });
    });

    describe('readmit', () => {
      it('forgets the excluded events of the types and uncovers their hours', async () => {
        const { storage, reopen } = await open();
        const excluded = (uid: string, type: string, effectiveAt: number) => ({ uid, feed, type, effectiveAt });
        await storage.claim([event('ack', { type: 'a', effectiveAt: 8 * HOUR })]);
        await storage.commit({
          atMs: 0,
          feed,
          settled: acknowledged('ack'),
          excluded: [
            excluded('e1', 'a', 10),
            excluded('e2', 'b', 2 * HOUR - 1),
            excluded('e3', 'a', 5 * HOUR),
            excluded('e4', 'kept', 6 * HOUR),
            excluded('e5', 'a', -1),
          ],
          state: { ...state, coverage: [{ from: -2 * HOUR, to: 6 * HOUR, verifiedAt: 1 }] },
        });
        expect(await storage.readmit('acme', ['a', 'b', 'never seen'])).toEqual([
          { from: -HOUR, to: 2 * HOUR },
          { from: 5 * HOUR, to: 6 * HOUR },
        ]);
        const again = await reopen();
        expect(await again.fates('acme', ['ack', 'e1', 'e2', 'e3', 'e4', 'e5'])).toEqual(
          new Map([
            ['ack', 'acknowledged'],
            ['e4', 'excluded'],
          ]),
        );
        expect((await again.feed(feed))?.coverage).toEqual([
          { from: -2 * HOUR, to: -HOUR, verifiedAt: 1 },
          { from: 2 * HOUR, to: 5 * HOUR, verifiedAt: 1 },
        ]);
        expect(await again.claim([event('e1', { type: 'a', effectiveAt: 10 })])).toEqual(['claimed']);
        await again.commit({ atMs: 0, feed, settled: acknowledged('e1') });
        expect(await again.fates('acme', ['e1'])).toEqual(new Map([['e1', 'acknowledged']]));
      });

      it('leaves what is below a floor, where other ids are forgotten', async () => {
        const { storage } = await open();
        const excluded = [10, HOUR + 10, HOUR + 30].map(effectiveAt => ({
          uid: `${effectiveAt}`,
          feed,
          type: 'a',
          effectiveAt,
        }));
        const coverage = [{ from: 0, to: 3 * HOUR, verifiedAt: 1 }];
        await storage.commit({ atMs: 0, feed, excluded, state: { ...state, coverage, floor: HOUR + 20 } });
        await storage.commit({ atMs: 0, feed: { ...feed, stream: 'tenant' }, state: { ...state, coverage } });
        expect(await storage.readmit('acme', ['a'])).toEqual([{ from: HOUR + 20, to: 2 * HOUR }]);
        const left = [
          { from: 0, to: HOUR + 20, verifiedAt: 1 },
          { from: 2 * HOUR, to: 3 * HOUR, verifiedAt: 1 },
        ];
        expect((await storage.feed(feed))?.coverage).toEqual(left);
        expect((await storage.feed({ ...feed, stream: 'tenant' }))?.coverage).toEqual(left);
        expect([
          ...(
            await storage.fates(
              'acme',
              excluded.map(({ uid }) => uid),
            )
          ).keys(),
        ]).toEqual(['10', `${HOUR + 10}`]);
      });

      it('counts coverage that was saved before', async () => {
        const { storage } = await open();
        const covered = { ...state, coverage: [{ from: 0, to: 2 * HOUR, verifiedAt: 1 }] };
        const excluded = [{ uid: 'e', feed, type: 'a', effectiveAt: 10 }];
        await storage.commit({ atMs: 0, feed, excluded, state: covered });
        await storage.readmit('acme', ['a']);
        await storage.commit({ atMs: 0, feed, state: covered });
        expect(await storage.feed(feed)).toEqual(covered);
      });
    });

    describe('statements', () => {
      const statement = (n: number, change: Partial<Statement> = {}): Statement => {
        const facts = { stream: 'organization', count: n, certain: true, text: 'Ärger 🦊' };
        return { uid: `late/acme/${n}`, organization: 'acme', name: 'late', atMs: 1000 + n, facts, ...change };
      };
      const way = 'collector/1';

      it('wait from the commit that made them until they are acknowledged, oldest first', async () => {
        const { storage, reopen } = await open();
        await storage.commit({ feed, atMs: 0, statements: [statement(1), statement(2, { name: 'feed' })] });
        await storage.commit({ feed, atMs: 0, statements: [statement(3), statement(4)] });
        const again = await reopen();
        const all = [statement(1), statement(2, { name: 'feed' }), statement(3), statement(4)];
        expect(await again.statements('acme', 10, 0)).toEqual(all.map(each => ({ ...each, way })));
        expect((await again.statements('acme', 2, 0)).map(({ uid }) => uid)).toEqual(['late/acme/1', 'late/acme/2']);
        expect((await again.statements('acme', 9, 1003)).map(({ atMs }) => atMs)).toEqual([1004]);
        await again.settleStatements('acme', acknowledged('late/acme/1', 'late/acme/3', 'unknown'));
        expect((await again.statements('acme', 10, 0)).map(({ atMs }) => atMs)).toEqual([1002, 1004]);
        expect(await again.statements('other', 10, 0)).toEqual([]);
      });

      it('are not made by a commit that is rejected', async () => {
        const { storage } = await open();
        const settled = acknowledged('unknown');
        await expect(storage.commit({ feed, atMs: 0, settled, statements: [statement(1)] })).rejects.toThrow('unknown');
        expect(await storage.statements('acme', 10, 0)).toEqual([]);
      });

      it('are one when their uid is one', async () => {
        const { storage } = await open();
        await storage.commit({ feed, atMs: 0, statements: [statement(1)] });
        await storage.commit({ feed, atMs: 0, statements: [statement(1, { atMs: 5 })] });
        expect(await storage.statements('acme', 10, 0)).toEqual([{ ...statement(1), way }]);
      });

      it('go on another way when the clock steps back, and never back in time on one', async () => {
        const { storage, reopen } = await open();
        const at = async (from: Storage, n: number, atMs: number) =>
          from.commit({ feed, atMs: 0, statements: [statement(n, { atMs })] });
        await at(storage, 1, 500_000);
        await at(storage, 2, 499_000);
        await at(storage, 3, 100_000);
        const again = await reopen();
        await at(again, 4, 100_001);
        expect((await again.statements('acme', 10, 0)).map(each => [each.way, each.atMs])).toEqual([
          ['collector/1', 500_000],
          ['collector/1', 500_000],
          ['collector/2', 100_000],
          ['collector/2', 100_001],
        ]);
      });

      it('can be parked, and wait again on another way when they are replayed', async () => {
        const { storage, reopen } = await open();
        await storage.commit({ feed, atMs: 0, statements: [statement(1), statement(2)] });
        await storage.settleStatements('acme', [parked('late/acme/1')]);
        const again = await reopen();
        expect((await again.statements('acme', 10, 0)).map(({ atMs }) => atMs)).toEqual([1002]);
        const refusal = { reason: 'refused', message: 'too long: "a"', certain: true, parkedAtMs: 77 };
        expect(await again.parkedStatements('acme')).toEqual([{ ...statement(1), way, ...refusal }]);
        await again.settleStatements('acme', acknowledged('late/acme/1'));
        const uids = ['late/acme/1', 'late/acme/2', 'unknown'];
        expect(await again.replayStatements('acme', uids, 'collector/replay/1')).toBe(1);
        expect((await again.statements('acme', 10, 0)).map(each => each.way)).toEqual(['collector/replay/1', way]);
        expect(await again.parkedStatements('acme')).toEqual([]);
      });
    });

    it('keeps notes', async () => {
      const { storage, reopen } = await open();
      await storage.setNote('limiter', '{"rate":1}');
      await storage.setNote('limiter', '{"rate":2}');
      await storage.setNote('other', '');
      const again = await reopen();
      expect(await again.note('limiter')).toBe('{"rate":2}');
      expect(await again.note('other')).toBe('');
    });

    it('rejects use after close, and may be closed twice', async () => {
      const { storage } = await open();
      await storage.close();
      await storage.close();
      await expect(storage.claim([event('a')])).rejects.toThrow('closed');
      await expect(storage.inFlight('acme')).rejects.toThrow('closed');
    });

    saysCoverage(open);
    keepsInventory(open);
    behavesLikeModel(open);
  });
}
