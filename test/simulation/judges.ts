import { isDeepStrictEqual } from 'node:util';
import { gaps } from '../../src/coverage/intervals.ts';
import type { FeedState } from '../../src/storage/storage.ts';
import type { Configuration } from './history.ts';
import { judgeInventory, unlike } from './inventory-judge.ts';
import { EPOCH_MS, type Seen, type SimulatedApi } from './simulated-api.ts';
import type { World } from './simulation.ts';
import { judgeStatements } from './statement-judge.ts';

/** Events on a page of the API. */
const PAGE = 100;
const STREAMS = ['organization', 'tenant'] as const;
/** The tail leaves a gap at the live end alone for this long. */
const LIVE_END_S = 15 * 60;
/** Coverage without events is written this often. */
const SAVE_S = 5 * 60;
/** A time that the collector measures may be behind the API's by this. */
const SLACK_S = 3 * 60;
/** A statement may wait for as long as its batch is gathered and tried. */
const OLD_MS = 120_000;
/** An event that becomes visible within `settle`, less this, is on time. */
const MARGIN_S = 60;
/** Re-verified so often, a span is read again within every liveness phase. */
const OFTEN_S = 3600;
/** Bounds that no healthy history comes near. */
const MOST_IN_FLIGHT = 800;
const MOST_EXTRA_REQUESTS = 30;
/** However little a limiter learned to be allowed, a limit that is lifted is found out by then. */
const MOST_PACE_S = 5 * 60;
const MOST_REQUESTS_AN_HOUR = 3_000;
/** Reasons for which a record is parked that must be in the record. */
const HELD_AGAINST = ['refused', 'undeliverable'];
/** Whatever is held, backs off or waits for its time-out has tried again by then, and found that nothing is wrong. */
const RECOVERED_MS = 6 * 60_000;

type States = Readonly<Record<(typeof STREAMS)[number], FeedState | undefined>>;

/** What a judge knows of one organization at this moment. */
interface Sight {
  readonly world: World;
  readonly api: SimulatedApi;
  readonly config: Configuration;
  readonly states: States;
  /** How long after it is visible an event may be under way: promise 8. */
  readonly lagMs: number;
}

/** What still has to happen in the liveness phase; undefined when all is well. */
export async function unfinished(world: World): Promise<string | undefined> {
  for (const sight of await lookAll(world)) {
    const { api, states, config } = sight;
    const missing = api.seen.find(seen => isOwed(sight, seen) && !hasFate(sight, seen));
    if (missing !== undefined) return `not delivered: ${describe(missing)}`;
    const stuck = api.seen.find(
      seen => world.disk.fateOf(seen) === 'in_flight' && isRead(sight, seen) && !isNew(sight, seen),
    );
    if (stuck !== undefined) return `still in flight: ${describe(stuck)}`;
    const statements = await world.storage.statements(api.name, 1_000, Number.MIN_SAFE_INTEGER);
    const waiting = statements.find(({ atMs }) => atMs < EPOCH_MS + world.scheduler.nowMs - OLD_MS);
    if (waiting !== undefined) return `not delivered: ${waiting.uid}`;
    const wrong = await unlike(world, api);
    if (wrong !== undefined) return wrong;
    for (const stream of config.streams) {
      const state = states[stream];
      if (state === undefined) return `the ${stream} stream never started`;
      if (state.startText !== `${config.startFromS}s`) return `${stream} starts ${state.startText} ago`;
      if (!api.seen.some(seen => api.lists(stream, seen))) continue;
      const to = api.nowS - config.settleS - LIVE_END_S - SAVE_S - SLACK_S - config.pollS;
      const [gap] = gaps(state.coverage, { from: state.startAt, to: Math.floor(to) });
      if (gap !== undefined) return `${stream} is not covered from ${gap.from} to ${gap.to}, at ${api.nowS}`;
    }
  }
  const open = world.disk.asked.find(({ answer }) => answer === undefined);
  return open === undefined ? undefined : `not answered: ${open.organization} ${open.ask}`;
}

/** How long the newest event of each organization may be under way, at most, since things stopped going wrong. */
export type Lags = ReadonlyMap<string, number>;

/** What was learned of a limit that is lifted is unlearned by and by: the longest time counts. */
export async function longestLags(world: World, before: Lags = new Map()): Promise<Lags> {
  const sights = await lookAll(world);
  return new Map(sights.map(({ api: { name }, lagMs }) => [name, Math.max(lagMs, before.get(name) ?? 0)]));
}

/** Nothing is wrong any more, but perhaps much is still to be delivered: the newest events come in time all the same. */
export async function judgeLag(world: World, lags: Lags): Promise<void> {
  const { backend, scheduler, trace, disk, calmAtMs } = world;
  for (const sight of await lookAll(world)) {
    const { api, config } = sight;
    const fromMs = Math.max(calmAtMs, api.pausedUntilMs) + RECOVERED_MS;
    const lagMs = lags.get(api.name) ?? sight.lagMs;
    const begunMs = new Map(STREAMS.map(stream => [stream, firstMs(world, api, stream)]));
    for (const seen of api.seen) {
      if (seen.visibleAtMs < fromMs || seen.visibleAtMs > scheduler.nowMs - lagMs) continue;
      if (config.excludeTypes.includes(seen.type) || backend.isPoison(disk.uidOf(seen))) continue;
      if (!isRead(sight, seen) || !isOnTime(world, seen) || seen.timeless) continue;
      // The newest events are promised, and these stand on the first page.
      if (!isAmongNewest(sight, seen)) continue;
      // A stream that never listed an event is asked every 15 minutes.
      if (seen.visibleAtMs < (begunMs.get(seen.stream) ?? Number.POSITIVE_INFINITY)) continue;
      const stored = backend.stored.get(disk.uidOf(seen));
      const tookMs = (stored?.atMs ?? Number.POSITIVE_INFINITY) - seen.visibleAtMs;
      if (tookMs > lagMs)
        trace.violation('lag', `${describe(seen)} took ${tookMs / 1000} s, and ${lagMs / 1000} s are promised`);
    }
  }
}

/** Whether it was on the first page of its stream when it became visible. */
function isAmongNewest({ api }: Sight, { stream, effectiveAt, visibleAtMs }: Seen): boolean {
  const above = api.seen.filter(
    other =>
      api.lists(stream, other) &&
      other.effectiveAt >= effectiveAt &&
      other.visibleAtMs <= visibleAtMs &&
      (other.withdrawnAtMs ?? Number.POSITIVE_INFINITY) > visibleAtMs,
  );
  return above.length <= PAGE;
}

/** When the backend got the first event of a stream. */
function firstMs({ backend, disk }: World, api: SimulatedApi, stream: Seen['stream']): number {
  const own = api.seen.filter(seen => seen.stream === stream);
  return Math.min(...own.map(seen => backend.stored.get(disk.uidOf(seen))?.atMs ?? Number.POSITIVE_INFINITY));
}

/** Nobody did anything from `fromMs` on: nothing is written for it but coverage, now and then. */
export function judgeQuiet({ disk, apis, trace, scheduler, history, configs }: World, fromMs: number): void {
  const streams = STREAMS.length * apis.length;
  const commits = disk.commitsMs.filter(atMs => atMs > fromMs).length;
  // And a change of a stream's condition is written.
  const isSorted = history.api.order === 'descending';
  const mostCommits = streams * (isSorted ? 1 : 2) * (2 + Math.ceil((scheduler.nowMs - fromMs) / (SAVE_S * 1000)));
  if (commits > mostCommits) trace.violation('idle', `${commits} commits while nothing happened`);
  const pollS = configs.at(-1)?.pollS ?? history.config.pollS;
  const polls = (STREAMS.length * (scheduler.nowMs - fromMs)) / (pollS * 500);
  const pagesAPoll = isSorted ? 1 : 5;
  for (const { requestsMs } of apis) {
    const requests = requestsMs.filter(atMs => atMs > fromMs).length;
    // A gap, a check and a pass of re-verification may want some.
    if (requests > polls * pagesAPoll + MOST_EXTRA_REQUESTS)
      trace.violation('idle', `${requests} requests while nothing happened`);
  }
}

/** `verify` reads everything again: afterwards whatever is listed has its fate, and it said whether something had none. */
export async function judgeVerification(
  world: World,
  run: (isAnswered: () => boolean) => Promise<void>,
): Promise<void> {
  const { disk, trace } = world;
  const before = await lookAll(world);
  const unknown = (sight: Sight) => sight.api.seen.filter(seen => disk.fateOf(seen) === undefined);
  const asked = before.map(sight => ({
    sight,
    missing: unknown(sight).filter(seen => mustVerify(sight, seen)),
    // The end of what is settled lies within the slack on either side of where it is looked for.
    perhaps: unknown(sight).filter(seen => mayVerify(sight, seen, -2 * SLACK_S)),
    ask: disk.ask(sight.api.name, 'verify', { span: { from: 0, to: 2 ** 40 } }),
  }));
  await run(() => asked.every(({ ask }) => ask.answer !== undefined));
  for (const { sight, missing, perhaps, ask } of asked) {
    if (ask.answer === undefined) {
      trace.violation('verify', 'there is no answer');
      continue;
    }
    const left = sight.api.seen.find(seen => mustVerify(sight, seen) && !isEnded(sight, seen));
    if (left !== undefined) trace.violation('verify', `it does not find ${describe(left)}`);
    const { ok, lines }: { ok: boolean; lines: readonly string[] } = JSON.parse(ask.answer);
    const isForgotten = STREAMS.some(stream => (sight.states[stream]?.floor ?? 0) > 0);
    if (!isForgotten && (ok ? missing.length > 0 : perhaps.length === 0))
      trace.violation('verify', `${missing.length} were missing, and it says: ${lines.join('; ')}`);
  }
}

/** Whether a verification has to find this event: what no poll has come to may be left to the next one. */
function mustVerify(sight: Sight, seen: Seen): boolean {
  return mayVerify(sight, seen, sight.config.pollS);
}

/** Whether a verification may find this event: listed, settled for so long, and its id not forgotten. */
function mayVerify(sight: Sight, seen: Seen, forS: number): boolean {
  const { world, config, states, api } = sight;
  if (seen.timeless || seen.withdrawnAtMs !== undefined) return false;
  // Whoever reads it counts: the floor of a stream that is no longer read says nothing of one that is.
  const readFrom = config.streams.flatMap(stream => {
    const state = states[stream];
    return state !== undefined && api.lists(stream, seen) ? Math.max(state.startAt, state.floor) : [];
  });
  const from = Math.min(...readFrom);
  return from <= seen.effectiveAt && seen.effectiveAt < api.nowS - longestSettleS(world) - SLACK_S - forS;
}

/** Everything that can be said at the end of a history. */
export async function judgeEnd(world: World): Promise<void> {
  const { trace, backend, disk, apis } = world;
  const listed = new Set<string>();
  for (const sight of await lookAll(world)) {
    const { api } = sight;
    const all = await world.storage.parked(api.name);
    for (const { uid, reason } of all) {
      const isAtFault = !HELD_AGAINST.includes(reason) || backend.faulted.has(uid);
      if (!isAtFault) trace.violation('parked', `${uid} is parked as ${reason}, and nothing was wrong with it`);
    }
    const parked = new Set(all.map(({ uid }) => uid));
    for (const seen of api.seen) {
      listed.add(disk.uidOf(seen));
      judgeEvent(sight, seen, parked);
    }
    await judgeStatements(world, api);
    await judgeInventory(world, api);
    judgeRequests(world, api);
  }
  for (const [uid, { record }] of backend.stored) {
    const isOwn = record.resource['service.name'] !== 'openai-audit';
    if (!isOwn && !listed.has(uid)) trace.violation('conservation', `${uid} was stored and never listed`);
  }
  for (const [uid, fate] of disk.statements) {
    if (fate === 'acknowledged' && !backend.stored.has(uid)) trace.violation('statements', `${uid} is lost`);
  }
  const said = new Set([...backend.stored.keys(), ...(await unsaid(world))]);
  for (const uid of disk.owedStatements) if (!said.has(uid)) trace.violation('statements', `${uid} was never said`);
  if (disk.mostInFlight > MOST_IN_FLIGHT * apis.length)
    trace.violation('memory', `${disk.mostInFlight} records were in flight`);
}

/** Statements that wait, or that the backend refuses. */
async function unsaid({ apis, storage }: World): Promise<readonly string[]> {
  const lists = apis.flatMap(({ name }) => [
    storage.statements(name, 10_000, Number.MIN_SAFE_INTEGER),
    storage.parkedStatements(name),
  ]);
  return (await Promise.all(lists)).flat().map(({ uid }) => uid);
}

function judgeEvent(sight: Sight, seen: Seen, parked: ReadonlySet<string>): void {
  const { world, config, states, lagMs } = sight;
  const { trace, backend, disk, scheduler } = world;
  const uid = disk.uidOf(seen);
  const stored = backend.stored.get(uid);
  const fate = disk.fates.get(uid);
  if (stored !== undefined && !isDeepStrictEqual(stored.record.body, seen.event)) {
    trace.violation('payload', `${describe(seen)} arrived as ${JSON.stringify(stored.record.body)}`);
  }
  if (stored !== undefined && stored.record.timestamp !== seen.effectiveAt && !seen.timeless) {
    trace.violation('payload', `${describe(seen)} arrived with the time ${stored.record.timestamp}`);
  }
  const isExcluded = fate === 'excluded';
  const arrived = stored !== undefined || parked.has(uid) || isExcluded;
  if (!arrived && fate !== undefined && fate !== 'in_flight') {
    trace.violation('conservation', `${describe(seen)} counts as ${fate} and is nowhere`);
  }
  if (isExcluded && !config.excludeTypes.includes(seen.type) && seen.effectiveAt >= (states[seen.stream]?.floor ?? 0)) {
    trace.violation('conservation', `${describe(seen)} is excluded though nothing says so`);
  }
  if (isOwed(sight, seen) && !arrived && seen.visibleAtMs < scheduler.nowMs - lagMs) {
    trace.violation('conservation', `${describe(seen)} is lost`);
  }
}

function judgeRequests({ trace }: World, { requestsMs }: SimulatedApi): void {
  let from = 0;
  for (const [at, atMs] of requestsMs.entries()) {
    while ((requestsMs[from] ?? atMs) < atMs - 3_600_000) from += 1;
    if (at - from > MOST_REQUESTS_AN_HOUR) trace.violation('limit', `${at - from} requests within an hour`);
  }
}

/** Whether the collector owes this event: it was listed long enough, is not too old, and not too late. */
function isOwed(sight: Sight, seen: Seen): boolean {
  const { config, api, states } = sight;
  const startAts = config.streams.flatMap(stream => {
    const state = states[stream];
    return state !== undefined && state.startText !== '' && api.lists(stream, seen) ? [state.startAt] : [];
  });
  // Nobody reads it, or all who do begin above it.
  if (seen.effectiveAt < Math.min(...startAts) || seen.withdrawnAtMs !== undefined) return false;
  // A clock that was put back has not come to it again: it is in a gap that is read once its time has settled.
  const isSettled = seen.effectiveAt < api.nowS - longestSettleS(sight.world) - SLACK_S;
  if (!isSettled && !isAmongNewest(sight, seen)) return false;
  return mustBeFound(sight, seen);
}

/** Whether the stream in which it is listed is read. */
function isRead({ config, api }: Sight, seen: Seen): boolean {
  return config.streams.some(stream => api.lists(stream, seen));
}

/**
 * Which late events must be found: those of a second that was not read since it was settled, and those young enough for
 * a re-verification that came around since.
 */
function mustBeFound(sight: Sight, seen: Seen): boolean {
  const { world, states } = sight;
  const { effectiveAt, readBeforeS, stream, timeless } = seen;
  // What was called old is read again where it was met: nobody knows where that is without a time.
  const isPlaced = !(timeless && world.backend.refusesOld);
  if (isPlaced && isOnTime(world, seen)) return true;
  if (effectiveAt < (states[stream]?.floor ?? 0)) return false;
  if (!isPlaced) return isReverified(sight, seen);
  if (readBeforeS === undefined || readBeforeS < effectiveAt + shortestSettleS(world) - MARGIN_S) return true;
  return isReverified(sight, seen);
}

/** Whether a re-verification of its time came around since it was listed. */
function isReverified({ world, config }: Sight, { effectiveAt, apiHighS, visibleAtMs }: Seen): boolean {
  const sinceS = (world.scheduler.nowMs - visibleAtMs) / 1000;
  return config.reverify.some(
    ({ lastS, everyS }) =>
      apiHighS - effectiveAt < lastS * 0.75 && (everyS <= OFTEN_S || sinceS > 2.2 * everyS + 4 * OFTEN_S),
  );
}

function isOnTime(world: World, { apiHighS, effectiveAt }: Seen): boolean {
  return apiHighS - effectiveAt <= shortestSettleS(world) - MARGIN_S;
}

function shortestSettleS({ configs }: World): number {
  return Math.min(...configs.map(({ settleS }) => settleS));
}

function longestSettleS({ configs }: World): number {
  return Math.max(...configs.map(({ settleS }) => settleS));
}

/** Or need not have one yet. */
function hasFate(sight: Sight, seen: Seen): boolean {
  return isNew(sight, seen) || isEnded(sight, seen);
}

function isEnded({ world }: Sight, seen: Seen): boolean {
  const fate = world.disk.fateOf(seen);
  return fate !== undefined && fate !== 'in_flight';
}

function isNew({ world, lagMs }: Sight, seen: Seen): boolean {
  return isOnTime(world, seen) && seen.visibleAtMs > world.scheduler.nowMs - lagMs;
}

function lookAll(world: World): Promise<Sight[]> {
  return Promise.all(world.apis.map(api => look(world, api)));
}

async function look(world: World, api: SimulatedApi): Promise<Sight> {
  const config = world.configs.at(-1) ?? world.history.config;
  const state = (stream: (typeof STREAMS)[number]) => world.storage.feed({ organization: api.name, stream });
  const states = { organization: await state('organization'), tenant: await state('tenant') };
  return { world, api, config, states, lagMs: await mostLagMs(world, api, config) };
}

async function mostLagMs({ history, storage }: World, { name }: SimulatedApi, config: Configuration): Promise<number> {
  const { api, diskMs } = history;
  // Where the newest event is not on the first page, it may be a gap's.
  const gapS = api.order === 'descending' ? 0 : config.settleS + LIVE_END_S + SAVE_S;
  const paceS = learnedPaceS(await storage.note(`limits/${name}`), config.streams.length);
  return (
    (Math.max(config.pollS, 60, Math.min(paceS, MOST_PACE_S), gapS) + 2) * 1000 + 2 * api.latencyMs + 100 + 4 * diskMs
  );
}

/** What half of the learned limit gives each stream. */
function learnedPaceS(note: string | undefined, streams: number): number {
  const { sure }: { sure?: number } = JSON.parse(note ?? '{}').routes?.['/organization/audit_logs'] ?? {};
  return sure === undefined ? 0 : (2 * 60 * streams) / sure;
}

function describe({ uid, type, stream, effectiveAt, visibleAtMs }: Seen): string {
  return `${uid} (${type}) of ${stream}, second ${effectiveAt}, visible at ${visibleAtMs / 1000}`;
}
