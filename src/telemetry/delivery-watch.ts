import type { Clock } from '../clock.ts';
import type { DeliveryEvent } from '../exporter/delivery-event.ts';
import type { DeliveryStatus } from './status.ts';

/** How deliveries of one organization go, by what both lanes say. */
export class DeliveryWatch {
  readonly #clock: Pick<Clock, 'nowMs'>;
  #held: { readonly sinceMs: number; readonly message: string } | undefined;
  #away: { readonly sinceMs: number; readonly message: string } | undefined;
  #acknowledged: { readonly atMs: number; readonly tookMs: number } | undefined;
  #retries = 0;

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  hear(event: DeliveryEvent): void {
    const nowMs = this.#clock.nowMs();
    switch (event.kind) {
      case 'acknowledged':
        this.#acknowledged = { atMs: nowMs, tookMs: event.tookMs };
        this.#away = undefined;
        return;
      case 'attempt_failed':
        this.#retries += 1;
        this.#away = { sinceMs: this.#away?.sinceMs ?? nowMs, message: event.message };
        return;
      case 'held':
        this.#held = { sinceMs: nowMs - event.heldMs, message: event.message };
        return;
      case 'released':
        this.#held = undefined;
        return;
      case 'parked':
      case 'aside':
        this.#away = undefined;
    }
  }

  get status(): DeliveryStatus {
    const last = this.#acknowledged;
    return {
      state: this.#state,
      ...(this.#held ?? this.#away ?? {}),
      ...(last === undefined ? {} : { lastAcknowledgedAtMs: last.atMs, tookMs: last.tookMs }),
      retries: this.#retries,
    };
  }

  get #state(): DeliveryStatus['state'] {
    if (this.#held !== undefined) return 'held';
    if (this.#away !== undefined) return 'retrying';
    return this.#acknowledged === undefined ? 'idle' : 'delivering';
  }
}
