import type { CollectorError } from '../errors.ts';
import type { Source } from './source.ts';
import type { FeedCondition } from './statement.ts';

/** A stream whose oldest gap ends less long ago than this is live: the rest of a storm, or a young gap, is its usual work. */
const BEHIND_S = 3_600;
/** What passes by itself is said only when it failed so often. */
const LASTING_FAILURES = 3;

/** Says that a stream is in a condition, when it is another than before; durable when it resolves. */
export async function tell({ feed, pipeline, clock }: Source, condition: FeedCondition): Promise<void> {
  feed.becomes(condition, clock.nowMs());
  if (feed.unsaid.length > 0) await pipeline.save(feed);
}

/** The condition of a stream that can be read. */
export function readable({ feed, time }: Source): FeedCondition {
  const nowS = time.estimateS();
  if (!feed.state.listed || nowS === undefined) return { state: 'empty' };
  const [gap] = feed.gaps(feed.settledBefore(nowS), Number.POSITIVE_INFINITY);
  const behindS = gap === undefined ? 0 : nowS - gap.from;
  return behindS < BEHIND_S ? { state: 'live' } : { state: 'behind', behindS };
}

/** The condition of a stream that failed `failures` times in a row; undefined while that may pass by itself. */
export function troubled({ feed }: Source, trouble: CollectorError, failures: number): FeedCondition | undefined {
  const reason = trouble.message;
  if (trouble.status === 404 && feed.key.stream === 'tenant' && !feed.state.listed) {
    return { state: 'not_available', reason };
  }
  if (trouble.kind === 'misconfigured') return { state: 'unauthorized', reason };
  if (failures < LASTING_FAILURES) return undefined;
  return { state: trouble.status === 429 ? 'limited' : 'failing', reason };
}
