/** What goes wrong with an answer. */
type FaultKind =
  /** An error status instead of the answer; `body` is the API's error form unless given. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      /** Value of the Retry-After header. */
      readonly retryAfter?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is reset before any byte. */
  | { readonly kind: 'reset' }
  /** The request is taken and never answered. */
  | { readonly kind: 'hang' }
  /** The connection breaks inside the body, after `bytes` of it (default: half). */
  | { readonly kind: 'truncated'; readonly bytes?: number }
  /** Status 200 and this text. */
  | { readonly kind: 'body'; readonly body: string; readonly contentType?: string }
  /** White space after the body, up to so many bytes in all. */
  | { readonly kind: 'oversized'; readonly bytes: number }
  /** Other headers: a value of null leaves one out. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | null>> }
  /** Nothing but late: see `delayMs`. */
  | { readonly kind: 'slow' }
  /** The page, and the page that follows it, in one body. */
  | { readonly kind: 'two_documents' }
  /** The cursor for the next page is the one that was asked with, and there is more. */
  | { readonly kind: 'repeated_cursor' }
  /** There is more, but no `last_id`, or no `next`. */
  | { readonly kind: 'no_cursor' }
  /** No items, but there is more. With `cursor`, `last_id` or `next` is there all the same. */
  | { readonly kind: 'empty_page'; readonly cursor?: boolean }
  /** As if `after` and `before` had not been sent. */
  | { readonly kind: 'ignored_cursor' }
  /** As if the time filters had not been sent. */
  | { readonly kind: 'ignored_span' }
  /** A further page of an inventory list starts `by` items (default 1) later than it should, or, negative, sooner. */
  | { readonly kind: 'moved_items'; readonly by?: number };

/** A fault and when it comes. It is played `times` times (default 1), or for as long as `forMs` says. */
export type Fault = FaultKind & {
  /** Template of the route; default any. */
  readonly route?: string;
  /** What the decoded query must contain, such as `tenant_only=true`. */
  readonly query?: string;
  /** So many requests that match are let through first. */
  readonly skip?: number;
  readonly times?: number;
  readonly forMs?: number;
  /** The answer comes so much later. */
  readonly delayMs?: number;
};

export const FAULT_KINDS: readonly Fault['kind'][] = [
  'status',
  'reset',
  'hang',
  'truncated',
  'body',
  'oversized',
  'headers',
  'slow',
  'two_documents',
  'repeated_cursor',
  'no_cursor',
  'empty_page',
  'ignored_cursor',
  'ignored_span',
  'moved_items',
];
