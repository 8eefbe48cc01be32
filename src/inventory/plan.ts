import type { Pace } from './kind.ts';
import type { List } from './list.ts';
import type { Missing } from './missing.ts';

/** What is known of one list. */
export interface ListState {
  /** When its last reading ended, whatever it came to; Unix milliseconds. */
  readonly attemptedAtMs: number;
  /** When it was last read whole. */
  readonly readAtMs?: number;
  /** When it was first read whole: what appears in it since then is news. */
  readonly firstReadAtMs?: number;
  readonly state: 'complete' | 'unavailable' | 'incomplete';
  readonly why?: string;
  readonly message?: string;
  /** What the last reading showed, and what it cost. */
  readonly items: number;
  readonly requests: number;
  readonly missing: Missing;
  /** The reading of everything that it belongs to, by its start. */
  readonly reading: number;
}

/** What is known of the reading of everything that is due, and of those before. */
export interface ReadingState {
  readonly startedAtMs: number;
  /** Absent while it is under way. */
  readonly endedAtMs?: number;
  /** When it last looked, since it takes long, what is due again meanwhile. */
  readonly renewedAtMs?: number;
  /** Everything is read, however lately it was. */
  readonly isForced?: true;
  /** When the first one ended: what appears since then is news. */
  readonly baselineAtMs?: number;
  /** How long the last one took. */
  readonly lastMs?: number;
}

const TIMES: Readonly<Record<Pace, number>> = { quick: 1, steady: 6, slow: 24 };
/** Without a known limit: what a request takes, when two of a route are under way. */
const REQUEST_MS = 150;

/** How often a list is read, at least. */
export function periodMs({ kind }: List, intervalMs: number): number {
  return TIMES[kind.pace] * intervalMs;
}

/** Within so long an entity is told of again, or it is gone: twice what lies between two readings of its list. */
export function reportIntervalMs(list: List, intervalMs: number, lastMs: number): number {
  return 2 * Math.max(periodMs(list, intervalMs), lastMs);
}

/** What a clock wrote that was ahead of this one, and was put right since, is long ago: or nothing is due until then. */
export function listNotAhead(state: ListState, nowMs: number): ListState {
  if (state.attemptedAtMs <= nowMs) return state;
  return { ...state, attemptedAtMs: 0, ...(state.readAtMs === undefined ? {} : { readAtMs: 0 }), missing: {} };
}

/** The same of a reading: one that was under way is begun anew. */
export function readingNotAhead(state: ReadingState, nowMs: number): ReadingState {
  if (state.startedAtMs <= nowMs) return state;
  const { renewedAtMs: _, ...rest } = state;
  return { ...rest, startedAtMs: 0, endedAtMs: 0 };
}

/** Whether a reading that starts then reads a list. */
export function isDue(list: List, state: ListState | undefined, reading: ReadingState, intervalMs: number): boolean {
  if (state === undefined) return true;
  if (state.reading === reading.startedAtMs) return false;
  return reading.isForced || state.state === 'incomplete' || isDueAgain(list, state, reading.startedAtMs, intervalMs);
}

/** Whether it is time for a list again. */
export function isDueAgain(list: List, state: ListState, nowMs: number, intervalMs: number): boolean {
  // Who is in an archived project is not told, and it stays archived.
  const everyMs = state.why === 'archived' ? TIMES.slow * intervalMs : periodMs(list, intervalMs);
  // Lists are not read at the very time that the reading begins.
  return state.attemptedAtMs + everyMs - intervalMs / 2 <= nowMs;
}

/** Whether a list, when it was read last, showed that its family is to be had. */
export function showsFamily({ kind }: List, { state, items }: ListState): boolean {
  return state === 'complete' && (kind.notSet !== true || items > 0);
}

/** How long so many requests of each route take, at so many a minute where that is known: routes do not wait for others. */
export function durationMs(
  requests: ReadonlyMap<string, number>,
  perMinute: (route: string) => number | undefined,
): number {
  const durations = [...requests].map(([route, count]) => {
    const rate = perMinute(route);
    return rate === undefined ? count * REQUEST_MS : (count * 60_000) / rate;
  });
  return Math.max(0, ...durations);
}
