import type { Interval } from '../coverage/intervals.ts';
import type { Work } from '../progress/progress.ts';

/** What the collector knows of itself at one moment; as JSON at `/status`. Instants are Unix milliseconds unless said. */
export interface Status {
  readonly version: string;
  /** Of the process that collects; absent when none was asked and this is what the state holds. */
  readonly startedAtMs?: number;
  readonly nowMs: number;
  /** Started, and no person needs to act. */
  readonly ready: boolean;
  /** What is not as it should be, the worst first. */
  readonly problems: readonly Problem[];
  readonly backend: string;
  readonly storage: { readonly path: string; readonly bytes: number };
  readonly organizations: readonly OrganizationStatus[];
  /** The newest delivered events, the newest first; present only with `health.show_events`. */
  readonly events?: readonly EventStatus[];
}

export interface EventStatus {
  readonly organization: string;
  readonly stream: string;
  /** When it happened. */
  readonly atMs: number;
  readonly deliveredAtMs: number;
  /** `openai.audit.login.failed` */
  readonly name: string;
  /** `openai.audit.summary` as it was delivered. */
  readonly summary: string;
}

export interface Problem {
  /** `act`: nothing goes on there until a person acts; `wait`: it is tried again, or will pass. */
  readonly severity: 'act' | 'wait';
  readonly organization?: string;
  readonly stream?: string;
  /** For a person; never a secret. */
  readonly message: string;
}

export interface OrganizationStatus {
  readonly name: string;
  readonly delivery?: DeliveryStatus;
  /** Long work that is under way. */
  readonly works: readonly WorkStatus[];
  readonly streams: readonly StreamStatus[];
  readonly routes: readonly RouteStatus[];
  readonly parked: readonly ParkedStatus[];
  /** Absent when nothing was read. */
  readonly inventory?: InventoryStatus;
}

export interface DeliveryStatus {
  /** `idle`: nothing was sent yet. */
  readonly state: 'idle' | 'delivering' | 'retrying' | 'held';
  readonly sinceMs?: number;
  readonly message?: string;
  readonly lastAcknowledgedAtMs?: number;
  /** How long the last attempt took that succeeded. */
  readonly tookMs?: number;
  readonly retries: number;
}

export interface WorkStatus extends Pick<Work, 'kind' | 'stream' | 'unit'> {
  readonly done: number;
  readonly total: number;
  readonly startedAtMs: number;
  /** When it should end: at the speed of the last minutes, and not before the learned limits allow it. */
  readonly endsAtMs?: number;
}

export interface StreamStatus {
  readonly stream: string;
  readonly state: string;
  readonly reason?: string;
  /** The instant that `start_from` means, Unix seconds; absent before the first answer of the API. */
  readonly startAt?: number;
  /** See the metric of that name. */
  readonly lagSeconds?: number;
  /** The time of the newest event that has its fate, Unix seconds. */
  readonly newestEventAt?: number;
  /** Covered spans of event time, ascending, neighbours joined, Unix seconds. */
  readonly covered: readonly Interval[];
  readonly gaps: readonly GapStatus[];
  readonly gapSeconds: number;
  /** Since this collector started. */
  readonly events?: Readonly<Record<EventCount, number>>;
}

export type EventCount = 'received' | 'late' | 'duplicate' | 'excluded' | 'delivered' | 'parked';

/** A span that is not covered, Unix seconds. */
export interface GapStatus extends Interval {
  /** Set when it is set aside. */
  readonly reason?: string;
  readonly retryAtMs?: number;
}

export interface RouteStatus {
  readonly route: string;
  readonly requests: number;
  /** By 429. */
  readonly limited: number;
  /** By another 4xx, or 3xx: also what is not set answers so. */
  readonly refused: number;
  /** By 5xx, or not at all. */
  readonly failed: number;
  readonly waitSeconds: number;
  readonly requestsPerMinute?: number;
  /** The API asked to be left alone until then. */
  readonly pausedUntilMs?: number;
}

export interface ParkedStatus {
  readonly kind: 'event' | 'statement' | 'inventory';
  readonly reason: string;
  readonly records: number;
  /** What the backend said to one of them. */
  readonly message: string;
}

export interface InventoryStatus {
  readonly lists: number;
  readonly incomplete: number;
  readonly unavailable: number;
  /** When the oldest list that can be read was read whole. */
  readonly oldestReadAtMs?: number;
  /** When the last reading of everything that was due began, and when it ended; absent while it is under way. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** Of those that were not read whole, some, and what the API said. */
  readonly troubles: readonly ListTrouble[];
}

interface ListTrouble {
  readonly list: string;
  readonly message: string;
}
