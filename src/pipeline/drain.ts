import { CollectorError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { BackfillProgress } from './backfill-progress.ts';
import { Condition, handled } from './condition.ts';
import { GapFiller } from './gap.ts';
import { FOREIGN, identify, learnTime } from './identity.ts';
import type { Source } from './source.ts';
import { pollTail } from './tail.ts';
import { together } from './together.ts';
import { undated } from './undated.ts';

/** What became of a stream that was read once. */
export interface Drained {
  readonly source: Source;
  readonly outcome: 'covered' | 'empty' | 'not_available';
}

/**
 * Reads each stream once: everything listed by now is delivered, and covered as far as it is settled. Throws
 * CollectorError of kind `misconfigured` when a person must act first.
 */
export async function drainOrganization(
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
): Promise<readonly Drained[]> {
  return together(
    sources.map(source => stop => drainSource(source, sources, storage, stop)),
    signal,
  );
}

async function drainSource(
  source: Source,
  sources: readonly Source[],
  storage: Storage,
  signal: AbortSignal,
): Promise<Drained> {
  const { feed, time, pipeline } = source;
  const condition = new Condition(source);
  // Nothing comes after this poll: it reads on to the end, however long the budget makes it wait.
  const unhurried = { ...source, hasSpare: () => true };
  const identity = await insist(source, condition, signal, async () => {
    await learnTime(source, signal);
    return identify(source, sources, storage, signal);
  });
  if (identity === 'another') throw new CollectorError('misconfigured', FOREIGN);
  try {
    await insist(source, condition, signal, () => pollTail(unhurried, Number.POSITIVE_INFINITY, signal));
  } catch (error) {
    const never = feed.key.stream === 'tenant' && !feed.state.listed;
    if (!never || !(error instanceof CollectorError) || error.status === 401) throw error;
    source.log.warn('this stream is not available', { code: 'stream-unavailable', reason: error.message });
    return { source, outcome: 'not_available' };
  }
  if (!feed.state.listed) return { source, outcome: 'empty' };
  const nowS = time.estimateS();
  if (nowS === undefined) throw undated('misconfigured');
  const end = feed.settledBefore(nowS);
  const progress = new BackfillProgress(source);
  const filler = new GapFiller(source, progress);
  const step = () => insist(source, condition, signal, () => filler.step(end, signal));
  for (let filled = await step(); filled !== undefined; filled = await step()) progress.filled(filled);
  progress.ended();
  await pipeline.save(feed);
  return { source, outcome: 'covered' };
}

async function insist<T>(source: Source, condition: Condition, signal: AbortSignal, step: () => Promise<T>) {
  for (;;) {
    try {
      const result = await step();
      condition.succeeded();
      return result;
    } catch (error) {
      const failure = handled(error, signal);
      if (failure.kind === 'misconfigured' || failure.kind === 'rejected') throw failure;
      condition.failed(failure);
      await source.clock.sleep(condition.waitMs(source), signal);
    }
  }
}
