import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ExporterConfig } from '../config/config.ts';
import { BOUNDS, type Metrics, metric, type PushMetrics, type Sample } from '../telemetry/metrics.ts';
import { createRedact } from './redact.ts';
import type { Scope } from './sdk-records.ts';
import { shownUrl } from './shown-url.ts';
import { readTlsFiles } from './tls-files.ts';

type ResourceMetrics = Parameters<typeof JsonMetricsSerializer.serializeRequest>[0];
type MetricData = ResourceMetrics['scopeMetrics'][number]['metrics'][number];

/** As the SDK numbers them, which is installed but not ours to import. */
const HISTOGRAM = 0;
const GAUGE = 2;
const SUM = 3;
const CUMULATIVE = 1;
const DOUBLE = 1;

interface OtlpMetricsOptions extends Scope {
  /** `http://localhost:4318/v1/metrics` */
  readonly url: string;
  /** What tells this collector from others. */
  readonly resource: Readonly<Record<string, string>>;
}

/**
 * Posts metrics as OTLP/JSON, with the headers and certificates of the exporter. Rejects when they were not taken; a lost
 * one is no loss, since counters only rise.
 */
export function createMetricsPush(
  { headers, tls: files }: Pick<ExporterConfig, 'headers' | 'tls'>,
  options: OtlpMetricsOptions,
): PushMetrics {
  const url = new URL(options.url);
  const tls = readTlsFiles(files);
  const redact = createRedact(Object.values(headers));
  const start = (signal: AbortSignal): ClientRequest => {
    const settings = {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'user-agent': `${options.name}/${options.version}`,
      },
      signal,
      agent: false as const,
    };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...settings, rejectUnauthorized: true, ...tls })
      : httpRequest(url, settings);
  };
  return async (metrics, signal) => {
    const body = JsonMetricsSerializer.serializeRequest(resourceMetrics(metrics, options));
    if (body === undefined) throw new Error('metrics could not be encoded');
    const status = await new Promise<number>((resolve, reject) => {
      const request = start(signal);
      request.once('error', error => reject(new Error(`${shownUrl(url)}: ${redact(error.message)}`)));
      request.once('response', response => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      request.end(body);
    });
    if (status < 200 || status > 299) throw new Error(`${shownUrl(url)} answered ${status}`);
  };
}

function resourceMetrics(
  { samples, sinceMs, nowMs }: Metrics,
  { name, version, resource }: OtlpMetricsOptions,
): ResourceMetrics {
  const times = { startTime: hrTime(sinceMs), endTime: hrTime(nowMs) };
  const byName = Map.groupBy(samples, sample => sample.name);
  return {
    resource: resourceFromAttributes(resource),
    scopeMetrics: [
      { scope: { name, version }, metrics: [...byName.values()].map(family => metricData(family, times)) },
    ],
  };
}

function metricData(
  samples: readonly Sample[],
  times: { readonly startTime: [number, number]; readonly endTime: [number, number] },
): MetricData {
  const name = samples[0]?.name;
  if (name === undefined) throw new Error('a metric without samples');
  const { type, unit, doc } = metric(name);
  const common = {
    descriptor: { name, unit, description: doc, valueType: DOUBLE, advice: {} },
    aggregationTemporality: CUMULATIVE,
  } as const;
  const points = samples.map(({ labels, value }) => ({ attributes: labels, ...times, value }));
  if (type === 'histogram') {
    const dataPoints = points.map(point => ({ ...point, value: histogram(point.value) }));
    return { ...common, dataPointType: HISTOGRAM, dataPoints };
  }
  const dataPoints = points.map(point => ({ ...point, value: Number(point.value) }));
  return type === 'counter'
    ? { ...common, dataPointType: SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: GAUGE, dataPoints };
}

function histogram(value: Sample['value']) {
  const { counts, sum } = typeof value === 'number' ? { counts: [], sum: 0 } : value;
  const count = counts.reduce((total, each) => total + each, 0);
  return { buckets: { boundaries: [...BOUNDS], counts: [...counts] }, count, sum };
}

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
