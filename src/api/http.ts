/** An HTTP answer, read whole. Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From the call to the last byte of the body. */
  readonly timeoutMs: number;
  /** A body of more bytes is an error, not a shorter body. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * One GET, no retry, no redirect. Rejects with a CollectorError of kind `retryable` for whatever happens on the way,
 * and with the signal's reason when it aborts.
 */
export interface HttpClient {
  get(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}
