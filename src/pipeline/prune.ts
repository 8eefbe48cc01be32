import { hourOf } from '../coverage/hours.ts';
import { gaps } from '../coverage/intervals.ts';
import type { Storage } from '../storage/storage.ts';
import { persist } from './persist.ts';
import type { Source } from './source.ts';

const INTERVAL_MS = 3_600_000;
/** Kept at least, whatever is re-verified. */
const LEAST_S = 7 * 86_400;

/**
 * Forgets ids that no reading can meet again: older than the longest re-verification and two of its passes, and in
 * covered seconds only. All streams of an organization together, since they share the ledger.
 */
export async function pruneLoop(
  organization: string,
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
): Promise<void> {
  const [first] = sources;
  if (first === undefined) return;
  const { clock, random, log } = first;
  // What a stream that is not read now had delivered is needed when it is read again.
  const streams = sources.map(({ feed }) => feed.key.stream);
  for (;;) {
    await clock.sleep(INTERVAL_MS, signal);
    // By whole hours: what was said of an hour cannot be said anew when some of it is forgotten.
    const before = hourOf(Math.min(...sources.map(forgettable)));
    if (!Number.isFinite(before)) continue;
    for (const { feed, pipeline } of sources) {
      feed.forgetBefore(before);
      // The floor is durable before the first id goes: below it, an unknown event is not a new one.
      await pipeline.save(feed);
    }
    let forgotten = 0;
    for (let some = -1; some !== 0; forgotten += some) {
      signal.throwIfAborted();
      some = await persist(() => storage.prune(organization, before, streams), { clock, random, log, signal });
    }
    if (forgotten > 0) log.debug('forgot ids that are too old to be met again', { ids: forgotten });
  }
}

/** The second below which a stream's ids may go; -Infinity while something below is open or unknown. */
function forgettable({ feed, time }: Source): number {
  const nowS = time.estimateS();
  if (nowS === undefined || !feed.started) return Number.NEGATIVE_INFINITY;
  const longestS = Math.max(
    LEAST_S,
    ...feed.config.reverify.map(({ lastMs, everyMs }) => (lastMs + 2 * everyMs) / 1000),
  );
  const before = Math.floor(nowS - longestS);
  if (!feed.state.listed) return before;
  const [open] = gaps(feed.state.coverage, { from: feed.state.startAt, to: before });
  return Math.min(before, open?.from ?? before);
}
