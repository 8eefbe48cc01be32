import type { Fault } from '../../src/emulator/fault.ts';
import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Happening, History, Trouble } from './history.ts';
import type { Moment } from './life.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** A history from a seed. Most are small; each has its own mixture of what goes wrong. */
export function generate(seed: number): History {
  const dice = createDice(`history ${seed}`);
  const withdrawals = createDice(`withdrawals ${seed}`);
  const safetyS = dice.pick([5, 10, 10, 20, 20, 60, 60, 180]) * MINUTE;
  const config = {
    startFromS: dice.pick([HOUR, 6 * HOUR, DAY, 30 * DAY]),
    pollS: dice.pick([30, 60, 120]),
    settleS: dice.pick([2 * MINUTE, 5 * MINUTE, 10 * MINUTE]),
    excludeTypes: dice.chance(0.2) ? ['login.failed'] : [],
  };
  return {
    seed,
    api: {
      order: dice.chance(0.8) ? 'descending' : dice.pick(['ascending', 'shuffled']),
      tenantInBoth: dice.chance(0.3),
      vanishedCursor: dice.pick(['place', 'place', 400, 404, 'empty']),
      aheadS: dice.chance(0.5) ? 0 : dice.pick([-7200, -90, 5, 120, 3600]),
      latencyMs: dice.pick([20, 200, 2000]),
    },
    config,
    diskMs: dice.chance(0.6) ? 0 : dice.pick([5, 200]),
    poison: dice.chance(0.2) ? dice.pick([20, 200]) : 0,
    safetyS,
    happenings: [
      ...traffic(dice, config.startFromS, config.settleS, safetyS),
      ...some(dice, APIS, safetyS),
      ...some(dice, BACKENDS, safetyS),
      ...some(dice, PROCESSES, safetyS).flatMap(each => withWithdrawal(withdrawals, each)),
      ...some(dice, REST, safetyS),
    ].sort((a, b) => a.atS - b.atS),
  };
}

/** The same life on all days, and what disturbs it. */
function traffic(dice: Dice, startFromS: number, settleS: number, safetyS: number): Happening[] {
  const tenant = dice.pick([0, 0.1, 0.5]);
  const backlog = dice.pick([0, 30, 300, 1200]);
  const perHour = dice.pick([2, 20, 120]);
  const liveS = safetyS + 10 * MINUTE;
  const events = { kind: 'events', tenant, lateS: 0, overS: 0, atS: 0 } as const;
  const found: Happening[] = [
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

/** What is in flight while nobody works on it may be gone when somebody does. */
function withWithdrawal(dice: Dice, happening: Happening): Happening[] {
  if (happening.kind !== 'death' || dice.chance(0.6)) return [happening];
  return [happening, { kind: 'withdraw', atS: happening.atS + Math.ceil(happening.downS / 2), count: 20 }];
}

type Maker = (dice: Dice) => Omit<Happening, 'atS'>;

/** None of a kind of trouble, or some of it. */
function some(dice: Dice, makers: readonly Maker[], safetyS: number): Happening[] {
  const count = dice.pick([0, 0, 1, 2, 5]);
  return Array.from({ length: count }, () => {
    const made = dice.pick(makers)(dice);
    // Most happens at the beginning, where the backlog is read.
    return { ...made, atS: Math.floor(dice.next() ** dice.pick([1, 3]) * safetyS) } as Happening;
  });
}

const times = (dice: Dice) => dice.pick([1, 1, 2, 6]);
const forS = (dice: Dice) => dice.pick([10, 60, 5 * MINUTE, 40 * MINUTE]);
const api = (fault: Fault): Omit<Happening, 'atS'> => ({ kind: 'api', fault }) as Omit<Happening, 'atS'>;

const APIS: readonly Maker[] = [
  dice => api({ kind: 'status', status: dice.pick([500, 502, 503, 408]), times: times(dice) }),
  dice => api({ kind: 'status', status: dice.pick([500, 503]), forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'status', status: dice.pick([401, 403, 404]), forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'status', status: 429, times: dice.integer(1, 2) }),
  dice => api({ kind: 'status', status: 429, retryAfter: String(dice.pick([1, 30, 300])), times: dice.integer(1, 2) }),
  dice => api({ kind: 'reset', forMs: forS(dice) * 1000 }),
  dice => api({ kind: 'hang', times: times(dice) }),
  dice => api({ kind: 'truncated', times: times(dice) }),
  dice =>
    api({
      kind: 'body',
      body: dice.pick(['', '<html>', '{}', '[]', 'null', '{"data":[],"has_more":1}']),
      times: times(dice),
    }),
  dice => api({ kind: 'headers', headers: { date: null }, times: times(dice) }),
  dice => api({ kind: 'headers', headers: { date: dice.pick([DATE_BEHIND, DATE_AHEAD]) }, times: dice.integer(1, 2) }),
  dice => api({ kind: 'slow', delayMs: dice.pick([3_000, 29_000, 31_000]), times: times(dice) }),
  dice => api({ kind: 'two_documents', times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'repeated_cursor', times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'no_cursor', times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'empty_page', cursor: dice.chance(0.5), times: times(dice), skip: dice.integer(0, 3) }),
  dice => api({ kind: 'ignored_cursor', query: 'after=', times: times(dice) }),
  dice => api({ kind: 'ignored_span', times: times(dice), skip: dice.integer(0, 3) }),
];

const DATE_BEHIND = 'Sun, 01 Mar 2026 03:00:00 GMT';
const DATE_AHEAD = 'Mon, 02 Mar 2026 12:00:00 GMT';

const trouble = (what: Trouble, seconds: number) =>
  ({ kind: 'backend', trouble: what, forS: seconds }) as Omit<Happening, 'atS'>;

const BACKENDS: readonly Maker[] = [
  dice => trouble({ kind: 'gone' }, forS(dice)),
  dice =>
    trouble(
      { kind: 'status', status: dice.pick([429, 503]), share: 1, retryAfterMs: dice.pick([1_000, 60_000]) },
      forS(dice),
    ),
  dice => trouble({ kind: 'status', status: dice.pick([500, 502, 504]), share: dice.pick([0.3, 1]) }, forS(dice)),
  dice => trouble({ kind: 'misconfigured' }, forS(dice)),
  dice => trouble({ kind: 'lost', share: dice.pick([0.1, 0.7]) }, forS(dice)),
  dice => trouble({ kind: 'slow', share: dice.pick([0.3, 1]), stores: dice.chance(0.5) }, forS(dice)),
  dice => trouble({ kind: 'partial', share: 0.3 }, forS(dice)),
  dice => trouble({ kind: 'too_old', olderThanS: dice.pick([10 * MINUTE, HOUR, 6 * HOUR]) }, forS(dice)),
];

const MOMENTS: readonly (Moment | 'now')[] = [
  'now',
  'before answer',
  'before claim',
  'after claim',
  'before export',
  'after export',
  'before commit',
  'after commit',
];

const PROCESSES: readonly Maker[] = [
  dice =>
    ({ kind: 'death', moment: dice.pick(MOMENTS), downS: dice.pick([1, 5, 600, 3600]) }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'death', moment: dice.pick(MOMENTS), downS: 1 }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'stop', downS: dice.pick([1, 60, 1800]) }) as Omit<Happening, 'atS'>,
];

const REST: readonly Maker[] = [
  dice => ({ kind: 'withdraw', count: dice.pick([1, 2, 20]) }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'disk', forS: forS(dice), share: dice.pick([0.1, 0.5, 1]) }) as Omit<Happening, 'atS'>,
  dice =>
    ({
      kind: 'limit',
      forS: dice.pick([600, DAY]),
      perMinute: dice.pick([4, 10, 60]),
      retryAfter: dice.chance(0.3),
    }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'wall', byS: dice.pick([-DAY, -HOUR, -30, 30, HOUR, DAY]) }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'api_clock', byS: dice.pick([-HOUR, -60, 20, 60, HOUR]) }) as Omit<Happening, 'atS'>,
  dice => ({ kind: 'suspend', forS: dice.pick([60, 1200]) }) as Omit<Happening, 'atS'>,
];
