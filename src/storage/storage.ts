import type { Covered, Interval } from '../coverage/intervals.ts';
import type { InventoryStorage } from './inventory-storage.ts';

/** One stream of one organization. `organization` is the name in the configuration. */
export interface FeedKey {
  readonly organization: string;
  readonly stream: 'organization' | 'tenant';
}

/** A way's last exported event time in Unix seconds; `n` rises when an export would step back. */
export interface WayPosition {
  readonly n: number;
  readonly at: number;
}

/** All that a feed must remember across restarts. Replaced as a whole by a commit. */
export interface FeedState {
  /** `start_from` as the person wrote it: only another text moves the start. */
  readonly startText: string;
  /** The instant that text meant when it was first seen, Unix seconds. */
  readonly startAt: number;
  /** Whether this stream ever listed an event. */
  readonly listed: boolean;
  /** Ids of covered seconds before this one (Unix seconds) were forgotten; 0 when none were. */
  readonly floor: number;
  /** Ascending, disjoint. */
  readonly coverage: readonly Covered[];
  /** By kind of way: `gap`, `late`, `replay`. */
  readonly ways: Readonly<Record<string, WayPosition>>;
  /** What was last said of the feed, such as `live`. */
  readonly condition?: string;
}

/** How an event's walk ended. */
export type Fate = 'acknowledged' | 'parked' | 'excluded';

/** An event on its way: written before the first attempt, deleted in the transaction that writes its fate. */
export interface InFlight {
  /** Key of the ledger. */
  readonly uid: string;
  readonly feed: FeedKey;
  readonly type: string;
  /** Unix seconds. */
  readonly effectiveAt: number;
  /** `live`, `gap/3`, `late/1`, `replay/2`. */
  readonly way: string;
  /** How it was found; it stays when the event is sent again on another way. */
  readonly delivery: 'live' | 'backfill' | 'late';
  readonly observedAtMs: number;
  /** What else the record is made of, as JSON: the raw event's text stands in `event`. */
  readonly event: string;
  /** The time is a neighbour's: the event had none. */
  readonly timeIsNeighbours: boolean;
  /** What was known about it when it was first observed, as JSON; absent when nothing was. */
  readonly context?: string;
}

/** An event that a stream lists and the configuration excludes: no record, but a fate. */
export interface Excluded extends Pick<InFlight, 'uid' | 'feed' | 'type' | 'effectiveAt'> {
  /** Found inside a covered interval. */
  readonly late?: boolean;
}

/**
 * What a claim found:
 * - `claimed`: it was unknown; its in-flight row is written and its caller must bring it to a fate;
 * - `in_flight`: somebody else's claim stands; wait for its fate;
 * - a fate: nothing to do;
 * - `other_type`: the ledger or a claim holds this uid with another type: it is another event.
 */
export type ClaimResult = 'claimed' | 'in_flight' | 'other_type' | Fate;

/** An event, or a statement, with its fate. */
export interface Settled {
  readonly uid: string;
  readonly fate: 'acknowledged' | 'parked';
  /** Required with `parked`. */
  readonly parked?: {
    readonly reason: string;
    readonly message: string;
    readonly certain: boolean;
    /** Unix milliseconds. */
    readonly atMs: number;
  };
}

/** Why something is parked. */
interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly certain: boolean;
  readonly parkedAtMs: number;
}

/** Plain facts by name. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What the collector says of itself. A backend gets it as a record, like an event. */
export interface Statement {
  /** Made of what it states: the same again is the same statement. */
  readonly uid: string;
  readonly organization: string;
  readonly name: 'coverage' | 'parked' | 'feed' | 'late';
  /** When it became true, Unix milliseconds. */
  readonly atMs: number;
  readonly facts: Facts;
}

/** A statement that the backend does not have yet. */
export interface WaitingStatement extends Statement {
  /** `collector/1`, or `collector/1/replay/1767225600`. */
  readonly way: string;
}

export interface ParkedStatement extends WaitingStatement, Refusal {}

/** One transaction, durable when the promise resolves: fates, and what they let a feed call covered. */
export interface Commit {
  readonly feed: FeedKey;
  /** Unix milliseconds: the time of what this makes true. */
  readonly atMs: number;
  readonly settled?: readonly Settled[];
  /** Uids whose claim is given up: they are unknown again, and may be claimed anew. Those not in flight are passed over. */
  readonly released?: readonly string[];
  readonly excluded?: readonly Excluded[];
  /** Uids that the feed no longer lists, until it does again. Unknown ones are passed over. */
  readonly withdrawn?: readonly string[];
  /** The feed's new state; absent when unchanged. */
  readonly state?: FeedState;
  /** One whose uid waits already is not added again. */
  readonly statements?: readonly Statement[];
}

export interface Parked extends InFlight, Refusal {}

/** How many records were refused for the same reason. */
export interface ParkedReason {
  readonly kind: 'event' | 'statement' | 'inventory';
  readonly reason: string;
  readonly records: number;
  /** What the backend said to the one that was parked last. */
  readonly message: string;
}

/** What was last said of a span of a feed's coverage. */
export interface Stated extends Interval {
  /** Counts up for each hour. */
  readonly revision: number;
  readonly acknowledged: number;
  readonly parked: number;
  readonly excluded: number;
  /** Of these, how many were found when the span was covered already, and how many are no longer listed. */
  readonly late: number;
  readonly withdrawn: number;
  /** SHA-256, in hexadecimal, of the uids that are not excluded: sorted by bytes, one a line. */
  readonly digest: string;
}

export interface Counts {
  readonly acknowledged: number;
  readonly parked: number;
  readonly excluded: number;
  readonly inFlight: number;
}

/** An event that a feed listed and that has its fate. */
export interface Listed {
  readonly uid: string;
  readonly type: string;
  /** Unix seconds. */
  readonly effectiveAt: number;
  readonly fate: Fate;
  /** Present when the feed no longer lists it. */
  readonly withdrawn?: true;
}

/** What another process asks the one that holds the storage to do. */
export interface Request {
  readonly id: number;
  readonly organization: string;
  readonly kind: string;
  /** As the asker wrote it. */
  readonly ask: string;
}

/**
 * The collector's memory. One process writes it. Every method may fail; a failed write may have happened all the same,
 * so its caller reads the state again before it goes on. Repeating a `commit` is harmless.
 *
 * A method rejects with a `retryable` CollectorError when the same call may succeed later (full disk, I/O error), with an
 * ExitError when the state cannot be trusted any more, and with a plain Error for a programmer's mistake.
 */
export interface Storage extends InventoryStorage {
  /** Names of all organizations that have state here. */
  organizations(): Promise<readonly string[]>;

  feed(key: FeedKey): Promise<FeedState | undefined>;

  /**
   * In one transaction: looks every uid up and writes an in-flight row for each unknown one. Results in the order of `rows`.
   * A known event (unless `other_type`) is remembered as listed by the row's feed as well: `ids`, `counts` and `newest` of
   * that feed have it from then on.
   */
  claim(rows: readonly InFlight[]): Promise<readonly ClaimResult[]>;

  /** What is on its way, in the order it was claimed. */
  inFlight(organization: string): Promise<readonly InFlight[]>;

  /** Fate of each uid, `in_flight`, or absent when unknown. */
  fates(organization: string, uids: readonly string[]): Promise<ReadonlyMap<string, Fate | 'in_flight'>>;

  /** Those of which a commit that excludes them would write something. */
  excludedAnew(events: readonly Excluded[]): Promise<readonly Excluded[]>;

  /**
   * In one transaction: settles what is in flight, gives excluded events their fate, replaces the feed's state. To settle
   * again what has the same fate already changes nothing; to settle anything else that is not in flight rejects. An excluded
   * event that is known already keeps its fate; one known with another type is kept as `uid#type`.
   *
   * Where this completes an hour of coverage, or changes what was said of one, it also makes a statement of it, for each
   * feed that is concerned; so does a `claim` that changes what a covered hour holds.
   */
  commit(commit: Commit): Promise<void>;

  /** Oldest event first. */
  parked(organization: string): Promise<readonly Parked[]>;

  /** What is parked, of whatever kind, counted by reason. */
  parkedReasons(organization: string): Promise<readonly ParkedReason[]>;

  /**
   * Moves parked events back in flight on a way, in one transaction; their fate is gone until they are settled again.
   * Resolves to those that were parked, oldest event first; other uids are passed over.
   */
  replay(organization: string, uids: readonly string[], way: string): Promise<readonly InFlight[]>;

  /** The newest ids that a feed listed and that have a fate, newest first: with these a key proves its organization. */
  newest(key: FeedKey, limit: number): Promise<readonly Listed[]>;

  /** Fates of the events that this feed listed in a span, and what of it is in flight. */
  counts(key: FeedKey, span: Interval): Promise<Counts>;

  /**
   * The events with a fate that this feed listed in a span, in ascending time. Read page by page, so memory stays bounded
   * and other calls may come between; an event settled meanwhile may or may not appear.
   */
  ids(key: FeedKey, span: Interval): AsyncIterable<Listed>;

  /**
   * Forgets a bounded number of acknowledged and excluded events that are older than `before` (Unix seconds), oldest first,
   * and resolves to how many: call again until 0. What is in flight or parked stays, and the seconds of which another
   * stream than `streams` listed something: it may be read again.
   */
  prune(organization: string, before: number, streams: readonly FeedKey['stream'][]): Promise<number>;

  /**
   * Forgets the excluded events of these types. In the same transaction takes the hours they were in out of the coverage of
   * all feeds of the organization, so that a crash cannot forget to read them again: as far as no feed has forgotten ids
   * there. Resolves to those hours, ascending, merged.
   */
  readmit(organization: string, types: readonly string[]): Promise<readonly Interval[]>;

  /** What was last said of a feed's coverage, ascending; where nothing was said, it is not covered by whole hours. */
  stated(key: FeedKey, span: Interval): Promise<readonly Stated[]>;

  /** What was committed as a statement after `afterMs` (Unix milliseconds) and waits for the backend, oldest first. */
  statements(organization: string, limit: number, afterMs: number): Promise<readonly WaitingStatement[]>;

  /** In one transaction: forgets statements that were acknowledged, parks the others. What does not wait is passed over. */
  settleStatements(organization: string, settled: readonly Settled[]): Promise<void>;

  /** Oldest first. */
  parkedStatements(organization: string): Promise<readonly ParkedStatement[]>;

  /** Lets parked statements wait again, on a way; resolves to how many they were. */
  replayStatements(organization: string, uids: readonly string[], way: string): Promise<number>;

  /** What was asked and not answered, oldest first; what is listed once counts as taken. */
  requests(organization: string): Promise<readonly Request[]>;

  /** Answers a request; one that was withdrawn is passed over. Answers that nobody fetched go after a day. */
  answer(id: number, answer: string, atMs: number): Promise<void>;

  /** A small text that outlives a restart, such as what a limiter learned. */
  note(key: string): Promise<string | undefined>;
  setNote(key: string, text: string): Promise<void>;

  close(): Promise<void>;
}
