/** Fewer events say nothing about a rhythm. */
const LEAST_EVENTS = 20;
const LEAST_SILENCE_S = 86_400;
/** A pause is remarkable when it is so many times as long as any among the newest events. */
const REMARKABLE = 3;

export interface Silence {
  /** Since the newest event. */
  readonly forS: number;
  /** The longest pause between two of the newest events. */
  readonly longestS: number;
}

/** Whether nothing came for longer than the newest events (Unix seconds, newest first) explain, at T `nowS`. */
export function silence(times: readonly number[], nowS: number): Silence | undefined {
  const [newest] = times;
  if (newest === undefined || times.length < LEAST_EVENTS) return undefined;
  const longestS = Math.max(...times.slice(1).map((older, i) => (times[i] ?? older) - older));
  const forS = nowS - newest;
  return forS > Math.max(LEAST_SILENCE_S, REMARKABLE * longestS) ? { forS, longestS } : undefined;
}
