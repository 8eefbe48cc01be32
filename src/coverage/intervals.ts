/** A half-open interval of event time, [from, to), in Unix seconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** An interval and the API time (Unix seconds) at which every event listed in it was last seen to have its fate. */
export interface Covered extends Interval {
  readonly verifiedAt: number;
}

/**
 * Adds a piece to an ascending, disjoint list; where both know a second, the later verification counts. What was verified
 * at most `toleranceS` after its lower neighbour is kept as one with it, under the earlier time, so that the list stays
 * short: not what was verified before it, or one join would make the next possible, and the time go back and back.
 */
export function cover(list: readonly Covered[], piece: Covered, toleranceS: number): readonly Covered[] {
  if (piece.from >= piece.to) return list;
  const parts: Covered[] = [];
  let from = piece.from;
  for (const known of list) {
    if (known.to <= piece.from || known.from >= piece.to) {
      parts.push(known);
      continue;
    }
    if (known.from < piece.from) parts.push({ ...known, to: piece.from });
    if (known.to > piece.to) parts.push({ ...known, from: piece.to });
    if (known.verifiedAt > piece.verifiedAt) {
      const overlap = { from: Math.max(known.from, piece.from), to: Math.min(known.to, piece.to) };
      parts.push({ ...overlap, verifiedAt: known.verifiedAt });
      if (from < overlap.from) parts.push({ from, to: overlap.from, verifiedAt: piece.verifiedAt });
      from = overlap.to;
    }
  }
  if (from < piece.to) parts.push({ from, to: piece.to, verifiedAt: piece.verifiedAt });
  return join(
    parts.sort((a, b) => a.from - b.from),
    toleranceS,
  );
}

/** Takes a span out of an ascending, disjoint list; an empty one takes nothing. */
export function uncover(list: readonly Covered[], span: Interval): readonly Covered[] {
  if (span.from >= span.to) return list;
  return list.flatMap(known => gaps([span], known).map(part => ({ ...known, ...part })));
}

/** The parts of `within` that the list does not cover, ascending. */
export function gaps(list: readonly Interval[], within: Interval): readonly Interval[] {
  const found: Interval[] = [];
  let from = within.from;
  for (const known of list) {
    if (known.to <= from) continue;
    if (known.from >= within.to) break;
    if (known.from > from) found.push({ from, to: known.from });
    from = known.to;
  }
  if (from < within.to) found.push({ from, to: within.to });
  return found;
}

export function isCovered(list: readonly Interval[], second: number): boolean {
  return list.some(known => known.from <= second && second < known.to);
}

function join(parts: readonly Covered[], toleranceS: number): readonly Covered[] {
  const joined: Covered[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const laterS = last === undefined ? Number.NaN : part.verifiedAt - last.verifiedAt;
    if (last?.to === part.from && laterS >= 0 && laterS <= toleranceS) {
      joined[joined.length - 1] = { ...last, to: part.to };
    } else {
      joined.push(part);
    }
  }
  return joined;
}
