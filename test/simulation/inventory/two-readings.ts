import type { Violation } from '../trace.ts';
import type { History } from './history.ts';
import { InventoryWorld } from './inventory-world.ts';

export interface Result {
  readonly violations: readonly Violation[];
  /** Equal for equal histories. */
  readonly digest: string;
  readonly lives: number;
  /** Of the reading in which things go wrong: its requests, and the moments at which its process could have died. */
  readonly requests: number;
  readonly effects: number;
  /** What was told as news, sorted; and what of it only after the snapshot of the reading that it appeared in. */
  readonly news: readonly string[];
  readonly afterwards: readonly string[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** After so long every list is due, however seldom it is read. */
const ALL_DUE_MS = 25 * HOUR_MS;
/** A reading without trouble takes seconds; with trouble, a list is asked for again a dozen times, a minute apart. */
const READING_MS = 15 * MINUTE_MS;
/** What is said to be not set is believed after an interval. */
const PATIENCE_MS = 2.2 * HOUR_MS;
/** A process that goes on asks first whose key it is, and reads again what waited for other lists. */
const READ_AGAIN = 20;

/** What people do in the day between the first two readings. */
const DEEDS = [
  'user.added',
  'user.deleted',
  'invite.sent',
  'project.created',
  'project.updated',
  'api_key.created',
  'api_key.created',
  'api_key.deleted',
  'service_account.created',
  'service_account.deleted',
  'group.created',
  'role.created',
  'role.updated',
  'role.assignment.created',
  'role.assignment.created',
  'role.assignment.deleted',
  'certificate.created',
  'certificates.activated',
  'external_key.registered',
  'rate_limit.updated',
] as const;

/**
 * Plays three readings of everything, with a day of changes after the first one, and judges them record by record. What
 * goes wrong must make no difference to what is told: `calm` is the same history without it.
 */
export async function playReadings(history: History, calm?: Result, write?: (line: string) => void): Promise<Result> {
  const world = await InventoryWorld.open(history.seed, false, write);
  const { trace, judge, scheduler } = world;
  const wrong = (reading: History['during']) => (history.during === reading ? history : undefined);
  const sleep = () => scheduler.runUntil(scheduler.nowMs + ALL_DUE_MS);
  try {
    const first = await read(world, wrong('first'), calm);
    await sleep();
    if (history.during === 'later') change(world);
    const later = await read(world, wrong('later'), calm);
    await sleep();
    await read(world, undefined, calm, PATIENCE_MS);
    judge.judgeWhole('in the end');
    const news = judge.news.toSorted();
    if (history.during === 'first' && news.length > 0) trace.violation('news', `what was there is news: ${news}`);
    if (calm !== undefined) judgeNews(world, news, calm.news);
    const { violations } = trace;
    const afterwards = judge.news.slice(judge.snapshots[1]);
    const told = { news, afterwards };
    return { violations, digest: trace.digest(), lives: world.lives, ...(wrong('first') ? first : later), ...told };
  } finally {
    await world.close();
  }
}

/** One process, or one that dies and its successor, from the start until all is read. */
async function read(world: InventoryWorld, wrong: History | undefined, calm: Result | undefined, forMs = READING_MS) {
  const { scheduler, api, trace, judge } = world;
  const before = judge.snapshots.length;
  const sentBefore = api.sent;
  let again = 0;
  world.onDeath = () => {
    again += api.underWay + READ_AGAIN;
  };
  api.plan(wrong?.fault);
  const life = world.start(wrong?.killAt);
  await scheduler.runUntil(scheduler.nowMs + forMs);
  const { effects } = life;
  const requests = api.sent - sentBefore;
  await world.stop();
  api.plan(undefined);
  if (judge.snapshots.length === before) trace.violation('liveness', 'the reading has no end');
  const most = (calm?.requests ?? 0) + again;
  if (again > 0 && requests > most) trace.violation('resume', `${requests} requests, where ${most} would do`);
  return { requests, effects };
}

function change({ api, judge }: InventoryWorld): void {
  const { organization } = api.emulator;
  for (const deed of DEEDS) organization.act(deed);
  const { projects, settings } = organization.estate;
  organization.act('project.deleted', projects[1]?.id);
  settings.spendLimit = settings.spendLimit === null ? 100 : null;
  judge.look();
}

function judgeNews({ trace }: InventoryWorld, news: readonly string[], wanted: readonly string[]): void {
  const [told, due] = [count(news), count(wanted)];
  for (const text of new Set([...news, ...wanted])) {
    const [times = 0, should = 0] = [told.get(text), due.get(text)];
    if (times !== should) trace.violation('news', `${text}: told ${times} times, not ${should}`);
  }
}

function count(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...Map.groupBy(texts, text => text)].map(([text, all]) => [text, all.length]));
}
