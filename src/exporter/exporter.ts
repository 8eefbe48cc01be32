import type { LogRecord } from '../record.ts';

/** What one attempt to send one batch came to. `message` is for people; it names the other side's words, never a secret. */
export type Outcome =
  /** The backend said that it has every record. Only this ends a record's walk well. */
  | { readonly kind: 'acknowledged' }
  /** Accepted, but `rejected` of them thrown away; OTLP forbids a retry and does not say which. */
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  /** 400, 413, 422: at least one record, or the way itself, is at fault. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** The backend takes no record this old, or this far behind: its setting must change. */
  | { readonly kind: 'too_old'; readonly message: string }
  /** The backend takes no record that far ahead of its own clock: time will help. */
  | { readonly kind: 'too_new'; readonly message: string }
  /** Credentials, path, certificate, method: a person must act. */
  | { readonly kind: 'misconfigured'; readonly message: string }
  /** May succeed later. */
  | {
      readonly kind: 'retryable';
      readonly message: string;
      /** The backend may have stored the batch: a repetition may be a duplicate. */
      readonly unknown: boolean;
      /** No answer within the attempt's timeout. */
      readonly timedOut: boolean;
      readonly status?: number;
      readonly retryAfterMs?: number;
    };

/** One attempt, no retry. Never throws for what the other side does; rejects only when `signal` aborts. */
export interface Exporter {
  export(
    records: readonly LogRecord[],
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<Outcome>;
  shutdown(): Promise<void>;
}

/** What became of one record. */
export type Verdict =
  | { readonly fate: 'acknowledged' }
  /** Refused for good. `certain` is false for "unknown: n of m" of a partial success. */
  | { readonly fate: 'parked'; readonly reason: string; readonly message: string; readonly certain: boolean }
  /** Refused as too old, or too new: neither delivered nor given up; its span is set aside and tried again later. */
  | { readonly fate: 'aside'; readonly message: string };

/** A batch until every record of it has a verdict, however long that takes. Rejects only when `signal` aborts. */
export interface Delivery {
  deliver(records: readonly LogRecord[], signal: AbortSignal): Promise<readonly Verdict[]>;
}
