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
  /** Whether it may go into a private network; to this machine only where the URL names it, `localhost` or 127.0.0.1. */
  readonly allowPrivateAddress?: boolean;
  readonly signal: AbortSignal;
}

/**
 * One GET, no retry, no redirect. Rejects with a CollectorError: `misconfigured` for an address that is not allowed,
 * `retryable` for whatever else happens on the way; and with the signal's reason when it aborts.
 */
export interface HttpClient {
  get(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}
