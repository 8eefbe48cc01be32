import type { Fault } from '../../src/emulator/fault.ts';
import type { Settings } from '../../src/emulator/settings.ts';
import type { Moment } from './life.ts';

/** All that is decided about a run before it begins. The rest (latencies, what an event is like) follows from the seed. */
export interface History {
  readonly seed: number;
  /** How many the one process collects; each has an API of its own. */
  readonly organizations: 1 | 2;
  readonly api: Pick<Settings, 'order' | 'tenantInBoth' | 'vanishedCursor'> & {
    /** How far the collector's clock is behind the API's at the beginning. */
    readonly aheadS: number;
    readonly latencyMs: number;
    /** Shares of the events that have the id of another one, and no time of their own. */
    readonly twins: number;
    readonly timeless: number;
  };
  /** At the first start. */
  readonly config: Configuration;
  readonly diskMs: number;
  /** Absent where only events are collected. */
  readonly inventory?: { readonly users: number; readonly projects: number; readonly intervalS: number };
  /** One of so many events is refused by the backend for good; 0: none. */
  readonly poison: number;
  /** How long things go wrong, in seconds. */
  readonly safetyS: number;
  readonly happenings: readonly Happening[];
  /** The first process dies at its effect of this number, counted from 1, and starts again. */
  readonly killAt?: number;
}

/** What the operator decides; the rest is as shipped. */
export interface Configuration {
  readonly startFromS: number;
  readonly pollS: number;
  readonly settleS: number;
  readonly excludeTypes: readonly string[];
  readonly streams: readonly ('organization' | 'tenant')[];
  readonly reverify: readonly { readonly lastS: number; readonly everyS: number }[];
  readonly batchRecords: number;
  readonly protocol: 'http/json' | 'http/protobuf';
}

/** What happens from outside, `atS` seconds after the beginning. */
export type Happening = {
  readonly atS: number;
  /** Which organization it happens to, where it happens to one; by default the first. */
  readonly of?: number;
} & (
  | Events
  /** So many things of the organization are added, changed or removed. */
  | { readonly kind: 'estate'; readonly count: number }
  /** Some of the newest events are withdrawn. */
  | { readonly kind: 'withdraw'; readonly count: number }
  | { readonly kind: 'api'; readonly fault: Fault }
  | { readonly kind: 'limit'; readonly forS: number; readonly perMinute: number; readonly retryAfter: boolean }
  | { readonly kind: 'backend'; readonly forS: number; readonly trouble: Trouble }
  | { readonly kind: 'disk'; readonly forS: number; readonly share: number }
  | { readonly kind: 'death'; readonly moment: Moment | 'now'; readonly downS: number }
  | { readonly kind: 'stop'; readonly downS: number }
  | { readonly kind: 'suspend'; readonly forS: number }
  /** The operator stops the process, changes the configuration and starts it again. */
  | { readonly kind: 'configure'; readonly change: Partial<Configuration> }
  /** The operator asks the running process to send parked records again, or to read everything again. */
  | { readonly kind: 'ask'; readonly what: 'replay' | 'verify' }
  /** The collector's wall clock, or the API's clock, jumps. */
  | { readonly kind: 'wall'; readonly byS: number }
  | { readonly kind: 'api_clock'; readonly byS: number }
);

/** Events that become visible from `atS` on over `overS` seconds, each with a time of `lateS` to `lateS + spanS` before. */
export interface Events {
  readonly kind: 'events';
  readonly count: number;
  readonly overS: number;
  readonly lateS: number;
  readonly spanS: number;
  /** Share of them in the tenant stream. */
  readonly tenant: number;
  /** Characters that each of them has besides. */
  readonly padding?: number;
}

/** What is wrong with the backend; `share` is the part of the attempts that it happens to. */
export type Trouble =
  | { readonly kind: 'gone' }
  /** Its certificate is not one that is trusted. */
  | { readonly kind: 'tls' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number; readonly share: number }
  /** A person must act. */
  | { readonly kind: 'misconfigured'; readonly status: number; readonly text: string }
  /** The batch is stored, the answer lost. */
  | { readonly kind: 'lost'; readonly share: number }
  /** A 200 that says nothing: cut short, not of OTLP, too large to be read, or come before the request was sent. */
  | { readonly kind: 'worthless'; readonly how: 'cut' | 'html' | 'early' | 'oversized'; readonly share: number }
  /** Answers come so late that an attempt may give up; `stores` says whether the batch is there by then. */
  | { readonly kind: 'slow'; readonly stores: boolean; readonly share: number }
  | { readonly kind: 'partial'; readonly share: number }
  /** One of so many records is answered with this for ever, wherever it stands: what a person would call refused. */
  | { readonly kind: 'stubborn'; readonly oneOf: number; readonly status: number }
  /** Batches of more records are refused, for ever. */
  | { readonly kind: 'too_large'; readonly records: number; readonly status: number }
  | { readonly kind: 'too_old'; readonly olderThanS: number; readonly status: number; readonly text: string };
