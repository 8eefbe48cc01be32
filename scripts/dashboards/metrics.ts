import {
  type DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { MetricName } from '../../src/telemetry/metrics.ts';
import { type Place, placed, thresholds, timeSeries } from './panel.ts';
import { ORGANIZATION, orZero } from './query.ts';

/** Whichever Prometheus the person chooses in the dashboard. */
const METRICS_SOURCE = { type: 'prometheus', uid: `\${metrics}` } as const;

const STREAM = ['organization', 'stream'];
const OF_STREAM = '{{organization}} {{stream}}';
const OF_ROUTE = '{{organization}} {{route}}';

/** A row on the metrics of the collector itself: what its records, which go the same way as the events, cannot tell. */
export function withMetrics(dashboard: DashboardBuilder): DashboardBuilder {
  return dashboard
    .withVariable(new DatasourceVariableBuilder('metrics').label('Prometheus').type('prometheus'))
    .withRow(new RowBuilder('Metrics, from Prometheus'))
    .withPanel(
      lines(
        { title: 'Lag', width: 12, description: 'How old the newest look is of which everything is delivered.' },
        's',
        {
          [OF_STREAM]: greatest('openai_collector_receiver_lag_seconds', STREAM),
        },
      ),
    )
    .withPanel(
      lines({ title: 'Gaps', width: 12, description: 'Event time that is not covered yet.' }, 's', {
        [OF_STREAM]: greatest('openai_collector_receiver_gap_seconds', STREAM),
      }),
    )
    .withPanel(
      lines(
        {
          title: 'Requests per minute',
          width: 12,
          description: 'To the Admin API by route, and the limit that was learned of it, if one was met.',
        },
        'short',
        {
          [OF_ROUTE]: perMinute('openai_collector_receiver_requests_total', ['organization', 'route']),
          [`${OF_ROUTE}, limit`]: greatest('openai_collector_receiver_request_limit', ['organization', 'route']),
        },
      ),
    )
    .withPanel(
      lines({ title: 'Delivered per minute', width: 12 }, 'short', {
        [OF_STREAM]: perMinute('openai_collector_exporter_sent_log_records_total', STREAM),
      }),
    )
    .withPanel(
      lines(
        { title: 'Export latency', width: 12, description: 'How long the backend takes to acknowledge a batch.' },
        's',
        { '{{organization}}, half': latency(0.5), '{{organization}}, slowest twentieth': latency(0.95) },
      ),
    )
    .withPanel(
      lines(
        { title: 'Retries per minute', width: 8, description: 'Attempts after which a batch is sent again.' },
        'short',
        { '{{organization}}': perMinute('openai_collector_exporter_retries_total', ['organization']) },
      ),
    )
    .withPanel(
      now(
        { title: 'Parked now', width: 4, height: 8, description: 'Records that the backend refused; see `replay`.' },
        orZero(`sum(${of('openai_collector_exporter_parked_log_records')})`),
      ),
    )
    .withPanel(
      lines({ title: 'Size of the state', width: 12 }, 'bytes', {
        '{{instance}}': 'max by (instance) (openai_collector_storage_size_bytes)',
      }),
    )
    .withPanel(
      lines({ title: 'Memory', width: 12 }, 'bytes', {
        '{{instance}}': 'max by (instance) (openai_collector_process_memory_rss_bytes)',
      }),
    );
}

/** A line for each series of each query, which stands at its legend. */
function lines(place: Place, unit: string, queries: Readonly<Record<string, string>>): TimeSeriesBuilder {
  const targets = Object.entries(queries).map(([legend, query], index) =>
    new DataqueryBuilder()
      .refId(String.fromCodePoint(65 + index))
      .expr(query)
      .range()
      .legendFormat(legend),
  );
  return placed(timeSeries(), place, METRICS_SOURCE).unit(unit).min(0).targets(targets);
}

/** One number that should be 0. */
function now(place: Place, query: string): StatBuilder {
  return placed(new StatBuilder(), place, METRICS_SOURCE)
    .unit('short')
    .thresholds(thresholds('attention'))
    .withTarget(new DataqueryBuilder().refId('A').expr(query).instant());
}

function greatest(metric: MetricName, by: readonly string[]): string {
  return `max by (${by.join(', ')}) (${of(metric)})`;
}

function perMinute(counter: MetricName, by: readonly string[]): string {
  return `sum by (${by.join(', ')}) (rate(${of(counter)}[$__rate_interval])) * 60`;
}

function latency(quantile: number): string {
  const buckets = of('openai_collector_exporter_operation_duration_seconds', '_bucket');
  return `histogram_quantile(${quantile}, sum by (organization, le) (rate(${buckets}[$__rate_interval])))`;
}

/** The series of the chosen organizations. */
function of(metric: MetricName, suffix = ''): string {
  return `${metric}${suffix}{organization=~"$${ORGANIZATION}"}`;
}
