/** What a delivery says to whoever logs and shows health. Messages hold no event content and no secret. */
export type DeliveryEvent =
  /** Stored. `tookMs`: the last attempt alone. `atMs`: on the monotonic clock. */
  | { readonly kind: 'acknowledged'; readonly records: number; readonly tookMs: number; readonly atMs: number }
  /** Will be tried again after `waitMs`; `attempt` counts failures in a row, over all batches. `atMs` as above. */
  | {
      readonly kind: 'attempt_failed';
      readonly message: string;
      readonly attempt: number;
      readonly atMs: number;
      readonly waitMs: number;
      readonly records: number;
      /** The backend may have stored the batch: it is sent again, and may be there twice. */
      readonly unknown: boolean;
    }
  /** A person must act. Said when it begins, when its reason changes, and every 10 minutes while it lasts. */
  | { readonly kind: 'held'; readonly message: string; readonly heldMs: number }
  /** The hold is over. */
  | { readonly kind: 'released'; readonly heldMs: number }
  /** Sent again in smaller parts. */
  | { readonly kind: 'halved'; readonly message: string; readonly records: number }
  /** Refused for good: see the verdicts. */
  | { readonly kind: 'parked'; readonly reason: string; readonly message: string; readonly records: number }
  /** Refused as too old: neither delivered nor given up. */
  | { readonly kind: 'aside'; readonly message: string; readonly records: number };
