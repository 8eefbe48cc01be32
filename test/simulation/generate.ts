import type { Fault } from '../../src/emulator/fault.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Configuration, Events, Happening, History, Trouble } from './history.ts';
import { INVENTORY_MOMENTS, MOMENTS } from './life.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
/** So long all that was listed can be found again, by default. */
const DEFAULT_REVERIFY = [
  { lastS: DAY, everyS: HOUR },
  { lastS: 30 * DAY, everyS: DAY },
  { lastS: 180 * DAY, everyS: 7 * DAY },
];
/** One of so many histories has a long backlog behind an API whose pages go wrong all the time. */
const TROUBLED_EVERY = 5;
/** One of so many short histories has an inventory too. */
const INVENTORY_EVERY = 4;
/** From these seeds on a history is a life of weeks, and one with events that would fill the memory. */
export const LONG_FROM = 1_000_000;
export const HEAVY_FROM = 2_000_000;

/** A history from a seed. Most are small; each has its own mixture of what goes wrong. */
export function generate(seed: number): History {
  const isHeavy = seed >= HEAVY_FROM;
  if (seed >= LONG_FROM && !isHeavy) return generateLong(seed);
  const history = generateShort(seed, isHeavy);
  return seed % INVENTORY_EVERY === 0 ? withInventory(history) : history;
}

function generateShort(seed: number, isHeavy: boolean): History {
  const dice = createDice(`history ${seed}`);
  const safetyS = dice.pick([5, 10, 10, 20, 20, 60, 60, 180]) * MINUTE;
  const organizations = !isHeavy && dice.chance(0.15) ? 2 : 1;
  const config: Configuration = {
    startFromS: dice.pick([HOUR, 6 * HOUR, DAY, 30 * DAY]),
    pollS: dice.pick([30, 60, 120]),
    settleS: dice.pick([2 * MINUTE, 5 * MINUTE, 10 * MINUTE]),
    excludeTypes: dice.chance(0.25) ? ['login.failed'] : [],
    streams: ['organization', 'tenant'],
    reverify: dice.chance(0.7) ? DEFAULT_REVERIFY : dice.pick(REVERIFICATIONS),
    batchRecords: dice.pick([100, 100, 100, 10]),
    protocol: dice.pick(['http/json', 'http/json', 'http/protobuf']),
  };
  return {
    seed,
    organizations,
    api: {
      // In another order a slice cannot be cut where it stands, and is held whole.
      order: dice.chance(0.8) || isHeavy ? 'descending' : dice.pick(['ascending', 'shuffled']),
      tenantInBoth: dice.chance(0.3),
      vanishedCursor: dice.pick(['place', 'place', 400, 404, 'empty']),
      aheadS: dice.chance(0.5) ? 0 : dice.pick([-7200, -90, 5, 120, 3600]),
      latencyMs: dice.pick([20, 200, 2000]),
      // Where ids are forgotten, nobody can tell twins apart.
      twins: dice.chance(0.15) && config.startFromS <= DAY ? 0.05 : 0,
      timeless: dice.chance(0.15) ? 0.05 : 0,
    },
    config,
    diskMs: dice.chance(0.6) ? 0 : dice.pick([5, 200]),
    poison: dice.chance(0.2) ? dice.pick([20, 200]) : 0,
    safetyS,
    happenings: inOrder([
      ...Array.from({ length: organizations }, (_, of) => traffic(dice, config, safetyS, of)).flat(),
      ...(isHeavy ? [HEAVY] : []),
      ...(seed % TROUBLED_EVERY === 0 ? troubledPages(seed, config) : []),
      ...some(dice, APIS, safetyS, [0, 1, 2, 5, 8]).map(each => ({
        ...early(dice, each),
        of: dice.integer(0, organizations - 1),
      })),
      ...some(dice, BACKENDS, safetyS),
      ...some(dice, PROCESSES, safetyS).flatMap(each => withWithdrawal(dice, each)),
      ...some(dice, REST, safetyS).map(each => ({ ...each, of: dice.integer(0, organizations - 1) })),
      ...some(dice, OPERATOR, safetyS),
    ]),
  };
}

/** Weeks of a small organization, asked now and then, in which everything goes wrong now and then. */
function generateLong(seed: number): History {
  const dice = createDice(`long history ${seed}`);
  const days = dice.pick([30, 45, 60]);
  const safetyS = days * DAY;
  const config: Configuration = {
    startFromS: dice.pick([DAY, 30 * DAY]),
    pollS: dice.pick([20 * MINUTE, HOUR]),
    settleS: 5 * MINUTE,
    excludeTypes: dice.chance(0.5) ? ['login.failed'] : [],
    streams: ['organization', 'tenant'],
    reverify: dice.chance(0.5) ? DEFAULT_REVERIFY : [{ lastS: DAY, everyS: HOUR }],
    batchRecords: 100,
    protocol: 'http/json',
  };
  const events = { kind: 'events', tenant: 0.3, lateS: 0, overS: 0, spanS: 60, atS: 0 } as const;
  const late = Array.from({ length: days / 5 }, () => ({
    ...events,
    atS: Math.floor(dice.next() * safetyS),
    count: dice.pick([1, 10]),
    lateS: dice.pick([HOUR, 12 * HOUR, 3 * DAY, 20 * DAY, 90 * DAY]),
    spanS: dice.pick([10, HOUR]),
  }));
  const troubles = (makers: readonly Maker[], perDay: number) =>
    Array.from({ length: Math.ceil(days * perDay) }, () => made(dice, makers, Math.floor(dice.next() * safetyS)));
  return {
    seed,
    organizations: 1,
    api: {
      order: 'descending',
      tenantInBoth: dice.chance(0.3),
      vanishedCursor: 'place',
      aheadS: 0,
      latencyMs: 200,
      twins: 0,
      timeless: 0,
    },
    config,
    diskMs: 0,
    poison: 200,
    safetyS,
    happenings: inOrder([
      { ...events, count: 300, spanS: config.startFromS * 1.2 },
      { ...events, count: days * dice.pick([2, 10, 40]), overS: safetyS },
      { ...events, atS: Math.floor(safetyS / 2), count: dice.pick([350, 1500]), overS: 60, spanS: 3 },
      ...late,
      ...troubles(APIS, 1),
      ...troubles(BACKENDS, 0.5),
      ...troubles(PROCESSES, 0.5),
      ...troubles(REST, 0.2),
      ...troubles(OPERATOR, 0.1),
    ]),
  };
}

/** Things that are added, changed and removed while they are read, and what goes wrong with that. */
function withInventory(history: History): History {
  const { seed, safetyS } = history;
  const dice = createDice(`inventory ${seed}`);
  const at = () => Math.floor(dice.next() * safetyS);
  const count = (most: number) => Array.from({ length: dice.integer(0, most) });
  return {
    ...history,
    inventory: {
      // More than there are on a page.
      users: dice.pick([3, 3, 110]),
      projects: dice.pick([1, 2, 3]),
      // Within the liveness phase also that is read which has its turn once a day by default.
      intervalS: 5 * MINUTE,
    },
    happenings: inOrder([
      ...history.happenings.map(within),
      ...count(6).map((): Happening => ({ kind: 'estate', atS: at(), count: dice.pick([1, 3, 10]) })),
      ...count(6).map(() => made(dice, INVENTORIES, at())),
      ...count(3).map((): Happening => {
        return { kind: 'death', atS: at(), moment: dice.pick(INVENTORY_MOMENTS), downS: dice.pick([1, 600]) };
      }),
    ]),
  };
}

/** The inventory is read by the wall clock: when that is set back by a day it waits for a day, too long for a history. */
function within(happening: Happening): Happening {
  return happening.kind === 'wall' ? { ...happening, byS: Math.max(happening.byS, -HOUR) } : happening;
}

/** Far more than may wait in memory: see the judge of it. */
const HEAVY: Happening = {
  kind: 'events',
  atS: 0,
  count: 800,
  overS: 0,
  lateS: 600,
  spanS: 2400,
  tenant: 0,
  padding: 150_000,
};

function inOrder(happenings: readonly Happening[]): readonly Happening[] {
  return happenings.toSorted((a, b) => a.atS - b.atS);
}

/** The same life on all days, and what disturbs it. */
function traffic(dice: Dice, { startFromS, settleS }: Configuration, safetyS: number, of: number): Happening[] {
  const tenant = dice.pick([0, 0.1, 0.5]);
  const backlog = dice.pick([0, 30, 300, 1200]);
  const perHour = dice.pick([2, 20, 120]);
  const liveS = safetyS + 10 * MINUTE;
  const events = { kind: 'events', tenant, lateS: 0, overS: 0, atS: 0, of } as const;
  const found: (Events & { atS: number; of: number })[] = [
    { ...events, count: backlog, spanS: startFromS * 1.2 },
    { ...events, count: Math.ceil((perHour * liveS) / HOUR), overS: liveS, spanS: dice.pick([2, 60, settleS - 90]) },
  ];
  const at = () => Math.floor(dice.next() * safetyS);
  if (dice.chance(0.3)) found.push({ ...events, atS: at(), count: dice.pick([150, 700, 1500]), overS: 3, spanS: 3 });
  if (dice.chance(0.2)) found.push({ ...events, atS: at(), count: dice.pick([99, 100, 101, 350]), spanS: 0 });
  if (dice.chance(0.2)) found.push({ ...events, count: dice.pick([100, 350]), lateS: startFromS / 2, spanS: 0 });
  if (dice.chance(0.3)) {
    const lateS = dice.pick([10 * MINUTE, 40 * MINUTE, 3 * HOUR, 2 * DAY]);
    found.push({ ...events, atS: at(), count: dice.pick([1, 30]), overS: 60, lateS, spanS: dice.pick([10, HOUR]) });
  }
  // Times ahead of the API's own clock.
  if (dice.chance(0.1))
    found.push({ ...events, atS: at(), count: 5, overS: 600, lateS: -dice.pick([20, 100]), spanS: 5 });
  return found;
}

/** Half of what goes wrong with the API does while the backlog is read, which takes no more than some requests. */
function early(dice: Dice, happening: Happening): Happening {
  if (happening.kind !== 'api' || dice.chance(0.5)) return happening;
  // Of what has a cursor there is less.
  const [least, most] = happening.fault.query === undefined ? [2, 14] : [0, 4];
  return { ...happening, atS: 0, fault: { ...happening.fault, skip: dice.integer(least, most) } };
}

function troubledPages(seed: number, { startFromS }: Configuration): Happening[] {
  const dice = createDice(`pages ${seed}`);
  const backlog = { kind: 'events', atS: 0, count: 900, overS: 0, lateS: 0, spanS: startFromS, tenant: 0.3 } as const;
  const faults = Array.from({ length: 10 }, (): Happening => {
    const fault = dice.pick(PAGES)(dice);
    return { kind: 'api', atS: 0, fault: { ...fault, skip: dice.integer(0, fault.query === undefined ? 14 : 4) } };
  });
  return [backlog, ...faults];
}

/** What is in flight while nobody works on it may be gone when somebody does. */
function withWithdrawal(dice: Dice, happening: Happening): Happening[] {
  if (happening.kind !== 'death' || dice.chance(0.6)) return [happening];
  return [happening, { kind: 'withdraw', atS: happening.atS + Math.ceil(happening.downS / 2), count: 20 }];
}

type Untimed = Happening extends infer Each ? (Each extends Happening ? Omit<Each, 'atS'> : never) : never;
type Maker = (dice: Dice) => Untimed;

function made(dice: Dice, makers: readonly Maker[], atS: number): Happening {
  return { ...dice.pick(makers)(dice), atS };
}

/** None of a kind of trouble, or some of it. */
function some(
  dice: Dice,
  makers: readonly Maker[],
  safetyS: number,
  counts: readonly number[] = [0, 0, 1, 2, 5],
): Happening[] {
  const count = dice.pick(counts);
  // Most happens at the beginning, where the backlog is read.
  return Array.from({ length: count }, () => {
    const atS = Math.floor(dice.next() ** dice.pick([1, 3]) * safetyS);
    return made(dice, makers, atS);
  });
}

const times = (dice: Dice) => dice.pick([1, 1, 2, 6]);
const forS = (dice: Dice) => dice.pick([10, 60, 5 * MINUTE, 40 * MINUTE]);
const api = (fault: Fault): Untimed => ({ kind: 'api', fault });

const APIS: readonly Maker[] = [
  dice => api({ kind: 'status', status: dice.pick([500, 502, 503, 408]), times: times(dice) }),
  dice => api({ kind: 'status', status: dice.pick([500, 503]), skip: dice.integer(1, 4), times: 1 }),
  dice => api({ kind: 'status', status: dice.pick([500, 503]), forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'status', status: dice.pick([401, 403, 404]), forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'status', status: 429, skip: dice.integer(0, 4), times: times(dice) }),
  dice =>
    api({ kind: 'status', status: 429, retryAfter: String(dice.pick([1, 30, 300, 7200])), times: dice.integer(1, 2) }),
  dice => api({ kind: 'reset', forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'hang', times: times(dice) }),
  dice => api({ kind: 'truncated', times: times(dice), skip: dice.integer(0, 3) }),
  dice =>
    api({
      kind: 'body',
      body: dice.pick(BODIES),
      times: times(dice),
    }),
  dice => api({ kind: 'oversized', bytes: OVER_THE_CAP, times: dice.integer(1, 2) }),
  dice => api({ kind: 'headers', headers: { date: null }, times: times(dice) }),
  dice => api({ kind: 'headers', headers: { date: dice.pick([DATE_BEHIND, DATE_AHEAD]) }, times: dice.integer(1, 2) }),
  dice => api({ kind: 'slow', delayMs: dice.pick([3_000, 29_000, 31_000]), times: times(dice) }),
  dice => api({ kind: 'two_documents', times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'repeated_cursor', query: 'after=', times: times(dice), skip: dice.integer(0, 1) }),
  dice => api({ kind: 'no_cursor', times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'empty_page', query: 'after=', cursor: dice.chance(0.5), times: times(dice) }),
  dice => api({ kind: 'ignored_cursor', query: 'after=', times: times(dice) }),
  dice => api({ kind: 'ignored_span', times: times(dice), skip: dice.integer(0, 3) }),
];

const INVENTORIES: readonly Maker[] = [
  dice => inventory(dice, { kind: 'status', status: dice.pick([403, 404, 429, 500]), forMs: forS(dice) * 1000 }),
  dice => inventory(dice, { kind: 'truncated', times: times(dice) }),
  dice => inventory(dice, { kind: 'body', body: dice.pick(BODIES), times: times(dice) }),
  dice => inventory(dice, { kind: 'empty_page', cursor: dice.chance(0.5), times: times(dice) }),
  dice => inventory(dice, { kind: 'no_cursor', times: times(dice) }),
  dice => inventory(dice, { kind: 'repeated_cursor', query: 'after=', times: times(dice) }),
  dice => inventory(dice, { kind: 'moved_items', by: dice.pick([-1, 1, 20]), times: 1 }),
];
const inventory = (dice: Dice, fault: Fault): Untimed => api({ ...fault, route: dice.pick(LISTS) });
const LISTS = [
  '/organization/users',
  '/organization/projects',
  '/organization/admin_api_keys',
  '/organization/groups',
  '/organization/projects/{project_id}/api_keys',
  '/organization/projects/{project_id}/service_accounts',
];

const BODIES = ['', '<html>', '{"data":[{"id":', '{}', 'null', '{"data":[],"has_more":1}'];
const PAGES: readonly ((dice: Dice) => Fault)[] = [
  dice => ({ kind: 'body', body: dice.pick(BODIES) }),
  () => ({ kind: 'truncated' }),
  dice => ({ kind: 'status', status: dice.pick([429, 500, 503]) }),
  dice => ({ kind: 'status', status: dice.pick([400, 404]), query: 'after=' }),
  () => ({ kind: 'repeated_cursor', query: 'after=' }),
  () => ({ kind: 'no_cursor' }),
  dice => ({ kind: 'empty_page', cursor: dice.chance(0.5), query: 'after=' }),
  () => ({ kind: 'ignored_cursor', query: 'after=' }),
  () => ({ kind: 'two_documents' }),
];

const OVER_THE_CAP = 33 * 1024 * 1024;
const DATE_BEHIND = 'Sun, 01 Mar 2026 03:00:00 GMT';
const DATE_AHEAD = 'Mon, 02 Mar 2026 12:00:00 GMT';

const trouble = (what: Trouble, seconds: number): Untimed => ({ kind: 'backend', trouble: what, forS: seconds });

const BACKENDS: readonly Maker[] = [
  dice => trouble({ kind: 'gone' }, forS(dice)),
  dice =>
    trouble({ kind: 'status', status: dice.pick([429, 503]), share: 1, retryAfterS: dice.pick([1, 60]) }, forS(dice)),
  dice => trouble({ kind: 'status', status: dice.pick([408, 500, 502, 504]), share: dice.pick([0.3, 1]) }, forS(dice)),
  dice => trouble({ kind: 'misconfigured', ...dice.pick(MISCONFIGURED) }, forS(dice)),
  dice => trouble({ kind: 'lost', share: dice.pick([0.1, 0.7]) }, forS(dice)),
  dice => trouble({ kind: 'worthless', how: 'cut', share: 0.5 }, forS(dice)),
  dice => trouble({ kind: 'worthless', how: dice.pick(['html', 'early', 'oversized']), share: 0.5 }, forS(dice)),
  dice => trouble({ kind: 'slow', share: dice.pick([0.3, 1]), stores: true }, forS(dice)),
  dice => trouble({ kind: 'slow', share: dice.pick([0.3, 1]), stores: false }, forS(dice)),
  dice => trouble({ kind: 'partial', share: 0.3 }, forS(dice)),
  dice => trouble({ kind: 'too_large', records: dice.pick([1, 30]), status: dice.pick(TOO_LARGE) }, forS(dice)),
  dice => trouble({ kind: 'stubborn', oneOf: dice.pick([20, 200]), status: dice.pick([429, 500, 503]) }, forS(dice)),
  dice => trouble({ kind: 'tls' }, forS(dice)),
  dice =>
    trouble(
      { kind: 'too_old', olderThanS: dice.pick([10 * MINUTE, HOUR, 6 * HOUR]), ...dice.pick(TOO_OLD) },
      forS(dice),
    ),
];

const TOO_LARGE = [400, 413, 422, 429, 500, 503];
/** As Grafana Loki and an OpenTelemetry Collector say it. */
const MISCONFIGURED = [
  { status: 401, text: 'no org id' },
  { status: 403, text: 'forbidden' },
  { status: 404, text: '404 page not found' },
  { status: 405, text: 'method not allowed' },
  { status: 415, text: 'unsupported media type' },
  { status: 418, text: 'nobody knows what this means' },
  { status: 302, text: '' },
  { status: 307, text: '' },
  { status: 400, text: 'Client sent an HTTP request to an HTTPS server.' },
  { status: 400, text: 'nobody knows why' },
] as const;
const TOO_OLD = [
  { status: 400, text: 'entry for stream has timestamp too old: 2026-01-01' },
  { status: 500, text: 'Exporting failed: HTTP Status Code 400: entry too far behind' },
  { status: 503, text: 'no schema config found for time 1767225600' },
] as const;

const PROCESSES: readonly Maker[] = [
  dice => ({ kind: 'death', moment: dice.pick(['now', ...MOMENTS]), downS: dice.pick([1, 5, 600, 3600]) }),
  dice => ({ kind: 'death', moment: dice.pick(['now', ...MOMENTS]), downS: 1 }),
  dice => ({ kind: 'stop', downS: dice.pick([1, 60, 1800]) }),
];

const REST: readonly Maker[] = [
  dice => ({ kind: 'withdraw', count: dice.pick([1, 2, 20, 1000]) }),
  dice => ({ kind: 'disk', forS: forS(dice), share: dice.pick([0.1, 0.5, 1]) }),
  dice => ({
    kind: 'limit',
    forS: dice.pick([600, HOUR, DAY]),
    perMinute: dice.pick([4, 10, 60]),
    retryAfter: dice.chance(0.3),
  }),
  dice => ({ kind: 'wall', byS: dice.pick([-DAY, -HOUR, -30, 30, HOUR, DAY]) }),
  dice => ({ kind: 'api_clock', byS: dice.pick([-HOUR, -60, 20, 60, HOUR]) }),
  dice => ({ kind: 'suspend', forS: dice.pick([60, 1200]) }),
];

const REVERIFICATIONS = [[], [{ lastS: DAY, everyS: HOUR }], [{ lastS: 6 * HOUR, everyS: 900 }]];

const OPERATOR: readonly Maker[] = [
  () => ({ kind: 'ask', what: 'replay' }),
  () => ({ kind: 'ask', what: 'verify' }),
  dice => ({ kind: 'configure', change: { excludeTypes: dice.pick([[], ['login.failed'], ['user.added']]) } }),
  dice => ({ kind: 'configure', change: { startFromS: dice.pick([1800, 3 * HOUR, 2 * DAY, 40 * DAY]) } }),
  dice => ({ kind: 'configure', change: { settleS: dice.pick([2, 5, 10]) * MINUTE } }),
  dice => ({ kind: 'configure', change: { streams: dice.pick([['organization'], ['organization', 'tenant']]) } }),
  dice => ({ kind: 'configure', change: { reverify: dice.pick(REVERIFICATIONS) } }),
  dice => ({
    kind: 'configure',
    change: { batchRecords: dice.pick([7, 100]), protocol: dice.pick(['http/json', 'http/protobuf']) },
  }),
];
