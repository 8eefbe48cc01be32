/** A tail that did not come for so many of its intervals is not waited for any longer. */
const PATIENCE = 3;
/** Streams that slowed down to minutes do not take from the pace of those that did not. */
const ACTIVE_MS = 5 * 60_000;

interface Beat {
  /** When its last poll began; undefined when that failed, and the next one may come at once. */
  readonly polledAtMs: number | undefined;
  /** Infinite while it waits for its turn. */
  readonly seenAtMs: number;
  readonly intervalsMs: readonly number[];
}

/** When each tail will want its next first page, learned from when it came before. */
export class LiveRhythm {
  readonly #beats = new Map<string, Beat>();

  asked(caller: string, nowMs: number): void {
    const beat = this.#beats.get(caller) ?? { polledAtMs: undefined, intervalsMs: [] };
    const intervalsMs =
      beat.polledAtMs === undefined ? beat.intervalsMs : [...beat.intervalsMs, nowMs - beat.polledAtMs].slice(-2);
    this.#beats.set(caller, { ...beat, seenAtMs: Number.POSITIVE_INFINITY, intervalsMs });
  }

  /** It no longer waits. */
  left(caller: string, nowMs: number): void {
    const beat = this.#beats.get(caller);
    if (beat !== undefined) this.#beats.set(caller, { ...beat, seenAtMs: nowMs });
  }

  granted(caller: string, nowMs: number): void {
    const beat = this.#beats.get(caller);
    if (beat !== undefined) this.#beats.set(caller, { ...beat, polledAtMs: nowMs, seenAtMs: nowMs });
  }

  failed(caller: string): void {
    const beat = this.#beats.get(caller);
    if (beat !== undefined) this.#beats.set(caller, { ...beat, polledAtMs: undefined });
  }

  /** How many tails poll at present, this one included. */
  callers(nowMs: number): number {
    let count = 0;
    for (const { seenAtMs } of this.#beats.values()) if (nowMs - seenAtMs < ACTIVE_MS) count += 1;
    return Math.max(1, count);
  }

  /** The earliest next poll of a tail that keeps `paceMs` between two. */
  earliestMs(caller: string, paceMs: number): number {
    const polledAtMs = this.#beats.get(caller)?.polledAtMs;
    return polledAtMs === undefined ? Number.NEGATIVE_INFINITY : polledAtMs + paceMs;
  }

  /** When the next poll of each tail is expected, ascending; one that is late is expected now. */
  expected(nowMs: number, paceMs: number): readonly number[] {
    const times: number[] = [];
    for (const { polledAtMs, seenAtMs, intervalsMs } of this.#beats.values()) {
      if (intervalsMs.length === 0) continue;
      const intervalMs = Math.max(Math.min(...intervalsMs), paceMs);
      const dueMs = polledAtMs === undefined ? nowMs : polledAtMs + intervalMs;
      if (nowMs < (polledAtMs ?? seenAtMs) + PATIENCE * intervalMs) times.push(Math.max(dueMs, nowMs));
    }
    return times.sort((a, b) => a - b);
  }
}
