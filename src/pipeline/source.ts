import type { ApiTime } from '../api/api-time.ts';
import type { Clock, Random } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Progress } from '../progress/progress.ts';
import type { Receiver } from '../receiver/receiver.ts';
import type { Feed } from './feed.ts';
import type { Pipeline } from './pipeline.ts';

/** One stream at work: where its events come from, and where they go. */
export interface Source {
  readonly feed: Feed;
  /** By who asks, since the API's budget is spent in that order. */
  readonly receivers: { readonly live: Receiver; readonly gap: Receiver; readonly reverify: Receiver };
  readonly pipeline: Pipeline;
  /** Whether the API's budget lets the tail read further pages, beside what else is to be read. */
  readonly hasSpare: () => boolean;
  /** Time between two polls of each stream that the API's learned limit leaves to live; undefined when none is known. */
  readonly livePaceMs: () => number | undefined;
  /** The least time that so many requests take by the learned limit. */
  readonly leastMs: (requests: number) => number;
  readonly progress: Progress;
  readonly time: ApiTime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Troubles of the organization that were said, so that one key refused is one message and not one a stream. */
  readonly said: Set<string>;
}
