import { createHash } from 'node:crypto';
import { gaps } from '../../src/coverage/intervals.ts';
import type { LogRecord } from '../../src/record.ts';
import type { Seen, SimulatedApi } from './simulated-api.ts';
import type { World } from './simulation.ts';

type Stream = Seen['stream'];

/** What the collector said of a span of its coverage. */
interface Said {
  readonly stream: Stream;
  readonly from: number;
  readonly to: number;
  readonly revision: number;
  readonly verifiedAt: number;
  readonly acknowledged: number;
  readonly parked: number;
  readonly excluded: number;
  readonly late: number;
  readonly withdrawn: number;
  readonly digest: string;
}

/** An event that became visible so long ago was met by every stream that lists it. */
const MET_MS = 3_600_000;
/** Of so many events nobody but the collector can know whether its stream listed them: all combinations are tried. */
const MOST_UNSURE = 6;
const DRIFT_S = 35;
/** Neighbours that were verified within so long of each other, at most, count under the earlier time. */
const JOINED_S = 3600;

/** What was said last of each span, against what the API listed and the backend holds: promise 4. */
export async function judgeStatements(world: World, api: SimulatedApi): Promise<void> {
  const all = await saidOf(world, api);
  const parked = new Map((await world.storage.parked(api.name)).map(({ uid, effectiveAt }) => [uid, effectiveAt]));
  for (const said of all) {
    const isReplaced = all.some(
      other =>
        other.stream === said.stream && other.revision > said.revision && other.from < said.to && other.to > said.from,
    );
    const state = await world.storage.feed({ organization: api.name, stream: said.stream });
    // What is open again may be given up by now: it is said anew when it is read.
    const isCovered = gaps(state?.coverage ?? [], said).length === 0;
    if (isCovered && !isReplaced) judge(world, api, said, parked, Math.max(state?.floor ?? 0, state?.startAt ?? 0));
  }
}

/** Uids, and the seconds under which they are parked: those of an event without time are a neighbour's. */
type Parked = ReadonlyMap<string, number>;

function judge(world: World, api: SimulatedApi, said: Said, parked: Parked, readFrom: number): void {
  const { sure, unsure, excluded, late, withdrawn } = truth(world, api, said, parked, readFrom);
  const where = `${said.stream} ${said.from} to ${said.to}, revision ${said.revision}`;
  if (said.verifiedAt > api.highS + DRIFT_S) world.trace.violation('statements', `${where}: verified in the future`);
  if (said.verifiedAt < said.from - JOINED_S)
    world.trace.violation('statements', `${where}: verified before it began, at ${said.verifiedAt}`);
  if (unsure.length > MOST_UNSURE) return;
  const digests = subsets(unsure).map(some => digestOf([...sure, ...some]));
  if (!digests.includes(said.digest)) world.trace.violation('statements', `${where}: the digest is of other ids`);
  const held = said.acknowledged + said.parked;
  if (held < sure.length || held > sure.length + unsure.length) {
    world.trace.violation('statements', `${where}: ${held} delivered or parked, and it is ${sure.length}`);
  }
  if (said.late < late.least || said.late > late.most)
    world.trace.violation('statements', `${where}: ${said.late} late, and it is ${late.least} to ${late.most}`);
  // What has no time of its own is missed where its neighbour stood.
  const isPlaced = world.history.api.timeless === 0;
  if (isPlaced && (said.withdrawn < withdrawn.least || said.withdrawn > withdrawn.most)) {
    const text = `${said.withdrawn} withdrawn, and it is ${withdrawn.least} to ${withdrawn.most}`;
    world.trace.violation('statements', `${where}: ${text}`);
  }
  // Under which second an excluded event without time is counted, only its neighbours know.
  if (unsure.length === 0 && world.history.api.timeless === 0 && said.excluded !== excluded) {
    world.trace.violation('statements', `${where}: ${said.excluded} excluded, and it is ${excluded}`);
  }
}

/** Which ids the stream listed in the span and brought to a fate. */
function truth(
  { disk, backend, scheduler, configs, history }: World,
  api: SimulatedApi,
  { stream, from, to }: Said,
  parked: Parked,
  readFrom: number,
) {
  const sure: string[] = [];
  const unsure: string[] = [];
  // Two without an id may be equal in every byte: they are one event to everybody.
  const met = new Set<string>();
  let excluded = 0;
  const late = { least: 0, most: 0 };
  const withdrawn = { least: 0, most: 0 };
  // A stream that is no longer read learns of nothing that goes.
  const isRead = (configs.at(-1) ?? history.config).streams.includes(stream);
  for (const seen of api.seen) {
    const uid = disk.uidOf(seen);
    const second = parked.get(uid) ?? backend.stored.get(uid)?.record.timestamp ?? seen.effectiveAt;
    const isHere = from <= second && second < to && api.lists(stream, seen);
    const fate = disk.fateOf(seen);
    if (!isHere || fate === undefined || met.has(uid)) continue;
    met.add(uid);
    const isOwn = seen.stream === stream && !api.lists('organization', { ...seen, stream: 'tenant' });
    const isMet = seen.withdrawnAtMs === undefined && seen.visibleAtMs < scheduler.nowMs - MET_MS;
    const isKnown = isOwn || (isMet && seen.apiHighS - seen.effectiveAt <= 60);
    const isGone = seen.withdrawnAtMs !== undefined;
    const isSure = isKnown && fate !== 'in_flight' && !seen.timeless;
    // By its claim one stream called it late or not; whatever else lists it says for itself.
    late.least += Number(isSure && isOwn && fate !== 'excluded' && disk.cameLate.has(uid));
    late.most += Number(!isOwn || fate === 'excluded' || disk.cameLate.has(uid));
    // What is known to be gone was asked for since then: by the last verification at the latest.
    withdrawn.least += Number(isRead && isSure && isOwn && isGone && seen.effectiveAt >= readFrom);
    withdrawn.most += Number(isGone);
    if (fate === 'excluded') excluded += 1;
    else if (isSure) sure.push(uid);
    else unsure.push(uid);
  }
  return { sure, unsure, excluded, late, withdrawn };
}

/** Whatever the backend has, will have soon, or refuses. */
async function saidOf({ backend, storage }: World, { name }: SimulatedApi): Promise<readonly Said[]> {
  const stored = [...backend.stored.values()]
    .filter(({ record }) => record.eventName === 'openai.collector.coverage')
    .filter(({ record }) => record.resource['organization.name'] === name)
    .map(({ record }) => fromRecord(record.attributes));
  const kept = [
    ...(await storage.statements(name, 10_000, Number.MIN_SAFE_INTEGER)),
    ...(await storage.parkedStatements(name)),
  ];
  const waiting = kept
    .filter(statement => statement.name === 'coverage')
    .map(({ facts }) => fromFacts(name => facts[name]));
  return [...stored, ...waiting];
}

function fromRecord(attributes: LogRecord['attributes']): Said {
  return fromFacts(name =>
    name === 'stream' ? attributes['openai.collector.stream'] : attributes[`openai.collector.coverage.${name}`],
  );
}

function fromFacts(fact: (name: string) => unknown): Said {
  const second = (name: string) => Date.parse(String(fact(name))) / 1000;
  return {
    stream: fact('stream') === 'tenant' ? 'tenant' : 'organization',
    from: second('from'),
    to: second('to'),
    revision: Number(fact('revision')),
    verifiedAt: second('verified_at'),
    acknowledged: Number(fact('acknowledged')),
    parked: Number(fact('parked')),
    excluded: Number(fact('excluded')),
    late: Number(fact('late')),
    withdrawn: Number(fact('withdrawn')),
    digest: String(fact('digest')),
  };
}

/** As `LC_ALL=C sort -u | sha256sum` says it. */
function digestOf(uids: readonly string[]): string {
  const lines = [...new Set(uids)].map(uid => Buffer.from(`${uid}\n`)).sort(Buffer.compare);
  return createHash('sha256').update(Buffer.concat(lines)).digest('hex');
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 2 ** items.length }, (_, chosen) =>
    items.filter((_, i) => Math.floor(chosen / 2 ** i) % 2),
  );
}
