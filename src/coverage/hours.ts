import { type Covered, gaps, type Interval } from './intervals.ts';

export const HOUR = 3_600;
const DAY = 86_400;

/** The start of the hour that holds a second. */
export function hourOf(second: number): number {
  return Math.floor(second / HOUR) * HOUR;
}

/**
 * The hours that are covered whole after a change, of which some part was not before; ascending, under their oldest
 * verification. The hour in which the history starts counts from `startAt` on.
 */
export function completedHours(
  before: readonly Covered[],
  after: readonly Covered[],
  startAt: number,
): readonly Covered[] {
  const hours = new Map<number, Covered>();
  for (const span of after.flatMap(covered => gaps(before, covered))) {
    for (let hour = hourOf(span.from); hour < span.to; hour += HOUR) {
      const whole = covering(after, { from: hour, to: hour + HOUR });
      const known = whole ?? covering(after, { from: Math.max(hour, startAt), to: hour + HOUR });
      if (known !== undefined) hours.set(hour, known);
    }
  }
  return [...hours.values()].sort((a, b) => a.from - b.from);
}

/** Neighbours as one, within a day of UTC. */
export function joinedByDay(spans: readonly Covered[]): readonly Covered[] {
  const joined: Covered[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.to === span.from && Math.floor(last.from / DAY) === Math.floor(span.from / DAY)) {
      const verifiedAt = Math.min(last.verifiedAt, span.verifiedAt);
      joined[joined.length - 1] = { from: last.from, to: span.to, verifiedAt };
    } else {
      joined.push(span);
    }
  }
  return joined;
}

/** The parts of `of` beside `piece`. */
export function beside<T extends Interval>(of: T, piece: Interval): readonly T[] {
  return gaps([piece], of).map(rest => ({ ...of, ...rest }));
}

function covering(list: readonly Covered[], span: Interval): Covered | undefined {
  if (span.from >= span.to || gaps(list, span).length > 0) return undefined;
  const parts = list.filter(({ from, to }) => from < span.to && to > span.from);
  return { ...span, verifiedAt: Math.min(...parts.map(({ verifiedAt }) => verifiedAt)) };
}
