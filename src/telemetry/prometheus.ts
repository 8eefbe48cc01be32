import { BOUNDS, type Distribution, type Labels, METRICS, type MetricName, metric, type Sample } from './metrics.ts';

/** The content type of {@link prometheusText}. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Samples in Prometheus' text format, in the order of the table; a metric without samples is left out. */
export function prometheusText(samples: readonly Sample[]): string {
  const byName = Map.groupBy(samples, ({ name }) => name);
  const names = Object.keys(METRICS) as MetricName[];
  return names.map(name => family(name, byName.get(name) ?? [])).join('');
}

function family(name: MetricName, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const { type, doc } = metric(name);
  const lines = samples.flatMap(({ labels, value }) =>
    typeof value === 'number' ? [line(name, labels, value)] : distribution(name, labels, value),
  );
  const help = doc.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function distribution(name: string, labels: Labels, { counts, sum }: Distribution): readonly string[] {
  let total = 0;
  const buckets = counts.map((count, i) => {
    total += count;
    return line(`${name}_bucket`, { ...labels, le: `${BOUNDS[i] ?? '+Inf'}` }, total);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
