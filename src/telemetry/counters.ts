import { BOUNDS, type Labels, type MetricName, type Sample } from './metrics.ts';

/** Numbers that only rise, from the start of the process on. */
export class Counters {
  readonly #counters = new Map<string, { readonly name: MetricName; readonly labels: Labels; value: number }>();
  readonly #distributions = new Map<
    string,
    { readonly name: MetricName; readonly labels: Labels; readonly counts: number[]; sum: number }
  >();

  /** By 0 makes it known: an increase is seen only by who saw it before. */
  add(name: MetricName, labels: Labels, by = 1): void {
    const key = keyOf(name, labels);
    const known = this.#counters.get(key);
    if (known === undefined) this.#counters.set(key, { name, labels, value: by });
    else known.value += by;
  }

  /** Sorts a value into the buckets of a histogram. */
  observe(name: MetricName, labels: Labels, value: number): void {
    const key = keyOf(name, labels);
    const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0);
    const known = this.#distributions.get(key) ?? { name, labels, counts, sum: 0 };
    this.#distributions.set(key, known);
    const above = BOUNDS.findIndex(bound => value <= bound);
    const bucket = above === -1 ? BOUNDS.length : above;
    known.counts[bucket] = (known.counts[bucket] ?? 0) + 1;
    known.sum += value;
  }

  /** The sum of all that have these labels, whatever others they have. */
  sum(name: MetricName, labels: Labels): number {
    const wanted = Object.entries(labels);
    return [...this.#counters.values()]
      .filter(each => each.name === name && wanted.every(([label, value]) => each.labels[label] === value))
      .reduce((total, { value }) => total + value, 0);
  }

  samples(): readonly Sample[] {
    return [
      ...[...this.#counters.values()].map(each => ({ ...each })),
      ...[...this.#distributions.values()].map(({ name, labels, counts, sum }) => {
        return { name, labels, value: { counts: [...counts], sum } };
      }),
    ];
  }
}

function keyOf(name: MetricName, labels: Labels): string {
  return `${name} ${JSON.stringify(labels)}`;
}
