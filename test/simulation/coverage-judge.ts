import { type Covered, gaps, type Interval, uncover } from '../../src/coverage/intervals.ts';
import type { Commit } from '../../src/storage/storage.ts';
import type { Seen, SimulatedApi } from './simulated-api.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { Trace } from './trace.ts';

const HOUR_S = 3600;
/** So much may the time that the collector goes by be ahead of the API's. */
const DRIFT_S = 35;
/** Whatever is re-verified, ids are kept for a week; the time by which that is measured may be hours old. */
const KEPT_S = 7 * 86_400 - 2 * HOUR_S;
/** The shortest `settle` of all histories. */
const SETTLED_S = 120;

/**
 * Looks at every commit: a second that becomes covered, or is verified again, has no event without a fate, except one
 * that became visible after the walk which proved it.
 */
export class CoverageJudge {
  readonly #api: SimulatedApi;
  readonly #trace: Trace;
  readonly #disk: SimulatedDisk;
  readonly #isAcknowledged: (uid: string) => boolean;
  readonly #known = new Map<string, readonly Covered[]>();
  readonly #byHour = new Map<string, Seen[]>();
  #indexed = 0;

  /** @param isAcknowledged whether a process was told that the backend has it. */
  constructor(api: SimulatedApi, trace: Trace, disk: SimulatedDisk, isAcknowledged: (uid: string) => boolean) {
    this.#api = api;
    this.#trace = trace;
    this.#disk = disk;
    this.#isAcknowledged = isAcknowledged;
  }

  judge({ feed: { stream }, state }: Commit): void {
    if (state === undefined) return;
    this.#index();
    const before = this.#known.get(stream) ?? [];
    this.#known.set(stream, state.coverage);
    if (state.floor > this.#api.highS - KEPT_S)
      this.#trace.violation('coverage', `${stream} forgets ids before ${state.floor}, at ${this.#api.nowS}`);
    for (const piece of state.coverage) {
      if (before.includes(piece)) continue;
      if (piece.to > this.#api.highS + DRIFT_S || piece.verifiedAt > this.#api.highS + DRIFT_S) {
        const text = `${stream} is covered until ${piece.to}, verified at ${piece.verifiedAt}`;
        this.#trace.violation('coverage', `${text}, at ${this.#api.nowS}`);
      }
      const asGood = before.filter(({ verifiedAt }) => verifiedAt >= piece.verifiedAt);
      for (const proved of gaps(asGood, piece)) this.#judgeSpan(stream, proved, piece.verifiedAt, state.floor);
    }
  }

  /** These hours are open again. */
  readmitted(hours: readonly Interval[]): void {
    for (const [stream, known] of this.#known) {
      this.#known.set(
        stream,
        hours.reduce((left, hour) => uncover(left, hour), known),
      );
    }
  }

  #judgeSpan(stream: string, span: Interval, verifiedAt: number, floor: number): void {
    for (const seen of this.#listedIn(stream, span)) {
      const fate = this.#disk.fateOf(seen);
      if ((fate !== undefined && fate !== 'in_flight') || seen.withdrawnAtMs !== undefined) continue;
      // It was parked until somebody asked for it.
      if (this.#disk.replaying.has(this.#disk.uidOf(seen))) continue;
      // The walk saw the time `verifiedAt`, and a second is covered only once it is settled.
      const walkedAtS = Math.max(verifiedAt, seen.effectiveAt + SETTLED_S) - DRIFT_S;
      if (seen.apiHighS > walkedAtS || seen.timeless || seen.effectiveAt < floor) continue;
      const uid = this.#disk.uidOf(seen);
      // Its fate may wait for a disk that is full, while another commit tells what is covered.
      if (fate === 'in_flight' && this.#isAcknowledged(uid)) continue;
      const text = `${stream} [${span.from}, ${span.to}) is covered, and ${uid} of ${seen.effectiveAt} is ${fate}`;
      this.#trace.violation('coverage', text);
    }
  }

  #index(): void {
    for (const seen of this.#api.seen.slice(this.#indexed)) {
      for (const stream of ['organization', 'tenant'] as const) {
        if (!this.#api.lists(stream, seen)) continue;
        const key = `${stream} ${Math.floor(seen.effectiveAt / HOUR_S)}`;
        const hour = this.#byHour.get(key);
        if (hour === undefined) this.#byHour.set(key, [seen]);
        else hour.push(seen);
      }
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
