import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { STREAMS } from '../../src/storage/ledger.ts';
import type { Commit, FeedKey, FeedState, InFlight, Settled, Stated, Storage } from '../../src/storage/storage.ts';

const H = 3600;
const feed: FeedKey = { organization: 'acme', stream: 'organization' };
const tenant: FeedKey = { organization: 'acme', stream: 'tenant' };
const everything = { from: 0, to: 1e9 };

/** What a person computes with `LC_ALL=C sort -u | sha256sum` over one id a line. */
function digestOf(...uids: readonly string[]): string {
  const lines = [...new Set(uids)].map(uid => Buffer.from(`${uid}\n`)).sort(Buffer.compare);
  return createHash('sha256').update(Buffer.concat(lines)).digest('hex');
}

function stateOf(to: number, from = 0): FeedState {
  const coverage = [{ from, to, verifiedAt: 1_000_000 }];
  return { startText: '', startAt: from, listed: true, floor: 0, coverage, ways: {} };
}

function row(uid: string, effectiveAt: number, change: Partial<InFlight> = {}): InFlight {
  const rest = { type: 't', way: 'live', observedAtMs: 5, event: '{}', timeIsNeighbours: false };
  return { uid, feed, effectiveAt, delivery: 'live', ...rest, ...change };
}

const acknowledged = (...uids: string[]): Settled[] => uids.map(uid => ({ uid, fate: 'acknowledged' }));
const refusal = { reason: 'refused', message: 'no', certain: true, atMs: 7 };

/** What a storage says of coverage, whatever it is made of. */
export function saysCoverage(open: () => Promise<{ readonly storage: Storage }>): void {
  describe('coverage', () => {
    const commit = (storage: Storage, change: Partial<Commit>) => storage.commit({ feed, atMs: 7, ...change });
    const deliver = async (storage: Storage, rows: readonly InFlight[], change: Partial<Commit> = {}) => {
      await storage.claim(rows);
      await commit(storage, { settled: acknowledged(...rows.map(({ uid }) => uid)), ...change });
    };
    /** The latest of each span, and how many statements there were. */
    const saidOf = async (storage: Storage, key = feed) => {
      const all = await storage.statements('acme', 1000, 0);
      return all.filter(({ name, facts }) => name === 'coverage' && facts.stream === key.stream);
    };
    const last = async (storage: Storage, key = feed): Promise<Partial<Stated> | undefined> =>
      (await saidOf(storage, key)).at(-1)?.facts;

    it('is said of an hour in the transaction that completes it, with a digest that anybody can compute', async () => {
      const { storage } = await open();
      const uids = ['b', 'a', 'Z', 'ä', '\u{1f98a}', 'audit_log-0123456789abcdefghijklmn', 'audit_log-x', 'sha256:aa'];
      await deliver(
        storage,
        uids.map((uid, i) => row(uid, 100 + i)),
        { state: stateOf(H - 1) },
      );
      expect(await saidOf(storage)).toEqual([]);
      await commit(storage, {
        atMs: 77,
        excluded: [{ uid: 'e', feed, type: 'x', effectiveAt: 200 }],
        state: stateOf(H),
      });
      const digest = digestOf(...uids);
      const numbers = { acknowledged: 8, parked: 0, excluded: 1, late: 0, withdrawn: 0, digest };
      expect(await saidOf(storage)).toEqual([
        {
          uid: 'coverage/acme/organization/1970-01-01T00:00:00Z/1',
          organization: 'acme',
          name: 'coverage',
          way: 'collector/1',
          atMs: 77,
          facts: {
            stream: 'organization',
            from: '1970-01-01T00:00:00Z',
            to: '1970-01-01T01:00:00Z',
            revision: 1,
            verified_at: '1970-01-12T13:46:40Z',
            ...numbers,
          },
        },
      ]);
      expect(await storage.stated(feed, everything)).toEqual([{ from: 0, to: H, revision: 1, ...numbers }]);
      expect(await storage.stated(tenant, everything)).toEqual([]);
    });

    it('is not said again while nothing changes, however often it is verified', async () => {
      const { storage } = await open();
      await deliver(storage, [row('a', 100)], { state: stateOf(H) });
      await commit(storage, { state: { ...stateOf(H), coverage: [{ from: 0, to: H + 60, verifiedAt: 2_000_000 }] } });
      await storage.claim([row('a', 100)]);
      await commit(storage, { withdrawn: ['unknown'] });
      expect(await saidOf(storage)).toHaveLength(1);
    });

    it('merges empty hours within a day, and splits them when something is found in one', async () => {
      const { storage } = await open();
      await deliver(storage, [row('a', 30 * H + 5)], { state: stateOf(72 * H, H) });
      const spans = async () =>
        (await storage.stated(feed, everything)).map(({ from, to, revision }) => [from / H, to / H, revision]);
      expect(await spans()).toEqual([
        [1, 24, 1],
        [24, 30, 1],
        [30, 31, 1],
        [31, 48, 1],
        [48, 72, 1],
      ]);
      expect((await saidOf(storage))[0]?.facts).toMatchObject({ acknowledged: 0, digest: digestOf() });
      await deliver(storage, [row('late', 3 * H, { delivery: 'late', way: 'late/1' })]);
      expect((await spans()).slice(0, 3)).toEqual([
        [1, 3, 1],
        [3, 4, 2],
        [4, 24, 1],
      ]);
      expect(await saidOf(storage)).toHaveLength(6);
      expect(await last(storage)).toMatchObject({ revision: 2, acknowledged: 1, late: 1, digest: digestOf('late') });
    });

    it('counts late events, parked ones and what was replayed', async () => {
      const { storage } = await open();
      await deliver(storage, [row('a', 100)], { state: stateOf(H) });
      await storage.claim([row('p', 200, { delivery: 'late' })]);
      await commit(storage, { settled: [{ uid: 'p', fate: 'parked', parked: refusal }] });
      expect(await last(storage)).toMatchObject({
        revision: 2,
        acknowledged: 1,
        parked: 1,
        late: 1,
        digest: digestOf('a', 'p'),
      });
      await commit(storage, { excluded: [{ uid: 'e', feed, type: 'x', effectiveAt: 300, late: true }] });
      expect(await last(storage)).toMatchObject({ revision: 3, excluded: 1, late: 2, digest: digestOf('a', 'p') });
      await storage.replay('acme', ['p'], 'replay/1');
      await deliver(storage, [row('l', 300, { delivery: 'late' })]);
      expect(await last(storage)).toMatchObject({ revision: 4, acknowledged: 2, parked: 1, late: 3 });
      await commit(storage, { settled: acknowledged('p') });
      expect(await last(storage)).toMatchObject({
        revision: 5,
        acknowledged: 3,
        parked: 0,
        digest: digestOf('a', 'l', 'p'),
      });
    });

    it('counts what is no longer listed, until it is listed again; the digest keeps it', async () => {
      const { storage } = await open();
      await deliver(storage, [row('a', 100), row('b', 200)], { state: stateOf(H) });
      await commit(storage, { withdrawn: ['a', 'never known'] });
      expect(await last(storage)).toMatchObject({
        revision: 2,
        acknowledged: 2,
        withdrawn: 1,
        digest: digestOf('a', 'b'),
      });
      await commit(storage, { withdrawn: ['a'] });
      expect(await saidOf(storage)).toHaveLength(2);
      const ids = async () => {
        const found = [];
        for await (const { uid, withdrawn } of storage.ids(feed, everything)) found.push([uid, withdrawn]);
        return found;
      };
      expect(await ids()).toEqual([
        ['a', true],
        ['b', undefined],
      ]);
      await storage.claim([row('a', 100)]);
      expect(await last(storage)).toMatchObject({ revision: 3, withdrawn: 0 });
      expect(await ids()).toEqual([
        ['a', undefined],
        ['b', undefined],
      ]);
    });

    it('belongs to each stream that lists an event, also when it does so later', async () => {
      const { storage } = await open();
      await deliver(storage, [row('a', 100)], { state: stateOf(H) });
      await commit(storage, { feed: tenant, state: stateOf(H) });
      expect(await last(storage, tenant)).toMatchObject({ acknowledged: 0 });
      await storage.claim([row('a', 100, { feed: tenant, delivery: 'late', observedAtMs: 88 })]);
      expect((await saidOf(storage, tenant)).at(-1)).toMatchObject({ atMs: 88, facts: { acknowledged: 1, late: 1 } });
      expect(await last(storage, feed)).toMatchObject({ revision: 1, late: 0 });
    });

    it('is said anew when a gap was torn into it and filled otherwise', async () => {
      const { storage } = await open();
      await commit(storage, { excluded: [{ uid: 'e', feed, type: 'x', effectiveAt: 5 }], state: stateOf(2 * H) });
      await storage.readmit('acme', ['x']);
      await deliver(storage, [row('e', 5)]);
      expect(await saidOf(storage)).toHaveLength(2);
      await commit(storage, { state: stateOf(2 * H) });
      expect(await last(storage)).toMatchObject({ revision: 2, acknowledged: 1, excluded: 0, digest: digestOf('e') });
    });

    it('keeps what was said where the ledger has forgotten the ids', async () => {
      const { storage } = await open();
      await storage.claim([row('p', 200)]);
      await deliver(storage, [row('a', 100)], {
        settled: [...acknowledged('a'), { uid: 'p', fate: 'parked', parked: refusal }],
        state: stateOf(H),
      });
      await commit(storage, { state: { ...stateOf(H), floor: H } });
      await storage.prune('acme', H, STREAMS);
      await storage.replay('acme', ['p'], 'replay/1');
      await commit(storage, { settled: acknowledged('p') });
      expect(await last(storage)).toMatchObject({
        revision: 2,
        acknowledged: 2,
        parked: 0,
        digest: digestOf('a', 'p'),
      });
    });
  });
}
