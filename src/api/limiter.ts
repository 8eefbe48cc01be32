/** Who asks, most urgent first. `live` is the first page of a tail's poll, `live_more` its further pages. */
export type Priority = 'live' | 'live_more' | 'gap' | 'inventory' | 'reverify';

export interface Ask {
  /** The path with placeholders: each has a limit of its own. */
  readonly route: string;
  readonly priority: Priority;
  /** Who shares a priority with others, such as the stream's name: they take turns. */
  readonly caller?: string;
}

/** Leave to send one request now. Hand it back with what the request came to, whatever that is. */
export interface Permit {
  readonly route: string;
  readonly priority: Priority;
  readonly caller: string;
  /** Monotonic milliseconds. */
  readonly grantedAtMs: number;
  /** Whether it was wanted before it could be had. */
  readonly waited: boolean;
}

export interface Answer {
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly retryAfterMs?: number;
}

interface LearnedLimit {
  readonly route: string;
  /** Undefined while no limit was met. */
  readonly requestsPerMinute: number | undefined;
  /** Wall-clock milliseconds until which the API asked to be left alone; undefined when it did not. */
  readonly waitingUntilMs: number | undefined;
}

/** Keeps one organization's requests within what the API allows, route by route. */
export interface Limiter {
  /** Resolves when a request may be sent; rejects with the signal's reason. */
  acquire(ask: Ask, signal: AbortSignal): Promise<Permit>;
  /** Tells what a request came to; `aborted` when we gave it up ourselves. */
  report(permit: Permit, answer: Answer | 'aborted'): void;
  /** Whether a tail's further page would be let through now: only while live leaves half of the bucket to the others. */
  hasSpare(route: string): boolean;
  /** Time between two polls of each of so many streams when all share half of the learned limit; undefined when none is known. */
  livePaceMs(route: string, callers: number): number | undefined;
  learned(): readonly LearnedLimit[];
  /** What was learned, as a text from which a limiter of the next start can begin. */
  snapshot(): string;
}
