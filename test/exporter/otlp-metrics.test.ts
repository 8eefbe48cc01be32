import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createMetricsPush } from '../../src/exporter/otlp-metrics.ts';

const scope = { name: 'openai-audit-collector', version: '1.0.0' };
const signal = AbortSignal.timeout(10_000);
const metrics = {
  samples: [
    { name: 'openai_collector_exporter_held', labels: { organization: 'acme' }, value: 1 },
    { name: 'openai_collector_exporter_retries_total', labels: { organization: 'acme' }, value: 3 },
    {
      name: 'openai_collector_exporter_operation_duration_seconds',
      labels: { organization: 'acme' },
      value: { counts: [1, ...Array.from({ length: 13 }, () => 0), 2], sum: 700 },
    },
  ],
  sinceMs: 1_500,
  nowMs: 61_000,
} as const;

interface Received {
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A backend that answers with this status. */
async function backend(status: number) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status).end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics` };
}

const push = (url: string) =>
  createMetricsPush(
    { headers: { authorization: 'Bearer 0123456789' }, tls: {} },
    { ...scope, url, resource: { 'service.name': scope.name } },
  );

it('posts gauges, cumulative counters and histograms as OTLP/JSON, with the headers of the exporter', async () => {
  const { received, url } = await backend(200);
  await push(url)(metrics, signal);
  const [request] = received;
  expect(request).toMatchObject({
    url: '/v1/metrics',
    headers: { authorization: 'Bearer 0123456789', 'content-type': 'application/json' },
  });
  const [{ resource, scopeMetrics }] = JSON.parse(request?.body ?? '').resourceMetrics;
  expect(resource.attributes).toEqual([{ key: 'service.name', value: { stringValue: scope.name } }]);
  const times = { startTimeUnixNano: '1500000000', timeUnixNano: '61000000000' };
  const [held, retries, took] = scopeMetrics[0].metrics;
  expect(held.gauge.dataPoints).toMatchObject([{ ...times, asDouble: 1 }]);
  expect(retries.sum).toMatchObject({ isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asDouble: 3 }] });
  expect(took.histogram).toMatchObject({ aggregationTemporality: 2, dataPoints: [{ ...times, count: 3, sum: 700 }] });
  expect(took.histogram.dataPoints[0].bucketCounts).toHaveLength(
    took.histogram.dataPoints[0].explicitBounds.length + 1,
  );
});

it('rejects where they are not taken, and tells no secret', async () => {
  const refusing = await backend(404);
  await expect(push(refusing.url)(metrics, signal)).rejects.toThrow(/127\.0\.0\.1.*answered 404/);
  await expect(push('http://127.0.0.1:1/v1/metrics?token=0123456789')(metrics, signal)).rejects.toThrow(
    /^http:\/\/127\.0\.0\.1:1\/v1\/metrics: connect ECONNREFUSED/,
  );
});
