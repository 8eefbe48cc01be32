import { type Covered, gaps, type Interval } from '../../src/coverage/intervals.ts';
import type { Commit, Fate } from '../../src/storage/storage.ts';
import type { Seen, SimulatedApi } from './simulated-api.ts';
import type { Trace } from './trace.ts';

const HOUR_S = 3600;
/** So much may the time that the collector goes by be ahead of the API's. */
const DRIFT_S = 35;

/**
 * Looks at every commit: a second that becomes covered has no event without a fate, except one that became visible
 * after the walk which proved it.
 */
export class CoverageJudge {
  readonly #api: SimulatedApi;
  readonly #trace: Trace;
  readonly #known = new Map<string, readonly Covered[]>();
  readonly #byHour = new Map<string, Seen[]>();
  #indexed = 0;

  constructor(api: SimulatedApi, trace: Trace) {
    this.#api = api;
    this.#trace = trace;
  }

  judge({ feed: { stream }, state }: Commit, fates: ReadonlyMap<string, Fate | 'in_flight'>): void {
    if (state === undefined) return;
    this.#index();
    const before = this.#known.get(stream) ?? [];
    this.#known.set(stream, state.coverage);
    for (const piece of state.coverage) {
      if (piece.to > this.#api.highS + DRIFT_S) {
        this.#trace.violation('coverage', `${stream} is covered until ${piece.to}, at ${this.#api.nowS}`);
      }
      for (const grown of gaps(before, piece)) this.#judgeSpan(stream, grown, piece.verifiedAt, fates);
    }
  }

  #judgeSpan(stream: string, span: Interval, verifiedAt: number, fates: ReadonlyMap<string, Fate | 'in_flight'>): void {
    for (const seen of this.#listedIn(stream, span)) {
      const fate = fates.get(seen.uid);
      if ((fate !== undefined && fate !== 'in_flight') || seen.withdrawnAtMs !== undefined) continue;
      // The walk saw the time `verifiedAt`, and a second is covered only once it is settled.
      const walkedAtS = Math.max(verifiedAt, seen.effectiveAt + SETTLED_S) - DRIFT_S;
      if (seen.apiHighS > walkedAtS) continue;
      const text = `${stream} [${span.from}, ${span.to}) is covered, and ${seen.uid} of ${seen.effectiveAt} is ${fate}`;
      this.#trace.violation('coverage', text);
    }
  }

  #index(): void {
    for (const seen of this.#api.seen.slice(this.#indexed)) {
      const key = `${seen.stream} ${Math.floor(seen.effectiveAt / HOUR_S)}`;
      const hour = this.#byHour.get(key);
      if (hour === undefined) this.#byHour.set(key, [seen]);
      else hour.push(seen);
    }
    this.#indexed = this.#api.seen.length;
  }

  *#listedIn(stream: string, { from, to }: Interval): Generator<Seen> {
    for (let hour = Math.floor(from / HOUR_S); hour * HOUR_S < to; hour += 1) {
      for (const seen of this.#byHour.get(`${stream} ${hour}`) ?? []) {
        if (from <= seen.effectiveAt && seen.effectiveAt < to) yield seen;
      }
    }
  }
}

/** The shortest `settle` of all histories. */
const SETTLED_S = 120;
