import { type Backoff, backoffMs } from '../backoff.ts';
import type { Clock, Random } from '../clock.ts';
import type { LogRecord } from '../record.ts';
import type { DeliveryEvent } from './delivery-event.ts';
import type { Exporter, Outcome } from './exporter.ts';

export interface LaneOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the first attempt; one that is timed out doubles the next one's, to 5 min. */
  readonly timeoutMs: number;
  readonly onEvent: (event: DeliveryEvent) => void;
  /** When it aborts, an attempt under way may still end, but no other begins. */
  readonly stop?: AbortSignal;
}

export type Retryable = Extract<Outcome, { kind: 'retryable' }>;

const RETRY: Backoff = { initialMs: 1_000, maxMs: 30_000 };
/** Nothing but a person's doing ends a hold; this is how soon it is noticed. */
const HOLD: Backoff = { initialMs: 5_000, maxMs: 60_000 };
const LONGEST_TIMEOUT_MS = 300_000;
const SAY_AGAIN_MS = 600_000;

/** The way to the backend as one sender knows it: how patient to be, and whether a person must act. */
export class Lane {
  readonly #exporter: Exporter;
  readonly #options: LaneOptions;
  #timeoutMs: number;
  #failures = 0;
  #hold:
    | { readonly sinceMs: number; readonly saidAtMs: number; readonly reason: string; readonly attempts: number }
    | undefined;

  constructor(exporter: Exporter, options: LaneOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#timeoutMs = options.timeoutMs;
  }

  /** One attempt with the timeout that was learned. */
  async attempt(records: readonly LogRecord[], signal: AbortSignal): Promise<Outcome & { readonly tookMs: number }> {
    this.#options.stop?.throwIfAborted();
    const { clock, timeoutMs } = this.#options;
    const startedMs = clock.monotonicMs();
    const outcome = await this.#exporter.export(records, { timeoutMs: this.#timeoutMs, signal });
    const tookMs = clock.monotonicMs() - startedMs;
    // A connection that never stood is no slow backend.
    if (outcome.kind === 'retryable' && outcome.timedOut && outcome.unknown) {
      this.#timeoutMs = Math.max(timeoutMs, Math.min(this.#timeoutMs * 2, LONGEST_TIMEOUT_MS));
    } else if (outcome.kind === 'acknowledged' && tookMs < timeoutMs / 2) {
      this.#timeoutMs = timeoutMs;
    }
    return { ...outcome, tookMs };
  }

  /** The backend decided about records, whatever it decided: patience begins anew. */
  progress(): void {
    this.#failures = 0;
    this.#release();
  }

  /** Says the failure and waits; `atLeastMs` beside the backend's own Retry-After. */
  async backOff(outcome: Retryable, records: number, signal: AbortSignal, atLeastMs = 0): Promise<void> {
    this.#release();
    this.#failures += 1;
    const { clock, random, onEvent } = this.#options;
    const floorMs = Math.max(outcome.retryAfterMs ?? 0, atLeastMs);
    const waitMs = backoffMs(RETRY, this.#failures, random, floorMs);
    const { message, unknown } = outcome;
    const atMs = clock.monotonicMs();
    onEvent({ kind: 'attempt_failed', message, attempt: this.#failures, atMs, waitMs, records, unknown });
    await clock.sleep(waitMs, this.#untilStopped(signal));
  }

  /** A person must act: says so when it is news, and waits long. */
  async hold(message: string, signal: AbortSignal): Promise<void> {
    const { clock, random, onEvent } = this.#options;
    const nowMs = clock.monotonicMs();
    // Backends put times and counts into their texts: those are no news.
    const reason = message.replaceAll(/\d+/g, '#');
    const held = this.#hold;
    const isNews = held === undefined || held.reason !== reason || nowMs - held.saidAtMs >= SAY_AGAIN_MS;
    const sinceMs = held?.sinceMs ?? nowMs;
    const attempts = (held?.attempts ?? 0) + 1;
    this.#hold = { sinceMs, saidAtMs: isNews ? nowMs : held.saidAtMs, reason, attempts };
    if (isNews) onEvent({ kind: 'held', message, heldMs: nowMs - sinceMs });
    await clock.sleep(backoffMs(HOLD, attempts, random), this.#untilStopped(signal));
  }

  #untilStopped(signal: AbortSignal): AbortSignal {
    const { stop } = this.#options;
    return stop === undefined ? signal : AbortSignal.any([signal, stop]);
  }

  #release(): void {
    if (this.#hold === undefined) return;
    const heldMs = this.#options.clock.monotonicMs() - this.#hold.sinceMs;
    this.#hold = undefined;
    this.#options.onEvent({ kind: 'released', heldMs });
  }
}
