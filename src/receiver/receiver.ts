import type { ListedEvent } from '../api/audit-log.ts';

/** What a walk asks for: event times in Unix seconds, both inclusive; open where absent. */
export interface Asked {
  readonly gte?: number;
  readonly lte?: number;
}

/** One page of a walk, and what the walk has proved so far. */
export interface WalkPage {
  /** Events that this walk had not met before, as listed. */
  readonly events: readonly ListedEvent[];
  /** The lowest event time that the walk has read. */
  readonly oldest: number | undefined;
  /** Every event so far was as old as the one before it, or older. */
  readonly descending: boolean;
  /** The API said that nothing follows: the walk has read all that was asked. */
  readonly ended: boolean;
}

/**
 * Walks a span of event time, newest first, page by page. Throws CollectorError where the answers cannot be trusted or
 * had; what it yielded before stays proved. May be thrown away at any page.
 */
export interface Receiver {
  walk(asked: Asked, signal: AbortSignal): AsyncIterable<WalkPage>;
  /** Whether the API was seen to list both ends of what is asked for. */
  boundsHold(): boolean;
}
