import { DatabaseSync } from 'node:sqlite';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { ReceivedRecord } from '../support/otlp-records.ts';
import { ORGANIZATION, openStage, type Stage, type StageOptions } from '../support/stage.ts';

/** Small batches, so that a few events make many exports and many commits. */
const BATCH = 10;
/** One for live events, one for everything else: so many attempts can be under way when a process dies. */
const LANES = 2;
const DAY_S = 86_400;

export const STREAMS = ['organization', 'tenant'] as const;

/** An API with some history, and a backend that takes everything. */
export async function openScene(
  options: Partial<StageOptions> & { readonly older?: number; readonly newer?: number; readonly timeout?: string } = {},
): Promise<Stage> {
  // Long enough that a slow machine alone leaves no outcome unknown.
  const { older = 45, newer = 15, timeout = '30s', ...more } = options;
  const exporter = { timeout, batch: { max_records: BATCH } };
  const stage = await openStage({ content: { kind: 'events', events: [] }, exporter, ...more });
  happened(stage, older, 5 * DAY_S, DAY_S);
  happened(stage, newer, 900, 10);
  return stage;
}

/** So many events in both streams, at times that lie between so many seconds before now by the API's clock. */
export function happened({ emulator: { organization } }: Stage, count: number, fromAgoS: number, toAgoS: number): void {
  const nowS = Math.floor(organization.clock.nowMs() / 1000);
  organization.storm({ count, tenantShare: 0.3, fromS: nowS - fromAgoS, toS: nowS - toAgoS });
}

/** Runs the program undisturbed until everything is delivered and covered. Returns what is wrong with its end. */
export async function finish(stage: Stage): Promise<readonly string[]> {
  const program = await stage.run(['--once']);
  const { code, signal } = await program.exited;
  return code === 0 ? [] : [`the last run ended with ${signal ?? code}: ${lastLines(program.stderr())}`];
}

export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ');
}

/**
 * What is wrong at the end, by id: nothing listed may be missing or unsettled, nothing repeated beyond the attempts whose
 * outcome `ends` sudden ends left unknown, no repetition may differ, and the state must be sound and true.
 */
export async function judge(stage: Stage, ends: number): Promise<readonly string[]> {
  const records = stage.backend.requests.flatMap(request => request.records).filter(({ uid }) => uid !== '');
  const storage = await openStorage(stage.state);
  try {
    return [
      ...judgeDelivery(stage, records, ends),
      ...(await judgeState(stage, records, storage)),
      ...sound(stage.state),
    ];
  } finally {
    await storage.close();
  }
}

function judgeDelivery(stage: Stage, records: readonly ReceivedRecord[], ends: number): readonly string[] {
  const events = records.filter(isEvent).map(({ uid }) => uid);
  const received = new Set(events);
  const listed = new Set(stage.listed());
  const lost = [...listed].filter(uid => !received.has(uid));
  const doubled = events.length - received.size;
  const most = ends * LANES * BATCH;
  return [
    ...(lost.length > 0 ? [`${lost.length} lost, the first ${lost[0]}`] : []),
    ...(doubled > most ? [`${doubled} doubled, at most ${most} may be`] : []),
    ...[...received].filter(uid => !listed.has(uid)).map(uid => `${uid} never was`),
    ...differing(records).map(uid => `${uid} was repeated with another content`),
  ];
}

export function isEvent({ eventName }: ReceivedRecord): boolean {
  return eventName.startsWith('openai.audit.');
}

/** Uids of records that came more than once and not as the same bytes. Probes are no records. */
function differing(records: readonly ReceivedRecord[]): readonly string[] {
  const seen = new Map<string, string>();
  return records.flatMap(record => {
    const text = JSON.stringify(record);
    const first = seen.get(record.uid) ?? text;
    seen.set(record.uid, first);
    return first === text || record.eventName === 'openai.collector.probe' ? [] : [record.uid];
  });
}

/** The state says of every listed event that it is acknowledged, and covers nothing that did not arrive. */
async function judgeState(
  stage: Stage,
  records: readonly ReceivedRecord[],
  storage: Storage,
): Promise<readonly string[]> {
  const inFlight = await storage.inFlight(ORGANIZATION);
  const fates = await storage.fates(ORGANIZATION, stage.listed());
  const unsettled = stage.listed().filter(uid => fates.get(uid) !== 'acknowledged');
  return [
    ...(inFlight.length > 0 ? [`${inFlight.length} still in flight`] : []),
    ...(unsettled.length > 0 ? [`the state does not know ${unsettled.length} as acknowledged`] : []),
    ...(await falselyCovered(stage, new Set(records.map(({ uid }) => uid)), storage)),
  ];
}

/** Events that a stream lists in a second that it calls covered, and that are not among `arrived`. */
async function falselyCovered(
  { emulator }: Stage,
  arrived: ReadonlySet<string>,
  storage: Storage,
): Promise<readonly string[]> {
  const found = STREAMS.map(async stream => {
    const coverage = (await storage.feed({ organization: ORGANIZATION, stream }))?.coverage ?? [];
    return [...emulator.organization.listed(stream)]
      .filter(({ effectiveAt: at }) => coverage.some(({ from, to }) => from <= at && at < to))
      .filter(({ id }) => !arrived.has(id))
      .map(({ id }) => `${id} is covered in ${stream} and never arrived`);
  });
  return (await Promise.all(found)).flat();
}

function sound(path: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const verdict = db.prepare('PRAGMA integrity_check').get()?.integrity_check;
    return verdict === 'ok' ? [] : [`the state is damaged: ${verdict}`];
  } finally {
    db.close();
  }
}
