import type { Fault } from '../../src/emulator/fault.ts';
import type { Settings } from '../../src/emulator/settings.ts';
import type { Moment } from './life.ts';

/** All that is decided about a run before it begins. The rest (latencies, what an event is like) follows from the seed. */
export interface History {
  readonly seed: number;
  readonly api: Pick<Settings, 'order' | 'tenantInBoth' | 'vanishedCursor'> & {
    /** How far the collector's clock is behind the API's at the beginning. */
    readonly aheadS: number;
    readonly latencyMs: number;
  };
  readonly config: {
    readonly startFromS: number;
    readonly pollS: number;
    readonly settleS: number;
    readonly excludeTypes: readonly string[];
  };
  readonly diskMs: number;
  /** One of so many events is refused by the backend for good; 0: none. */
  readonly poison: number;
  /** How long things go wrong, in seconds. */
  readonly safetyS: number;
  readonly happenings: readonly Happening[];
}

/** What happens from outside, `atS` seconds after the beginning. */
export type Happening = { readonly atS: number } & (
  | Events
  /** Of the newest events so many are withdrawn. */
  | { readonly kind: 'withdraw'; readonly count: number }
  | { readonly kind: 'api'; readonly fault: Fault }
  | { readonly kind: 'limit'; readonly forS: number; readonly perMinute: number; readonly retryAfter: boolean }
  | { readonly kind: 'backend'; readonly forS: number; readonly trouble: Trouble }
  | { readonly kind: 'disk'; readonly forS: number; readonly share: number }
  | { readonly kind: 'death'; readonly moment: Moment | 'now'; readonly downS: number }
  | { readonly kind: 'stop'; readonly downS: number }
  | { readonly kind: 'suspend'; readonly forS: number }
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
}

/** What is wrong with the backend; `share` is the part of the attempts that it happens to. */
export type Trouble =
  | { readonly kind: 'gone' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs?: number; readonly share: number }
  | { readonly kind: 'misconfigured' }
  /** The batch is stored, the answer lost. */
  | { readonly kind: 'lost'; readonly share: number }
  /** Answers come so late that an attempt may give up; `stores` says whether the batch is there by then. */
  | { readonly kind: 'slow'; readonly stores: boolean; readonly share: number }
  | { readonly kind: 'partial'; readonly share: number }
  | { readonly kind: 'too_old'; readonly olderThanS: number };
