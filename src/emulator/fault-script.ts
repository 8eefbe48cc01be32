import type { Fault } from './fault.ts';

interface Scheduled {
  readonly fault: Fault;
  skip: number;
  times: number;
  readonly untilMs: number;
}

/** The faults that are still to come. The first one in the script that matches a request is played, and no other. */
export class FaultScript {
  #script: Scheduled[] = [];

  /** Adds faults behind those that are there; `forMs` counts from `monotonicMs`. */
  add(faults: readonly Fault[], monotonicMs: number): void {
    for (const fault of faults) {
      const { skip = 0, times = fault.forMs === undefined ? 1 : Number.POSITIVE_INFINITY, forMs } = fault;
      const untilMs = forMs === undefined ? Number.POSITIVE_INFINITY : monotonicMs + forMs;
      this.#script.push({ fault, skip, times, untilMs });
    }
  }

  clear(): void {
    this.#script = [];
  }

  /** The faults that may still be played. */
  pending(monotonicMs: number): readonly Fault[] {
    this.#script = this.#script.filter(({ times, untilMs }) => times > 0 && monotonicMs < untilMs);
    return this.#script.map(({ fault }) => fault);
  }

  /** The fault for a request of a route; `query` as it was sent, without the question mark. */
  take(route: string, query: string, monotonicMs: number): Fault | undefined {
    this.pending(monotonicMs);
    for (const scheduled of this.#script) {
      if (!matches(scheduled.fault, route, query)) continue;
      if (scheduled.skip > 0) {
        scheduled.skip -= 1;
        continue;
      }
      scheduled.times -= 1;
      return scheduled.fault;
    }
    return undefined;
  }
}

function matches(fault: Fault, route: string, query: string): boolean {
  if (fault.route !== undefined && fault.route !== route) return false;
  return fault.query === undefined || decoded(query).includes(fault.query);
}

function decoded(query: string): string {
  return [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`).join('&');
}
