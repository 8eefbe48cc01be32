import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClaimResult, Fate, FeedKey, InFlight, Settled, Storage } from '../../src/storage/storage.ts';

/** The contract in the simplest words: one map, no disk. */
interface Known {
  readonly type: string;
  readonly effectiveAt: number;
  place: Fate | 'in_flight';
  readonly streams: Set<FeedKey['stream']>;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

type Step =
  | { readonly do: 'claim'; readonly events: readonly { n: number; type: string; stream: FeedKey['stream'] }[] }
  | { readonly do: 'settle'; readonly fates: readonly ('acknowledged' | 'parked')[]; readonly twice: boolean }
  | { readonly do: 'exclude'; readonly n: number; readonly stream: FeedKey['stream'] }
  | { readonly do: 'replay' }
  | { readonly do: 'reopen' }
  | { readonly do: 'prune'; readonly before: number; readonly streams: readonly FeedKey['stream'][] };

const organization = 'acme';
const STREAMS = ['organization', 'tenant'] as const;
const stream = fc.constantFrom(...STREAMS);
const n = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('claim' as const),
    events: fc.array(fc.record({ n, type: fc.constantFrom('a', 'a', 'a', 'b'), stream }), { maxLength: 8 }),
  }),
  fc.record({
    do: fc.constant('settle' as const),
    fates: fc.array(fc.constantFrom('acknowledged' as const, 'acknowledged' as const, 'parked' as const), {
      maxLength: 8,
    }),
    twice: fc.boolean(),
  }),
  fc.record({ do: fc.constant('exclude' as const), n, stream }),
  fc.record({ do: fc.constant('replay' as const) }),
  fc.record({ do: fc.constant('reopen' as const) }),
  fc.record({ do: fc.constant('prune' as const), before: fc.nat(8), streams: fc.subarray([...STREAMS]) }),
);

/** Half of the ids in the usual form; several in one second. */
function uidOf(n: number): string {
  return n % 2 === 0 ? `audit_log-${String(n).padStart(24, '0')}` : `odd ${n}`;
}

function timeOf(n: number): number {
  return Math.floor(n / 3);
}

export function behavesLikeModel(open: () => Promise<{ storage: Storage; reopen(): Promise<Storage> }>): void {
  it('agrees with a simple model after any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const opened = await open();
        const model = new Map<string, Known>();
        let order: string[] = [];
        let storage = opened.storage;
        for (const each of steps) {
          if (each.do === 'reopen') storage = await opened.reopen();
          else order = await take(each, storage, model, order);
        }
        await agree(storage, model, order);
        await storage.close();
      }),
      { numRuns: 60 },
    );
  });
}

/** Does one step to both and returns the order of what is in flight then. */
async function take(
  step: Exclude<Step, { do: 'reopen' }>,
  storage: Storage,
  model: Map<string, Known>,
  order: string[],
): Promise<string[]> {
  switch (step.do) {
    case 'claim': {
      const rows = step.events.map(({ n, type, stream }) => claimOf(n, type, stream));
      const expected = rows.map(row => claimInModel(model, row));
      expect(await storage.claim(rows)).toEqual(expected);
      return [...order, ...rows.filter((_, index) => expected[index] === 'claimed').map(({ uid }) => uid)];
    }
    case 'settle': {
      const settled = step.fates.slice(0, order.length).map((fate, index): Settled => {
        const uid = order[index] ?? '';
        const parked = { reason: 'refused', message: '', certain: false, atMs: 1 };
        return fate === 'parked' ? { uid, fate, parked } : { uid, fate };
      });
      for (let times = step.twice ? 2 : 1; times > 0; times -= 1) {
        await storage.commit({ atMs: 0, feed: { organization, stream: 'tenant' }, settled });
      }
      for (const { uid, fate } of settled) Object.assign(model.get(uid) ?? {}, { place: fate });
      return order.slice(settled.length);
    }
    case 'exclude': {
      const row = claimOf(step.n, 'a', step.stream);
      await storage.commit({ atMs: 0, feed: row.feed, excluded: [row] });
      const met = claimInModel(model, row, 'excluded');
      if (met === 'other_type') claimInModel(model, { ...row, uid: `${row.uid}#a` }, 'excluded');
      return order;
    }
    case 'replay': {
      const parked = [...model].filter(([, { place }]) => place === 'parked').map(([uid]) => uid);
      const back = await storage.replay(organization, parked, 'replay/1');
      expect(new Set(back.map(({ uid }) => uid))).toEqual(new Set(parked));
      for (const uid of parked) Object.assign(model.get(uid) ?? {}, { place: 'in_flight' });
      return [...order, ...back.map(({ uid }) => uid)];
    }
    case 'prune': {
      const settled = [...model].filter(([, { place }]) => place === 'acknowledged' || place === 'excluded');
      const isOfOthers = ({ streams }: Known) => [...streams].some(each => !step.streams.includes(each));
      const kept = settled.filter(([, each]) => isOfOthers(each)).map(([, { effectiveAt }]) => effectiveAt);
      const old = settled.filter(([, { effectiveAt: at }]) => at < step.before && !kept.includes(at));
      expect(await storage.prune(organization, step.before, step.streams)).toBe(old.length);
      for (const [uid] of old) model.delete(uid);
      return order;
    }
  }
}

function claimOf(n: number, type: string, stream: FeedKey['stream']): InFlight {
  const feed = { organization, stream };
  const rest = { way: 'live', delivery: 'live' as const, observedAtMs: n, event: '{}', timeIsNeighbours: false };
  return { uid: uidOf(n), feed, type, effectiveAt: timeOf(n), ...rest };
}

function claimInModel(model: Map<string, Known>, row: InFlight, place: Known['place'] = 'in_flight'): ClaimResult {
  const known = model.get(row.uid);
  if (known === undefined) {
    const { type, effectiveAt } = row;
    model.set(row.uid, { type, effectiveAt, place, streams: new Set([row.feed.stream]) });
    return 'claimed';
  }
  if (known.type !== row.type) return 'other_type';
  known.streams.add(row.feed.stream);
  return known.place;
}

async function agree(storage: Storage, model: Map<string, Known>, order: readonly string[]): Promise<void> {
  expect((await storage.inFlight(organization)).map(({ uid }) => uid)).toEqual(order);
  const uids = Array.from({ length: 21 }, (_, n) => [uidOf(n), `${uidOf(n)}#a`]).flat();
  const places = [...model].map(([uid, { place }]) => [uid, place] as const);
  expect(await storage.fates(organization, uids)).toEqual(new Map(places));
  for (const stream of STREAMS) {
    const expected = [...model].filter(([, { streams, place }]) => streams.has(stream) && place !== 'in_flight');
    const listed = await collect(storage.ids({ organization, stream }, { from: 0, to: 100 }));
    expect(new Map(listed.map(({ uid, fate }) => [uid, fate]))).toEqual(
      new Map(expected.map(([uid, { place }]) => [uid, place])),
    );
    expect(listed.map(({ effectiveAt }) => effectiveAt)).toEqual(
      expected.map(([, { effectiveAt }]) => effectiveAt).sort((one, other) => one - other),
    );
  }
}
