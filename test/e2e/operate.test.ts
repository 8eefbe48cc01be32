import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Status } from '../../src/telemetry/status.ts';
import { freePort, until } from '../support/process.ts';
import { stage } from './stage.ts';

const content = { kind: 'story', seed: 'operate', historyMs: 86_400_000 } as const;

/** Where a run of the program serves both. */
async function served() {
  const opened = await stage({ content, serves: true });
  const evil = '<script>alert(1)</script>';
  const refused = [...opened.emulator.organization.listed('organization')].slice(3, 5).map(({ id }) => id);
  opened.backend.answerWith(({ records }) =>
    records.some(({ uid }) => refused.includes(uid)) ? { status: 400, body: evil } : {},
  );
  const collector = await opened.run();
  const [, page = ''] = await collector.line(/(http:\/\/localhost:\d+)\/"/);
  const [, metrics = ''] = await collector.line(/(http:\/\/localhost:\d+\/metrics)/);
  const status = async () => (await (await fetch(`${page}/status`)).json()) as Status;
  const text = async (url: string) => (await fetch(url)).text();
  const isComplete = async () => {
    const [organization] = (await status()).organizations;
    const [parked] = organization?.parked ?? [];
    return parked?.records === 2 && organization?.streams.every(({ gapSeconds }) => gapSeconds === 0) === true;
  };
  await until('a complete backfill', isComplete);
  return { ...opened, collector, page, metrics, status, text };
}

/** Every number of one metric. */
function valuesOf(metrics: string, name: string, label = ''): number {
  const lines = metrics.split('\n').filter(line => line.startsWith(`${name}{`) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

it('shows what was collected, what was parked and why, on a page, as JSON, as metrics and in a terminal', async () => {
  const { page, metrics, status, text, listed, command } = await served();
  const total = listed().length;

  expect(await text(`${page}/readyz`)).toBe('ready\n');
  const { organizations, ready } = await status();
  expect(ready).toBe(true);
  expect(organizations[0]?.parked).toEqual([
    { kind: 'event', reason: 'refused', records: 2, message: expect.stringContaining('<script>') },
  ]);

  const html = await text(`${page}/`);
  expect(html).toContain('&lt;script&gt;alert(1)');
  expect(html).not.toContain('<script');

  const scraped = await text(metrics);
  expect(valuesOf(scraped, 'openai_collector_receiver_accepted_log_records_total')).toBe(total);
  expect(valuesOf(scraped, 'openai_collector_exporter_sent_log_records_total')).toBe(total - 2);
  expect(valuesOf(scraped, 'openai_collector_exporter_send_failed_log_records_total')).toBe(2);
  expect(valuesOf(scraped, 'openai_collector_exporter_parked_log_records', 'refused')).toBe(2);
  expect(valuesOf(scraped, 'openai_collector_exporter_operation_duration_seconds_count')).toBeGreaterThan(0);

  // Its port is any free one, which no other process can know: the state is looked into.
  const shown = await command('status');
  expect((await shown.exited).code, shown.stderr()).toBe(1);
  expect(shown.stdout()).toContain('no collector answers');
  expect(shown.stdout()).toMatch(/parked: 2 of kind event, refused: [\s\S]*<script>/);
}, 120_000);

it('asks the collector that runs, and refuses to start a second one at its port', async () => {
  const opened = await stage({ content });
  const port = await freePort();
  const config = join(opened.directory, 'config.yaml');
  const settings = { ...JSON.parse(await readFile(config, 'utf8')), health: { endpoint: `localhost:${port}` } };
  await writeFile(config, JSON.stringify(settings));
  const collector = await opened.run();
  await collector.line(/the status page is served/);
  await until('readiness', async () => (await fetch(`http://localhost:${port}/readyz`)).ok);
  const shown = await opened.command('status');
  expect((await shown.exited).code, shown.stderr()).toBe(0);
  expect(shown.stdout()).toMatch(/^collecting for .*\n(.*\n)*acme\n {2}organization: \w+, /);

  await writeFile(config, JSON.stringify({ ...settings, storage: { path: join(opened.directory, 'other.db') } }));
  const second = await opened.run();
  expect((await second.exited).code).toBe(2);
  expect(second.stderr()).toContain(`health.endpoint: port ${port} is in use`);
}, 120_000);

it('sends its metrics to the backend too, the last ones when it stops, and keeps the newest events where it shall', async () => {
  const opened = await stage({ content, serves: true, health: { show_events: true } });
  const config = join(opened.directory, 'config.yaml');
  const settings = JSON.parse(await readFile(config, 'utf8'));
  await writeFile(config, JSON.stringify({ ...settings, telemetry: { metrics: { prometheus: 'off', otlp: true } } }));
  const collector = await opened.run();
  const [, page = ''] = await collector.line(/(http:\/\/localhost:\d+)\/"/);
  const newest = async () => ((await (await fetch(`${page}/status`)).json()) as Status).events ?? [];
  await until('the newest events', async () => (await newest()).length === 20);
  const times = (await newest()).map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect((await newest()).filter(({ summary }) => summary === '')).toEqual([]);

  expect((await collector.end()).code).toBe(0);
  const pushed = opened.backend.requests.filter(({ path }) => path === '/v1/metrics');
  const last = JSON.parse(pushed.at(-1)?.body.toString() ?? '{}');
  const metrics: readonly { name: string }[] = last.resourceMetrics?.[0]?.scopeMetrics?.[0]?.metrics ?? [];
  expect(metrics.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'openai_collector_receiver_accepted_log_records_total',
      'openai_collector_receiver_lag_seconds',
      'openai_collector_exporter_operation_duration_seconds',
      'openai_collector_storage_size_bytes',
    ]),
  );
}, 120_000);
