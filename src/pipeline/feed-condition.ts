import { type Silence, silence } from '../coverage/silence.ts';
import type { CollectorError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Feed } from './feed.ts';
import type { Source } from './source.ts';
import type { FeedCondition } from './statement.ts';

/** A stream whose oldest gap ends less long ago than this is live: the rest of a storm, or a young gap, is its usual work. */
const BEHIND_S = 3_600;
/** A poll that comes so many times later than it should is late enough to be said. */
const STRETCHED = 1.5;
const LOOK_EVERY_MS = 15 * 60_000;
/** So many events show a stream's rhythm. */
const NEWEST = 100;
/** What passes by itself is said only when it failed so often. */
const LASTING_FAILURES = 3;

/** Says that a stream is in a condition, when it is another than before; durable when it resolves. */
export async function tell({ feed, pipeline, clock }: Source, condition: FeedCondition): Promise<void> {
  feed.becomes(condition, clock.nowMs());
  if (feed.unsaid.length > 0) await pipeline.save(feed);
}

/** The condition of a stream that can be read; `quiet` when nothing came for longer than its history explains. */
export function readable(source: Source, quiet?: Silence): FeedCondition {
  const { feed, time } = source;
  const nowS = time.estimateS();
  if (!feed.state.listed || nowS === undefined) return { state: 'empty' };
  const [gap] = feed.gaps(feed.settledBefore(nowS), Number.POSITIVE_INFINITY);
  const behindS = gap === undefined ? 0 : nowS - gap.from;
  if (behindS >= BEHIND_S) return { state: 'behind', behindS };
  const paceMs = source.livePaceMs() ?? 0;
  if (isTooSlow(feed, paceMs)) return { state: 'limited', reason: tooSlow(feed, paceMs) };
  if (quiet === undefined) return { state: 'live' };
  const [now, before] = [quiet.forS, quiet.longestS].map(seconds => `${Math.round(seconds / 3600)} h`);
  return { state: 'silent', reason: `no event for ${now}; between its newest events at most ${before} passed` };
}

/** Whether the API's limit stretches the polls. What was learned wavers, so that a stream leaves this state later. */
function isTooSlow({ state, config }: Feed, paceMs: number): boolean {
  return paceMs > config.pollIntervalMs * (state.condition === 'limited' ? 1 : STRETCHED);
}

function tooSlow({ config }: Feed, paceMs: number): string {
  const [paceS, wantedS] = [paceMs, config.pollIntervalMs].map(ms => Math.round(ms / 1000));
  return `the API allows a poll every ${paceS} s beside the rest, not every ${wantedS} s`;
}

/** Looks now and then whether a stream fell silent. */
export class SilenceWatch {
  readonly #source: Source;
  readonly #storage: Storage;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #quiet: Silence | undefined;

  constructor(source: Source, storage: Storage) {
    this.#source = source;
    this.#storage = storage;
  }

  /** After a poll that found so many events. */
  async look(found: number): Promise<Silence | undefined> {
    const { clock, time, feed } = this.#source;
    const nowS = time.estimateS();
    if (found > 0) this.#quiet = undefined;
    if (found > 0 || nowS === undefined || clock.monotonicMs() - this.#lookedMs < LOOK_EVERY_MS) return this.#quiet;
    this.#lookedMs = clock.monotonicMs();
    const newest = await this.#storage.newest(feed.key, NEWEST);
    this.#quiet = silence(
      newest.map(({ effectiveAt }) => effectiveAt),
      nowS,
    );
    return this.#quiet;
  }
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
