import { METRICS } from '../../src/telemetry/metrics.ts';
import { code, table } from './table.ts';

/** Every metric, as the table in code has it. */
export function metricTable(): string {
  return table(
    ['Metric', 'Type', 'Unit', 'Labels', 'Meaning'],
    Object.entries(METRICS).map(([name, { type, unit, labels, doc }]) => {
      return [code(name), type, code(unit), labels.map(code).join(', '), doc];
    }),
  );
}
