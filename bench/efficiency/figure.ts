/** One line of the table: a figure, perhaps beside a floor that was measured in the same run. */
export interface Figure {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'MB' | 'B' | '';
  readonly ours: number;
  readonly floor?: number;
  /** What it may be at most: itself, or its ratio to the floor. */
  readonly most?: { readonly of: 'ours' | 'ratio'; readonly value: number };
}

/** Something to measure. Throws when what it measures did not do its work. */
export interface Measure {
  readonly name: string;
  /** `most`: events of the largest backfill. */
  run(most: number): Promise<readonly Figure[]>;
}

export function ratioOf({ ours, floor }: Figure): number | undefined {
  return floor === undefined || floor === 0 ? undefined : ours / floor;
}

export function isMissed(figure: Figure): boolean {
  const { most, ours } = figure;
  if (most === undefined) return false;
  return (most.of === 'ours' ? ours : (ratioOf(figure) ?? 0)) > most.value;
}
