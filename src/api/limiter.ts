/** Who asks, most urgent first. */
export type Priority = 'live' | 'live_more' | 'gap' | 'inventory' | 'reverify';

/** Keeps an organization's requests within what the API allows, route by route. */
export interface Limiter {
  /** Resolves when a request may be sent; rejects with the signal's reason. */
  acquire(route: string, priority: Priority, signal: AbortSignal): Promise<void>;
  /** Tells what a request came to; `status` is absent when there was no answer. */
  report(route: string, answer: { readonly status?: number; readonly retryAfterMs?: number }): void;
}
