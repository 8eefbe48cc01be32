import type { ListedEvent } from '../api/audit-log.ts';
import type { AuditLogsConfig } from '../config/config.ts';
import { cover, gaps, type Interval, isCovered, uncover } from '../coverage/intervals.ts';
import type { FeedKey, FeedState, Statement, WayPosition } from '../storage/storage.ts';
import { type FeedCondition, feedStatement } from './statement.ts';

/** A span that could not be read, or that the backend will not take, with the time of the next attempt. */
export interface Aside extends Interval {
  readonly reason: string;
  /** Monotonic milliseconds. */
  readonly retryAtMs: number;
}

/** How long a span waits that could not be read, or that the backend does not take. */
export const ASIDE_MS = 3_600_000;
/** Loki accepts an hour; the tail reaches back 45 minutes. */
const MOST_STEP_BACK_S = 55 * 60;

/** What one stream of one organization has come to: its coverage, its ways, and what is set aside. */
export class Feed {
  readonly key: FeedKey;
  readonly config: AuditLogsConfig;
  #state: FeedState;
  #committed: FeedState | undefined;
  #asides: readonly Aside[] = [];
  #unsaid: readonly Statement[] = [];
  #lateTimes: number[] = [];
  /** Well below the shortest period of re-verification, or what was verified would be due again at once. */
  readonly #toleranceS: number;
  /** What the tail's last walks have delivered without a hole, as far as it was listed then. */
  #live: Interval = { from: 0, to: 0 };
  #liveIsWhole = false;
  /** The uids that the tail's last walk met, when it left what lies below them to a gap. */
  #metAbove: ReadonlySet<string> = new Set();
  #liveAtMs: number | undefined;
  #condition: FeedCondition | undefined;

  constructor(key: FeedKey, config: AuditLogsConfig, stored: FeedState | undefined) {
    this.key = key;
    this.config = config;
    this.#toleranceS = Math.floor(Math.min(3600, ...config.reverify.map(({ everyMs }) => everyMs / 4000)));
    this.#state = stored ?? {
      startText: '',
      startAt: 0,
      listed: false,
      floor: 0,
      coverage: [],
      ways: {},
    };
    this.#committed = stored;
  }

  /** Whether `start_from`, as the configuration has it now, is an instant already. */
  get started(): boolean {
    return this.#state.startText === this.config.startFrom.text;
  }

  /** Makes `start_from` an instant, once: only another text in the configuration moves it. `nowS` is T. */
  start(nowS: number): void {
    if (this.started) return;
    const { startFrom } = this.config;
    const startAt = Math.floor(startFrom.kind === 'ago' ? nowS - startFrom.ms / 1000 : startFrom.atMs / 1000);
    this.#state = { ...this.#state, startText: startFrom.text, startAt };
  }

  get state(): FeedState {
    return this.#state;
  }

  get asides(): readonly Aside[] {
    return this.#asides;
  }

  /** The state when it differs from what storage holds. */
  get unsaved(): FeedState | undefined {
    return this.#state === this.#committed ? undefined : this.#state;
  }

  /** What changed of the feed's condition and is not in storage. */
  get unsaid(): readonly Statement[] {
    return this.#unsaid;
  }

  saved(state: FeedState | undefined, said: readonly Statement[]): void {
    if (state !== undefined) this.#committed = state;
    this.#unsaid = this.#unsaid.filter(statement => !said.includes(statement));
  }

  /** The feed is in this condition: said with the next commit, when it is another than before. */
  becomes(condition: FeedCondition, atMs: number): void {
    this.#condition = condition;
    const previous = this.#state.condition;
    if (previous === condition.state) return;
    this.#state = { ...this.#state, condition: condition.state };
    this.#unsaid = [...this.#unsaid, feedStatement(this.key, condition, previous, atMs)];
  }

  /** What this process said last; undefined before it said anything. */
  get condition(): FeedCondition | undefined {
    return this.#condition;
  }

  /** A poll of the tail that began at that monotonic time has delivered what it saw. */
  sawLive(startedMs: number): void {
    this.#liveAtMs = startedMs;
  }

  /** Monotonic milliseconds at the beginning of the last poll that succeeded. */
  get liveAtMs(): number | undefined {
    return this.#liveAtMs;
  }

  /** One event, however old, proves that this stream lists events. */
  sawEvents(): void {
    if (!this.#state.listed) this.#state = { ...this.#state, listed: true };
  }

  /** Ids below this second go from the ledger. */
  forgetBefore(second: number): void {
    if (second > this.#state.floor) this.#state = { ...this.#state, floor: second };
  }

  /** Whether an event of this time had its fate, but may be unknown by now. */
  isForgotten(second: number): boolean {
    return second < this.#state.floor && this.isCovered(second);
  }

  isCovered(second: number): boolean {
    return isCovered(this.#state.coverage, second);
  }

  /**
   * Whether the tail may stop here: its last walk delivered all that was listed around this second, or it is covered,
   * so that what lies below is known, or a gap's. A page of known events alone proves nothing about what lies below.
   */
  isWholeAt(second: number): boolean {
    const { from, to } = this.#live;
    return (from <= second && second < to) || this.isCovered(second);
  }

  /**
   * A walk of the tail has delivered all of this span; `whole` when nothing was left open between it and older ground.
   * `metAbove`: the uids that it met, when it left what lies below them to a gap.
   */
  tailReached(span: Interval, whole: boolean, metAbove: readonly string[]): void {
    const { from, to } = this.#live;
    const joined = whole && from < span.from && span.from <= to;
    this.#live = joined ? { from, to: Math.max(to, span.to) } : span;
    this.#liveIsWhole = whole;
    this.#metAbove = new Set(metAbove);
  }

  /** Whether what lies below this event is a gap's already: the tail's last walk met it, and left the rest behind. */
  leftBehind(uid: string): boolean {
    return this.#metAbove.has(uid);
  }

  /** Whether the tail left nothing behind that a gap must fill. */
  get liveIsWhole(): boolean {
    return this.#liveIsWhole;
  }

  /** An event of this time was found late: more may have come around it. */
  sawLate(second: number): void {
    this.#lateTimes.push(second);
  }

  /** The times of what was found late since the last call. */
  takeLateTimes(): readonly number[] {
    const times = this.#lateTimes;
    this.#lateTimes = [];
    return times;
  }

  /**
   * Every listed event of [from, to) has its fate, as a walk saw that began at T `nowS`. What is younger than `settle`
   * is not covered, since events still arrive in it; a stream that never listed an event covers nothing.
   */
  cover(span: Interval, nowS: number | undefined): void {
    if (nowS === undefined || !this.#state.listed) return;
    const piece = {
      from: Math.max(span.from, this.#state.startAt),
      to: Math.min(span.to, this.settledBefore(nowS)),
      verifiedAt: nowS,
    };
    const coverage = cover(this.#state.coverage, piece, this.#toleranceS);
    if (coverage !== this.#state.coverage) this.#state = { ...this.#state, coverage };
  }

  /** The end of what can be covered at T `nowS`. */
  settledBefore(nowS: number): number {
    return Math.floor(nowS - this.config.settleMs / 1000);
  }

  /** What is not covered of [start, end) and not set aside at this moment, ascending. */
  gaps(end: number, monotonicMs: number): readonly Interval[] {
    const waiting = this.#asides.filter(aside => aside.retryAtMs > monotonicMs);
    const known = [...this.#state.coverage, ...waiting].sort((a, b) => a.from - b.from);
    return gaps(known, { from: this.#state.startAt, to: end });
  }

  /** What is set aside is open, whatever was known of it, unless that is forgotten: it is read again when its time has come. */
  setAside(aside: Aside): void {
    const remembered = { from: Math.max(aside.from, this.#state.floor), to: aside.to };
    const coverage = uncover(this.#state.coverage, remembered);
    this.#state = { ...this.#state, coverage };
    this.#asides = [...this.#asides.filter(other => other.from >= aside.to || other.to <= aside.from), aside];
  }

  /** Forgets what was set aside and is covered meanwhile. */
  clearAsides(): void {
    this.#asides = this.#asides.filter(aside => gaps(this.#state.coverage, aside).length > 0);
  }

  /** The way on which events from `firstAt` on can go without a step back in time. */
  way(kind: 'gap' | 'late' | 'replay', firstAt: number): string {
    const { n, at } = this.#position(kind);
    return `${kind}/${firstAt < at ? n + 1 : n}`;
  }

  /** Whether the live way would step back by an hour, or nearly: more than a backend that orders by stream accepts. */
  wouldStepBack(second: number): boolean {
    return second < this.#position('live').at - MOST_STEP_BACK_S;
  }

  /** An event of this time was put on this way. */
  moved(way: string, at: number): void {
    const [kind = '', n = '1'] = way.split('/');
    const position = this.#position(kind);
    const next: WayPosition =
      Number(n) > position.n ? { n: Number(n), at } : { n: position.n, at: Math.max(at, position.at) };
    this.#state = { ...this.#state, ways: { ...this.#state.ways, [kind]: next } };
  }

  #position(kind: string): WayPosition {
    return this.#state.ways[kind] ?? { n: 1, at: 0 };
  }
}

/** Oldest first; within a second as listed, from the end, since lists are newest first. */
export function oldestFirst(events: readonly ListedEvent[]): readonly ListedEvent[] {
  return events.toReversed().sort((a, b) => a.effectiveAt - b.effectiveAt);
}
