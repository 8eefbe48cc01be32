import type { Interval } from './intervals.ts';

/** What one slice taught about the density of events, from which the next slice's length follows. */
export interface SlicePace {
  /** How long the next slice should be, in seconds. */
  readonly lengthS: number;
  /** How many pages it should fill. */
  readonly targetPages: number;
  /** Events a second in the slice before; 0 when it had none, or there was none. */
  readonly density: number;
}

const PAGE = 100;
const MOST_PAGES = 30;
/** An empty year costs a handful of requests, not thousands. */
const MOST_GROWTH = 8;

/** After a start nothing is known: one hour, one page. */
export const firstPace: SlicePace = { lengthS: 3600, targetPages: 1, density: 0 };

/** A slice that reads more pages than this is cut where it stands; what was read is kept. */
export function mostPages(pace: SlicePace): number {
  return Math.max(4, pace.targetPages * 2);
}

/** The first slice of a gap. */
export function nextSlice(gap: Interval, pace: SlicePace): Interval {
  const to = gap.from + Math.max(1, Math.round(pace.lengthS));
  // A rest shorter than half a slice would cost a request of its own.
  return { from: gap.from, to: to + pace.lengthS / 2 >= gap.to ? gap.to : to };
}

/** The pace after a slice of `lengthS` seconds in which `events` were found. */
export function learnPace(pace: SlicePace, lengthS: number, events: number): SlicePace {
  const targetPages = Math.min(MOST_PAGES, pace.targetPages * 2);
  const wantedS = events === 0 ? Number.POSITIVE_INFINITY : (targetPages * PAGE * lengthS) / events;
  return {
    targetPages,
    lengthS: Math.max(1, Math.min(wantedS, lengthS * MOST_GROWTH)),
    density: lengthS === 0 ? pace.density : events / lengthS,
  };
}

/** How long it takes until events fill a page, by the density met last, in seconds. */
export function pageLengthS({ density }: SlicePace): number {
  return density === 0 ? Number.POSITIVE_INFINITY : PAGE / density;
}
