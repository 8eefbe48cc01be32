/** What OTLP's AnyValue can carry, without bytes. A bigint is an integer of 64 bits that a number does not hold. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** A log record before it meets an SDK: what a processor makes and an exporter sends. */
export interface LogRecord {
  /** Resource attributes. All records of one batch have the same. */
  readonly resource: Readonly<Record<string, string | number | boolean>>;
  /** Time of occurrence in Unix seconds: what the source resolves to. */
  readonly timestamp: number;
  /** When the collector first saw it, in Unix milliseconds; the same on every repetition. */
  readonly observedAtMs: number;
  readonly eventName: string;
  /** OTLP severity number, 1 to 24. */
  readonly severityNumber: number;
  readonly body?: Value;
  readonly attributes: Readonly<Record<string, Value>>;
}
