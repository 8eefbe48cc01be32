import { ExitError } from '../errors.ts';
import type { DeliveryEvent } from '../exporter/delivery-event.ts';

/** A backend that restarts is back by then. */
const MOST_AWAY_MS = 10 * 60_000;

/** Ends a command that runs once when the backend keeps it waiting: the next run sends what is in flight. */
export class Patience {
  readonly #end = new AbortController();
  #awaySinceMs: number | undefined;

  /** Aborts with an ExitError. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  hear(event: DeliveryEvent): void {
    switch (event.kind) {
      case 'held':
        this.#giveUp(event.message);
        break;
      case 'attempt_failed':
        this.#awaySinceMs ??= event.atMs;
        if (event.atMs - this.#awaySinceMs >= MOST_AWAY_MS) this.#giveUp(event.message);
        break;
      case 'acknowledged':
      case 'parked':
      case 'aside':
        this.#awaySinceMs = undefined;
    }
  }

  #giveUp(message: string): void {
    this.#end.abort(new ExitError('backend-waiting', `${message}\nNothing is lost: run again once that is mended.`));
  }
}
