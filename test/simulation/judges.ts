import { isDeepStrictEqual } from 'node:util';
import { gaps } from '../../src/coverage/intervals.ts';
import type { FeedState, Storage } from '../../src/storage/storage.ts';
import type { History } from './history.ts';
import { EPOCH_MS, type Seen } from './simulated-api.ts';
import { ORGANIZATION, type World } from './simulation.ts';

const STREAMS = ['organization', 'tenant'] as const;
/** The tail leaves a gap at the live end alone for this long. */
const LIVE_END_S = 15 * 60;
/** Coverage without events is written this often. */
const SAVE_S = 5 * 60;
/** A time that the collector measures may be behind the API's by this. */
const SLACK_S = 3 * 60;
/** A statement may wait for as long as its batch is gathered and tried. */
const OLD_MS = 120_000;
/** Safely inside the last day, which is read again every hour. */
const REVERIFIED_S = 18 * 3600;
/** An event that becomes visible within `settle`, less this, is on time. */
const MARGIN_S = 60;
/** Bounds that no healthy history comes near. */
const MOST_IN_FLIGHT = 800;
const MOST_EXTRA_REQUESTS = 30;
/** How slowly a tail may poll after refusals: so far the limiter recovers slowly. */
const MOST_PACE_S = 10 * 60;
const MOST_REQUESTS_AN_HOUR = 3_000;

/** What still has to happen in the liveness phase; undefined when all is well. */
export async function unfinished(world: World): Promise<string | undefined> {
  const states = await feedStates(world);
  const missing = world.api.seen.find(seen => isOwed(world, seen, states) && !hasFate(world, seen));
  if (missing !== undefined) return `not delivered: ${describe(missing)}`;
  const stuck = world.api.seen.find(seen => world.disk.fates.get(seen.uid) === 'in_flight' && !isNew(world, seen));
  if (stuck !== undefined) return `still in flight: ${describe(stuck)}`;
  const waiting = (await waitingStatements(world)).find(({ atMs }) => atMs < EPOCH_MS + world.scheduler.nowMs - OLD_MS);
  if (waiting !== undefined) return `not delivered: ${waiting.uid}`;
  for (const stream of STREAMS) {
    const state = states[stream];
    if (state === undefined) return `the ${stream} stream never started`;
    if (!world.api.seen.some(seen => seen.stream === stream)) continue;
    const to = world.api.nowS - world.history.config.settleS - LIVE_END_S - SAVE_S - SLACK_S;
    const [gap] = gaps(state.coverage, { from: state.startAt, to: Math.floor(to) });
    if (gap !== undefined) return `${stream} is not covered from ${gap.from} to ${gap.to}, at ${world.api.nowS}`;
  }
  return undefined;
}

/** Nothing was wrong for a long time, and all was delivered at `fromMs`. */
export function judgeCalm(world: World, fromMs: number): void {
  const { backend, scheduler, trace, api } = world;
  const lagMs = mostLagMs(world);
  for (const seen of api.seen) {
    if (seen.visibleAtMs < fromMs || seen.visibleAtMs > scheduler.nowMs - lagMs) continue;
    if (isExcluded(world, seen) || backend.isPoison(seen.uid) || !isOnTime(world, seen)) continue;
    const stored = backend.stored.get(seen.uid);
    const tookMs = (stored?.atMs ?? Number.POSITIVE_INFINITY) - seen.visibleAtMs;
    if (tookMs > lagMs) trace.violation('lag', `${describe(seen)} took ${tookMs / 1000} s`);
  }
}

/** Nobody did anything from `fromMs` on: nothing is written for it but coverage, now and then. */
export function judgeQuiet({ disk, api, trace, scheduler, history }: World, fromMs: number): void {
  const commits = disk.commitsMs.filter(atMs => atMs > fromMs).length;
  // And a change of a stream's condition is written.
  const mostCommits = STREAMS.length * (2 + Math.ceil((scheduler.nowMs - fromMs) / (SAVE_S * 1000)));
  if (commits > mostCommits) trace.violation('idle', `${commits} commits while nothing happened`);
  const requests = api.requestsMs.filter(atMs => atMs > fromMs).length;
  const polls = (STREAMS.length * (scheduler.nowMs - fromMs)) / (history.config.pollS * 500);
  const pagesAPoll = history.api.order === 'descending' ? 1 : 5;
  // A gap, a check and a pass of re-verification may want some.
  if (requests > polls * pagesAPoll + MOST_EXTRA_REQUESTS)
    trace.violation('idle', `${requests} requests while nothing happened`);
}

/** How long after it is visible an event may be under way: promise 8. */
function mostLagMs({ history }: World): number {
  const { config, api, diskMs } = history;
  // What a learned limit leaves to each stream.
  const paceS = wasLimited(history) ? MOST_PACE_S : 0;
  // Where the newest event is not on the first page, it may be a gap's.
  const gapS = api.order === 'descending' ? 0 : config.settleS + LIVE_END_S + SAVE_S;
  return (Math.max(config.pollS, 60, paceS, gapS) + 2) * 1000 + 2 * api.latencyMs + 100 + 4 * diskMs;
}

function wasLimited({ happenings }: History): boolean {
  return happenings.some(
    happening =>
      happening.kind === 'limit' ||
      (happening.kind === 'api' && happening.fault.kind === 'status' && happening.fault.status === 429),
  );
}

/** Everything that can be said at the end of a history. */
export async function judgeEnd(world: World): Promise<void> {
  const { trace, backend, disk, api } = world;
  const states = await feedStates(world);
  const parked = new Set((await world.storage.parked(ORGANIZATION)).map(({ uid }) => uid));
  for (const seen of api.seen) {
    const stored = backend.stored.get(seen.uid);
    if (stored !== undefined && !isDeepStrictEqual(stored.record.body, seen.event)) {
      trace.violation('payload', `${describe(seen)} arrived as ${JSON.stringify(stored.record.body)}`);
    }
    const arrived = stored !== undefined || parked.has(seen.uid) || disk.fates.get(seen.uid) === 'excluded';
    const fate = disk.fates.get(seen.uid);
    if (!arrived && fate !== undefined && fate !== 'in_flight') {
      trace.violation('conservation', `${describe(seen)} counts as ${fate} and is nowhere`);
    }
    if (isOwed(world, seen, states) && !arrived && seen.visibleAtMs < world.scheduler.nowMs - mostLagMs(world)) {
      trace.violation('conservation', `${describe(seen)} is lost`);
    }
  }
  const listed = new Set(api.seen.map(({ uid }) => uid));
  for (const [uid, { record }] of backend.stored) {
    const isOwn = record.resource['service.name'] !== 'openai-audit';
    if (!isOwn && !listed.has(uid)) trace.violation('conservation', `${uid} was stored and never listed`);
  }
  for (const [uid, fate] of disk.statements) {
    if (fate === 'acknowledged' && !backend.stored.has(uid)) trace.violation('statements', `${uid} is lost`);
  }
  if (disk.mostInFlight > MOST_IN_FLIGHT) trace.violation('memory', `${disk.mostInFlight} records were in flight`);
  judgeRequests(world);
}

function judgeRequests({ api, trace }: World): void {
  let from = 0;
  for (const [at, atMs] of api.requestsMs.entries()) {
    while ((api.requestsMs[from] ?? atMs) < atMs - 3_600_000) from += 1;
    if (at - from > MOST_REQUESTS_AN_HOUR) trace.violation('requests', `${at - from} requests within an hour`);
  }
}

/** Whether the collector owes this event: it was listed long enough, is not too old, and not too late. */
function isOwed(world: World, seen: Seen, states: States): boolean {
  const startAt = states[seen.stream]?.startAt;
  if (startAt === undefined || seen.effectiveAt < startAt || seen.withdrawnAtMs !== undefined) return false;
  return mustBeFound(world, seen);
}

/**
 * Which late events must be found: those of a second that was not read since it was settled, and those of the last day,
 * which is read again every hour. What is older is read again too, but no history lasts that long.
 */
function mustBeFound(world: World, seen: Seen): boolean {
  if (isOnTime(world, seen)) return true;
  const { effectiveAt, readBeforeS, apiHighS } = seen;
  if (readBeforeS === undefined || readBeforeS < effectiveAt + world.history.config.settleS - MARGIN_S) return true;
  return apiHighS - effectiveAt < REVERIFIED_S;
}

function isOnTime({ history }: World, { apiHighS, effectiveAt }: Seen): boolean {
  return apiHighS - effectiveAt <= history.config.settleS - MARGIN_S;
}

/** Or need not have one yet. */
function hasFate(world: World, seen: Seen): boolean {
  const fate = world.disk.fates.get(seen.uid);
  return isNew(world, seen) || (fate !== undefined && fate !== 'in_flight');
}

function isNew(world: World, seen: Seen): boolean {
  return isOnTime(world, seen) && seen.visibleAtMs > world.scheduler.nowMs - mostLagMs(world);
}

function isExcluded({ history }: World, { type }: Seen): boolean {
  return history.config.excludeTypes.includes(type);
}

/** What the collector wants to say and has not yet. */
function waitingStatements({ storage }: World): ReturnType<Storage['statements']> {
  return storage.statements(ORGANIZATION, 1_000, Number.MIN_SAFE_INTEGER);
}

type States = Readonly<Record<(typeof STREAMS)[number], FeedState | undefined>>;

async function feedStates({ storage }: World): Promise<States> {
  const state = (stream: (typeof STREAMS)[number]) => storage.feed({ organization: ORGANIZATION, stream });
  return { organization: await state('organization'), tenant: await state('tenant') };
}

function describe({ uid, stream, effectiveAt, visibleAtMs }: Seen): string {
  return `${uid} of ${stream}, second ${effectiveAt}, visible at ${visibleAtMs / 1000}`;
}
