import type { LogRecord, Value } from '../record.ts';
import type { EventContext, Names } from './context.ts';

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
  /** What was known about it when it was first observed. */
  readonly context?: EventContext;
}

/** Pure and total: the same input gives the same record, and any JSON value gives one. */
export type Processor = (event: ObservedEvent) => LogRecord;

/** Looks up what the context of a new event is; undefined when nothing is known. Never throws, and asks no network. */
export type Enrich = (event: unknown) => EventContext | undefined;

/** Looks up what the inventory calls the things that each event mentions; nothing where it knows none. Never rejects. */
export type FindNames = (events: readonly unknown[]) => Promise<readonly (Names | undefined)[]>;

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

/** What identifies a thing of the inventory among its kind, such as `{ 'project.id': 'proj_1' }`. */
type ThingId = Readonly<Record<string, string>>;

/** A thing of the inventory as it is, or was. */
export interface ObservedThing {
  readonly id: ThingId;
  readonly description: Readonly<Record<string, Value>>;
  readonly relations: readonly {
    readonly from: { readonly kind: string; readonly id: ThingId };
    readonly type: string;
    readonly to: { readonly kind: string; readonly id: ThingId };
  }[];
}

/** What is to be said of a thing of the inventory, or of a whole reading. */
export interface ObservedChange {
  /** Name of the organization in the configuration. */
  readonly organization: string;
  /** `inventory/1`, or `inventory/1/replay/1767225600`. */
  readonly way: string;
  readonly change: 'state' | 'added' | 'changed' | 'removed' | 'snapshot';
  readonly kind: string;
  /** One text for what identifies it among its kind. */
  readonly id: string;
  readonly name?: string;
  readonly atMs: number;
  readonly firstSeenMs: number;
  readonly before?: ObservedThing;
  readonly after?: ObservedThing;
  readonly facts: ChangeFacts;
}

export interface ChangeFacts {
  /** Seconds within which it is told of again. */
  readonly reportInterval?: number;
  /** What changed that is worth an alert. */
  readonly paths?: readonly string[];
  /** The audit event that tells of it. */
  readonly explainedBy?: { readonly uid: string; readonly type: string; readonly actor: unknown };
  /** Of the reading in which it was seen. */
  readonly snapshot?: string;
  /** Only with `snapshot`. */
  readonly reading?: {
    readonly counts: Readonly<Record<string, number>>;
    readonly digest: string;
    readonly complete: boolean;
    readonly missing: readonly string[];
    readonly lists: number;
    readonly requests: number;
    /** Seconds. */
    readonly duration: number;
  };
}

/** The records of one change: an entity event, an event of the change, or both. Pure and total, like a Processor. */
export type InventoryProcessor = (change: ObservedChange) => readonly LogRecord[];

/** The attribute in which an audit event's record tells it in a sentence. */
export const SUMMARY = 'openai.audit.summary';
