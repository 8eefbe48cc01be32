import type { Covered, Interval } from './intervals.ts';

/** What is younger than `lastS` is verified every `everyS`, and once more when it has reached that age. */
export interface Tier {
  readonly lastS: number;
  readonly everyS: number;
}

export interface Due {
  readonly tier: Tier;
  /** What to read again, ascending, disjoint. */
  readonly spans: readonly Interval[];
  /** For how long the oldest part has been due, in seconds. */
  readonly overdueS: number;
}

/**
 * What a tier has to read again at T `nowS`; undefined while nothing is due. It follows from the times of verification
 * alone, so a restart forgets nothing; and a second stays due until it was verified at an age of `last` or more, so
 * that an event which came that late is found however long the reading was put off.
 */
export function dueSpans(coverage: readonly Covered[], tier: Tier, nowS: number): Due | undefined {
  const open = coverage
    .map(covered => ({ ...covered, from: Math.max(covered.from, covered.verifiedAt - tier.lastS) }))
    .filter(({ from, to }) => from < to);
  const oldestS = nowS - Math.min(Number.POSITIVE_INFINITY, ...open.map(({ verifiedAt }) => verifiedAt));
  if (oldestS < tier.everyS) return undefined;
  // What would be due soon comes along: the live end ages second by second, and must not cost a request a minute.
  const spans = open.filter(({ verifiedAt }) => nowS - verifiedAt >= tier.everyS / 2);
  return { tier, spans: joined(spans), overdueS: oldestS - tier.everyS };
}

function joined(spans: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last !== undefined && last.to === span.from) result[result.length - 1] = { from: last.from, to: span.to };
    else result.push({ from: span.from, to: span.to });
  }
  return result;
}
