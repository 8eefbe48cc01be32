/** One HTTP answer, as far as it came. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** The `Retry-After` header as it came. */
  readonly retryAfter: string | undefined;
  /** The `Date` header as it came: by its clock a `Retry-After` that is a date is meant. */
  readonly date?: string | undefined;
  /** Cut off at the cap when `oversized`. */
  readonly body: Uint8Array;
  /** The body is as long as the answer itself said; false too where nothing says how long it should be. */
  readonly complete: boolean;
  /** It came before the request had been sent whole, so it cannot be about all of it. */
  readonly early: boolean;
  readonly oversized: boolean;
}
