import type { Permit } from './limiter.ts';

const MINUTE_MS = 60_000;

/** So many requests in so long a span, wherever it begins: an API that counts by the minute cannot count more. */
export interface Capacity {
  readonly requests: number;
  readonly spanMs: number;
}

/** A rate of 9.5 a minute is 9 requests in 56.8 s. */
export function capacityOf(requestsPerMinute: number): Capacity {
  const requests = Math.max(1, Math.floor(requestsPerMinute + 1e-9));
  return { requests, spanMs: (MINUTE_MS * requests) / requestsPerMinute };
}

interface Sent {
  answeredAtMs: number;
  succeeded: boolean;
}

/** The requests of the last while. The API counted each somewhere between permit and answer, so it is counted for both. */
export class RequestWindow {
  readonly #sent = new Map<Permit, Sent>();

  add(permit: Permit): void {
    this.#sent.set(permit, { answeredAtMs: Number.POSITIVE_INFINITY, succeeded: false });
  }

  answered(permit: Permit, succeeded: boolean, nowMs: number): void {
    const sent = this.#sent.get(permit);
    if (sent === undefined) return;
    sent.answeredAtMs = nowMs;
    sent.succeeded = succeeded;
  }

  /** Requests that the API may count in the span that ends at `atMs`. */
  countAt(atMs: number, spanMs: number, which: (permit: Permit) => boolean = () => true): number {
    let count = 0;
    for (const [permit, { answeredAtMs }] of this.#sent) if (answeredAtMs > atMs - spanMs && which(permit)) count += 1;
    return count;
  }

  /** How many were answered well after `sinceMs`, and not after `untilMs`. */
  succeeded(sinceMs: number, untilMs: number): number {
    let count = 0;
    for (const { answeredAtMs, succeeded } of this.#sent.values()) {
      if (succeeded && answeredAtMs > sinceMs && answeredAtMs <= untilMs) count += 1;
    }
    return count;
  }

  /** When the next of them no longer counts; infinite when none is left that was answered. */
  nextFreeMs(nowMs: number, spanMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { answeredAtMs } of this.#sent.values()) {
      const freeAtMs = answeredAtMs + spanMs;
      if (freeAtMs > nowMs && freeAtMs < next) next = freeAtMs;
    }
    return next;
  }

  /** Drops what was answered before `beforeMs`. */
  forget(beforeMs: number): void {
    for (const [permit, { answeredAtMs }] of this.#sent) {
      if (answeredAtMs === Number.POSITIVE_INFINITY) continue;
      if (answeredAtMs > beforeMs) return;
      this.#sent.delete(permit);
    }
  }
}
