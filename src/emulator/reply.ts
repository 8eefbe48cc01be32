/** A request as far as the API looks at it. */
export interface EmulatedRequest {
  readonly method: string;
  /** Path and query, percent-encoded as they were sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** What the other side gets, `delayMs` after its request. */
export type Reply =
  | ({ readonly kind: 'answer'; readonly delayMs: number } & Message)
  /** The connection breaks after so many bytes of the body. */
  | ({ readonly kind: 'truncated'; readonly delayMs: number; readonly bytes: number } & Message)
  | { readonly kind: 'reset'; readonly delayMs: number }
  /** Nothing, ever. */
  | { readonly kind: 'hang' };

export interface Message {
  readonly status: number;
  /** All headers, Date among them, but no length. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
