export interface BatchLimits {
  readonly maxRecords: number;
  /** Before compression. A single record over it goes alone. */
  readonly maxBytes: number;
}

/** Half-open range of positions. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Cuts `sizes.length` records into batches within the limits, in order, none of them empty. */
export function batches(sizes: readonly number[], limits: BatchLimits): Range[] {
  const cut: Range[] = [];
  let from = 0;
  let bytes = 0;
  for (const [at, size] of sizes.entries()) {
    const isFull = at - from >= limits.maxRecords || bytes + size > limits.maxBytes;
    if (isFull && at > from) {
      cut.push({ from, to: at });
      [from, bytes] = [at, 0];
    }
    bytes += size;
  }
  if (from < sizes.length) cut.push({ from, to: sizes.length });
  return cut;
}

/** Both halves in order. The range holds at least two. */
export function halves(range: Range): [Range, Range] {
  const middle = range.from + Math.ceil((range.to - range.from) / 2);
  return [
    { from: range.from, to: middle },
    { from: middle, to: range.to },
  ];
}
