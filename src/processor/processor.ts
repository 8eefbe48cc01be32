import type { LogRecord } from '../record.ts';

/** How an event was found: by the tail, while filling a gap, or inside an interval that was already covered. */
type DeliveryMode = 'live' | 'backfill' | 'late';

/** An audit event and all that its record is made of, besides the configuration. */
export interface ObservedEvent {
  /** The event's id; `id#type` for an id met again with another type; a SHA-256 of its bytes for an event without id. */
  readonly uid: string;
  /** Name of the organization in the configuration. */
  readonly organization: string;
  readonly stream: 'organization' | 'tenant';
  /** `live`, `gap/3`, `late/1`, `replay/2`: ends the resource's `service.instance.id`. */
  readonly way: string;
  readonly delivery: DeliveryMode;
  /** Unix seconds; a neighbour's when `timeIsNeighbours`. */
  readonly effectiveAt: number;
  /** The event itself had no usable `effective_at`. */
  readonly timeIsNeighbours: boolean;
  readonly observedAtMs: number;
  /** The event as the API sent it, parsed. */
  readonly event: unknown;
}

/** Pure and total: the same input gives the same record, and any JSON value gives one. */
export type Processor = (event: ObservedEvent) => LogRecord;

/** What the collector says of itself, such as what it has covered. */
export interface OwnStatement {
  readonly uid: string;
  /** Name of the organization in the configuration. */
  readonly organization: string;
  readonly name: 'coverage' | 'parked' | 'feed' | 'late';
  /** `collector/1`, or `collector/1/replay/1767225600`. */
  readonly way: string;
  readonly atMs: number;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** Pure and total, like a Processor. */
export type OwnProcessor = (statement: OwnStatement) => LogRecord;

/** The attribute in which an audit event's record tells it in a sentence. */
export const SUMMARY = 'openai.audit.summary';
