interface Metric {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** As UCUM has it. */
  readonly unit: string;
  readonly labels: readonly string[];
  readonly doc: string;
}

/** Upper bounds of the buckets of every histogram, in seconds: those of OpenTelemetry for durations. */
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

/**
 * Every metric of the collector, in the order in which it shows them. The words are those of the OpenTelemetry
 * Collector's own metrics; the name is the same for Prometheus and in OTLP.
 */
export const METRICS = {
  openai_collector_receiver_accepted_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream', 'delivery'],
    doc: 'Audit events found for the first time; `delivery` says how: `live`, `backfill`, or `late`, in a span that was covered.',
  },
  openai_collector_receiver_duplicate_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream'],
    doc: 'Audit events that were listed again and are sent no second time. Most are: polls and re-verification overlap.',
  },
  openai_collector_receiver_excluded_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream'],
    doc: 'Audit events read, also repeatedly, and not sent, as `exclude_types` asks.',
  },
  openai_collector_receiver_requests_total: {
    type: 'counter',
    unit: '{request}',
    labels: ['organization', 'route', 'priority', 'outcome'],
    doc: 'Requests to the Admin API by what came of them: `ok`, `limited` (429), `refused` (another 4xx, 3xx), `failed` (5xx or no answer).',
  },
  openai_collector_receiver_request_wait_seconds_total: {
    type: 'counter',
    unit: 's',
    labels: ['organization', 'route', 'priority'],
    doc: 'Time that requests waited for their turn in the budget of their route.',
  },
  openai_collector_receiver_request_limit: {
    type: 'gauge',
    unit: '{request}/min',
    labels: ['organization', 'route'],
    doc: 'Requests a minute that a route is known to allow; absent until a limit was met.',
  },
  openai_collector_receiver_pause_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['organization', 'route'],
    doc: 'For how long the API still asks to be left alone; absent when it does not.',
  },
  openai_collector_receiver_lag_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['organization', 'stream'],
    doc: 'How old the newest look at the live end is of which everything is delivered; absent for a stream that never listed an event.',
  },
  openai_collector_receiver_gap_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['organization', 'stream'],
    doc: 'Seconds of event time since `start_from`, older than `settle`, that are not covered: a backfill, an outage, the rest of a storm.',
  },
  openai_collector_receiver_set_aside_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['organization', 'stream'],
    doc: 'Of these, what could not be read or is too old for the backend, and is tried again hourly.',
  },
  openai_collector_receiver_state: {
    type: 'gauge',
    unit: '1',
    labels: ['organization', 'stream', 'state'],
    doc: '1 for the state that a stream is in.',
  },
  openai_collector_exporter_sent_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream'],
    doc: 'Audit events that the backend acknowledged.',
  },
  openai_collector_exporter_send_failed_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream'],
    doc: 'Audit events that the backend refused for good; they are parked in the state.',
  },
  openai_collector_exporter_set_aside_log_records_total: {
    type: 'counter',
    unit: '{record}',
    labels: ['organization', 'stream'],
    doc: 'Audit events that the backend called too old, each time; they stay in a gap.',
  },
  openai_collector_exporter_parked_log_records: {
    type: 'gauge',
    unit: '{record}',
    labels: ['organization', 'kind', 'reason'],
    doc: 'Records that are parked now: `kind` is `event`, `statement` (of the collector itself) or `inventory`.',
  },
  openai_collector_exporter_operation_duration_seconds: {
    type: 'histogram',
    unit: 's',
    labels: ['organization'],
    doc: 'How long the backend took to acknowledge a batch, of whatever records.',
  },
  openai_collector_exporter_retries_total: {
    type: 'counter',
    unit: '{attempt}',
    labels: ['organization'],
    doc: 'Attempts after which a batch is sent again: the backend was away, slow, or asked for patience.',
  },
  openai_collector_exporter_held: {
    type: 'gauge',
    unit: '1',
    labels: ['organization'],
    doc: '1 while nothing is delivered until a person acts: credentials, path, certificate.',
  },
  openai_collector_inventory_age_seconds: {
    type: 'gauge',
    unit: 's',
    labels: ['organization'],
    doc: 'Since the oldest list of the inventory that can be read was read whole; absent before the first.',
  },
  openai_collector_inventory_incomplete_lists: {
    type: 'gauge',
    unit: '{list}',
    labels: ['organization'],
    doc: 'Lists of the inventory that could not be read whole at the last attempt.',
  },
  openai_collector_storage_size_bytes: {
    type: 'gauge',
    unit: 'By',
    labels: [],
    doc: 'Size of the state on disk.',
  },
  openai_collector_process_uptime_seconds: {
    type: 'gauge',
    unit: 's',
    labels: [],
    doc: 'Since the process started.',
  },
  openai_collector_process_cpu_seconds_total: {
    type: 'counter',
    unit: 's',
    labels: [],
    doc: 'Processor time, of user and system.',
  },
  openai_collector_process_memory_rss_bytes: {
    type: 'gauge',
    unit: 'By',
    labels: [],
    doc: 'Resident memory.',
  },
  openai_collector_build_info: {
    type: 'gauge',
    unit: '1',
    labels: ['version'],
    doc: 'Always 1.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

export type Labels = Readonly<Record<string, string>>;

/** `counts` has one number for each of {@link BOUNDS} and one for what is above them all. */
export interface Distribution {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What a metric is at one moment. */
export interface Sample {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly value: number | Distribution;
}

/** All metrics at one moment. Unix milliseconds: since when counters count, and that moment. */
export interface Metrics {
  readonly samples: readonly Sample[];
  readonly sinceMs: number;
  readonly nowMs: number;
}

/** Sends metrics away; rejects when they were not taken. */
export type PushMetrics = (metrics: Metrics, signal: AbortSignal) => Promise<void>;

export function metric(name: MetricName): Metric {
  return METRICS[name];
}
