import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { type Dimension, type StoredEvent, type Stream, storedEvent } from '../../src/emulator/audit-event.ts';
import { EventStore, type ListingRules } from '../../src/emulator/event-store.ts';
import type { Page, PageQuery } from '../../src/emulator/listing.ts';
import type { Filters } from '../../src/emulator/shelf.ts';

const NO_FILTERS: Filters = new Map();
const TYPES = ['login.succeeded', 'user.added', 'tenant.user.added'];

const events = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    at: fc.integer({ min: 0, max: 30 }),
    project: fc.constantFrom('p1', 'p2', undefined),
    user: fc.constantFrom('u1', 'u2', 'u3'),
    target: fc.constantFrom('r1', 'r2'),
  }),
  { maxLength: 120 },
);

const some = <T>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const queries = fc.record({
  from: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  to: fc.option(fc.integer({ min: 0, max: 32 }), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 20 }),
  type: some(...TYPES),
  project: some('p1', 'p2'),
  actor: some('u1', 'u2', 'u9'),
  email: some('u1@example.com', 'u3@example.com'),
  resource: some('r1', 'r2'),
});
const rules = fc.record({
  order: fc.constantFrom('descending' as const, 'ascending' as const, 'shuffled' as const),
  tenantInBoth: fc.boolean(),
});
const streams = fc.constantFrom<Stream>('organization', 'tenant');

property.prop([events, queries, rules, streams])(
  'pages together list each match once, in the order asked for, forwards as backwards',
  (specs, query, how, stream) => {
    const store = new EventStore();
    const made = specs.map((spec, index) => make(String(index), spec));
    for (const event of made) store.add(event);
    const pageQuery = toPageQuery(query);
    const expected = made.filter(event => isIn(event, stream, how)).filter(event => matches(event, query));

    const forwards = walk(store, stream, pageQuery, how, 'after');
    expect(forwards.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
    if (how.order !== 'shuffled') {
      const times = forwards.map(id => made[Number(id)]?.effectiveAt ?? 0);
      expect(times).toEqual(times.toSorted((a, b) => (how.order === 'ascending' ? a - b : b - a)));
    }
    expect(walk(store, stream, pageQuery, how, 'before')).toEqual(forwards);
  },
);

test('a filter finds what was added and misses what vanished after it was first used', () => {
  const store = new EventStore();
  store.add(make('1', { type: 'user.added', at: 1 }));
  const filters: Filters = new Map([['type', new Set(['user.added'])]]);
  expect(idsOf(store.page('organization', { filters, limit: 9 }))).toEqual(['1']);

  store.add(make('2', { type: 'user.added', at: 2 }));
  store.vanish('1');

  expect(idsOf(store.page('organization', { filters, limit: 9 }))).toEqual(['2']);
});

test('an event that vanished keeps its place for a cursor', () => {
  const store = new EventStore();
  for (const at of [1, 2, 3, 4]) store.add(make(String(at), { at }));

  expect(store.vanish('3')).toBe(true);
  expect(store.vanish('3')).toBe(false);

  const found = store.place('3');
  expect(found?.gone).toBe(true);
  expect(
    idsOf(store.page('organization', { filters: NO_FILTERS, limit: 9, ...(found && { after: found.place }) })),
  ).toEqual(['2', '1']);
  expect(store.place('9')).toBeUndefined();
});

test('an event is listed at its own time once it becomes visible', () => {
  const store = new EventStore();
  store.add(make('new', { at: 20 }));
  store.add(make('late', { at: 10 }), 5000);
  store.add(make('later', { at: 15 }), 6000);
  const listed = () => [...store.listed('organization')].map(({ id }) => id);

  store.reveal(4999);
  expect(listed()).toEqual(['new']);
  store.reveal(5000);
  expect(listed()).toEqual(['new', 'late']);
  store.reveal(9000);
  expect(listed()).toEqual(['new', 'later', 'late']);
});

test('two events may have the same id', () => {
  const store = new EventStore();
  store.add(make('1', { type: 'login.succeeded', at: 1 }));
  store.add(make('1', { type: 'tenant.user.added', at: 2 }));
  expect(store.count('organization') + store.count('tenant')).toBe(2);
  store.vanish('1');
  expect(store.count('organization') + store.count('tenant')).toBe(0);
});

test('a page takes the same work among a million events as among a thousand', () => {
  const [few, many] = [storeOf(1000), storeOf(1_000_000)];
  const work = (store: EventStore, size: number) => {
    const queriesOf = (filters: Filters): PageQuery[] => [
      { filters, limit: 100 },
      { filters, limit: 100, from: 0, to: size / 4 },
      { filters, limit: 50, ...atPlace(store, size / 2) },
    ];
    const filters: Filters = new Map([['type', new Set(['user.added'])]]);
    return [...queriesOf(NO_FILTERS), ...queriesOf(filters)].map(query => store.page('organization', query).visited);
  };
  expect(work(many, 1_000_000)).toEqual(work(few, 1000));
  expect(Math.max(...work(many, 1_000_000))).toBeLessThanOrEqual(101);
}, 60_000);

interface Spec {
  readonly type?: string;
  readonly at: number;
  readonly project?: string | undefined;
  readonly user?: string;
  readonly target?: string;
}

function make(id: string, { type = 'login.succeeded', at, project, user = 'u1', target = 'r1' }: Spec): StoredEvent {
  const actor = { type: 'session', session: { user: { id: user, email: `${user}@example.com` } } };
  const content = {
    id,
    type,
    effective_at: at,
    actor,
    [type]: { id: target },
    ...(project && { project: { id: project } }),
  };
  return storedEvent(content, { id: '', at: 0 });
}

function storeOf(size: number): EventStore {
  const store = new EventStore();
  for (let number = 0; number < size; number += 1) {
    const type = number % 4 === 0 ? 'user.added' : 'login.succeeded';
    store.add({ id: String(number), type, effectiveAt: number >> 1, content: () => ({}) });
  }
  return store;
}

function atPlace(store: EventStore, number: number): Pick<PageQuery, 'after'> {
  const found = store.place(String(number));
  return found === undefined ? {} : { after: found.place };
}

type Query = typeof queries extends fc.Arbitrary<infer T> ? T : never;

function toPageQuery({ from, to, limit, ...traits }: Query): PageQuery {
  const filters = new Map<Dimension, ReadonlySet<string>>();
  for (const [dimension, values] of Object.entries(traits)) {
    if (values !== undefined) filters.set(dimension as Dimension, new Set(values));
  }
  return { limit, filters, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function isIn(event: StoredEvent, stream: Stream, { tenantInBoth }: ListingRules): boolean {
  const tenant = event.type.startsWith('tenant.');
  return stream === 'tenant' ? tenant : !tenant || tenantInBoth;
}

/** The filters, said once more in the plainest way. */
function matches(event: StoredEvent, query: Query): boolean {
  const content = JSON.parse(JSON.stringify(event.content()));
  const among = (values: readonly string[] | undefined, value: string) =>
    values === undefined || values.includes(value);
  return (
    event.effectiveAt >= (query.from ?? 0) &&
    event.effectiveAt < (query.to ?? 99) &&
    among(query.type, event.type) &&
    among(query.project, content.project?.id) &&
    among(query.actor, content.actor.session.user.id) &&
    among(query.email, content.actor.session.user.email) &&
    among(query.resource, content[event.type].id)
  );
}

function idsOf(page: Page): string[] {
  return page.entries.map(({ event }) => event.id);
}

/** All ids in listing order, read page by page with one cursor or the other. */
function walk(
  store: EventStore,
  stream: Stream,
  query: PageQuery,
  how: ListingRules,
  cursor: 'after' | 'before',
): string[] {
  let all: string[] = [];
  let page: Page;
  if (cursor === 'after') {
    page = store.page(stream, query, how);
    all = idsOf(page);
  } else {
    // The last page is found forwards; everything before it is then read backwards.
    const forwards = walk(store, stream, query, how, 'after');
    const last = forwards.at(-1);
    if (last === undefined) return [];
    all = [last];
    page = { entries: [], hasMore: true, visited: 0 };
  }
  while (page.hasMore) {
    const edge = store.place((cursor === 'after' ? all.at(-1) : all[0]) ?? '');
    if (edge === undefined) throw new Error('an id without a place');
    page = store.page(stream, { ...query, [cursor]: edge.place }, how);
    all = cursor === 'after' ? [...all, ...idsOf(page)] : [...idsOf(page), ...all];
  }
  return all;
}
