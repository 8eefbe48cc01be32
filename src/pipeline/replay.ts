import type { Progress } from '../progress/progress.ts';
import type { Storage } from '../storage/storage.ts';
import type { Answer } from './answer.ts';
import type { InventorySender } from './inventory-sender.ts';
import type { Source } from './source.ts';

/** Which parked records to send again. */
export type ReplayAsk =
  | { readonly by: 'all' }
  | { readonly by: 'uid'; readonly uids: readonly string[] }
  | { readonly by: 'reason'; readonly reason: string };

/** So many are in memory and in flight at once. */
const CHUNK = 1_000;

/** What is collected of one organization, and by what. */
export interface Collected {
  readonly organization: string;
  readonly sources: readonly Source[];
  readonly inventory: InventorySender;
  readonly storage: Storage;
  readonly progress: Progress;
}

/** Sends parked records of one organization again, and says what became of them. */
export async function replayParked(
  { organization, sources, inventory, storage, progress }: Collected,
  ask: ReplayAsk,
  signal: AbortSignal,
): Promise<Answer> {
  const parked = (await storage.parked(organization)).filter(each => isAsked(each, ask));
  const things = (await inventory.parked()).filter(each => isAsked(each, ask));
  const task = progress.begin({ kind: 'replay', organization, unit: 'records' });
  const refused: string[] = [];
  let still: ReadonlySet<number> = new Set();
  try {
    let done = 0;
    for (const { feed, pipeline } of sources) {
      const mine = parked.filter(each => each.feed.stream === feed.key.stream);
      for (let i = 0; i < mine.length; i += CHUNK) {
        task.reached({ done, total: parked.length + things.length });
        const chunk = mine.slice(i, i + CHUNK);
        refused.push(...(await pipeline.replay(feed, chunk, signal)));
        done += chunk.length;
      }
    }
    task.reached({ done, total: parked.length + things.length });
    if (things.length > 0) still = await inventory.replay(things, signal);
  } finally {
    task.end();
  }
  const own = await replayOwn(organization, sources, storage, ask, signal);
  const streams = sources.map(({ feed }) => feed.key.stream);
  const strange = parked.filter(({ feed }) => !streams.includes(feed.stream));
  const asked = parked.length + things.length + own.asked.length;
  if (asked === 0 && ask.by !== 'uid') return { ok: true, lines: [`${organization}: nothing is parked${asOf(ask)}`] };
  return answerOf(
    organization,
    asked,
    [
      ...refused,
      ...things.filter(({ seq }) => still.has(seq)).map(({ uid }) => uid),
      ...own.refused,
      ...strange.map(({ uid, feed }) => `${uid} (the ${feed.stream} stream is not configured)`),
    ],
    unknownOf(ask, [...parked, ...things, ...own.asked]),
  );
}

/** What the collector says of itself may be parked too. */
async function replayOwn(
  organization: string,
  [first]: readonly Source[],
  storage: Storage,
  ask: ReplayAsk,
  signal: AbortSignal,
) {
  const asked = (await storage.parkedStatements(organization)).filter(each => isAsked(each, ask));
  if (first === undefined || asked.length === 0) return { asked: [], refused: [] };
  const uids = asked.map(({ uid }) => uid);
  // They are older than what was said last: each of their ways goes on beside itself, where nothing was sent yet.
  for (const [way, mine] of Map.groupBy(asked, each => each.way.split('/replay/')[0])) {
    const aside = `${way}/replay/${Math.floor(first.clock.nowMs() / 1000)}`;
    await storage.replayStatements(
      organization,
      mine.map(({ uid }) => uid),
      aside,
    );
  }
  await first.pipeline.statements.flush(signal);
  const still = new Set((await storage.parkedStatements(organization)).map(({ uid }) => uid));
  return { asked, refused: uids.filter(uid => still.has(uid)) };
}

function isAsked({ uid, reason }: { readonly uid: string; readonly reason: string }, ask: ReplayAsk): boolean {
  switch (ask.by) {
    case 'all':
      return true;
    case 'uid':
      return ask.uids.includes(uid);
    case 'reason':
      return ask.reason === reason;
  }
}

function asOf(ask: ReplayAsk): string {
  return ask.by === 'reason' ? ` as ${JSON.stringify(ask.reason)}` : '';
}

function unknownOf(ask: ReplayAsk, found: readonly { readonly uid: string }[]): readonly string[] {
  if (ask.by !== 'uid') return [];
  const uids = new Set(found.map(({ uid }) => uid));
  return ask.uids.filter(uid => !uids.has(uid));
}

function answerOf(organization: string, asked: number, refused: readonly string[], unknown: readonly string[]): Answer {
  const lines = [`${organization}: ${asked - refused.length} of ${asked} parked records delivered`];
  if (refused.length > 0) lines.push(...refused.map(uid => `${organization}: still parked: ${uid}`));
  if (unknown.length > 0) lines.push(...unknown.map(uid => `${organization}: not parked: ${uid}`));
  return { ok: refused.length === 0 && unknown.length === 0, lines };
}
