import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { startProcess, temporaryDirectory, until } from '../support/process.ts';
import { SHIPPED, switchedOn, withOnly } from './support/alternatives.ts';
import { findBackend, OTELCOL } from './support/backend-binary.ts';
import { type RunningCollector, startCollector } from './support/collector.ts';

const binary = (await findBackend(OTELCOL)) ?? '';

describe.skipIf(binary === '')('otel-collector.yaml', () => {
  it('is valid with its default addresses', async () => {
    expect(await validate(SHIPPED)).toBe('');
  });

  it.each([
    ['a file', { exporters: ['file'] }],
    ['a durable queue', { exporters: ['otlp_http/queued'], extensions: ['file_storage/queue'] }],
    ['any other OTLP backend', { exporters: ['otlp_http/vendor'] }],
    ['Kafka', { exporters: ['kafka'] }],
    ['ClickHouse', { exporters: ['clickhouse'] }],
  ])('is valid with %s in place of Loki, as its comments show', async (_, pipeline) => {
    const directory = await newDirectory();
    const path = join(directory, 'collector.yaml');
    await writeFile(path, await withOnly(pipeline));
    const env = { VENDOR_URL: 'http://127.0.0.1:1', VENDOR_AUTHORIZATION: 'x', QUEUE_DIRECTORY: directory };
    expect(await validate(path, env)).toBe('');
  });

  it.each([['elasticsearch'], ['opensearch'], ['splunk_hec'], ['kafka'], ['awss3'], ['clickhouse']])(
    "shows %s without a queue, so that its answer is the backend's own",
    async name => {
      const { exporters } = parse(await switchedOn({ exporters: [name] }));
      expect(exporters[name].sending_queue).toEqual({ enabled: false });
    },
  );

  it.each([
    [204, 200],
    [400, 400],
    [401, 401],
    [404, 404],
    [429, 429],
    [503, 503],
  ])('passes on the answer of the backend: %i becomes %i', async (said, heard) => {
    const asked: (string | undefined)[] = [];
    const loki = await backend((request, response) => {
      asked.push(request.url);
      request.resume().on('end', () => response.writeHead(said).end());
    });
    const answer = await post(await startShipped(loki));
    expect(answer.status).toBe(heard);
    expect(asked).toEqual(['/otlp/v1/logs']);
  });

  it('gives up its request to the backend when the sender hangs up', async () => {
    let asked = false;
    let abandoned = false;
    const loki = await backend((_, response) => {
      asked = true;
      response.on('close', () => {
        abandoned = true;
      });
    });
    const sender = new AbortController();
    const answer = post(await startShipped(loki), sender.signal);
    answer.catch(() => undefined);
    await until('the backend to be asked', () => asked);
    expect(abandoned).toBe(false);
    sender.abort();
    await until('the backend to be left alone', () => abandoned);
  });
});

async function validate(path: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const run = await startProcess(binary, ['validate', '--config', path], { env });
  const { code } = await run.exited;
  return code === 0 ? '' : run.stderr();
}

async function startShipped(loki: string): Promise<RunningCollector> {
  const collector = await startCollector({
    binary,
    directory: await newDirectory(),
    config: SHIPPED,
    env: { LOKI_URL: loki },
  });
  onTestFinished(async () => void (await collector.process.end('SIGKILL')));
  return collector;
}

function post(collector: RunningCollector, signal?: AbortSignal): Promise<Response> {
  const logRecords = [{ timeUnixNano: '1780000000000000000', body: { stringValue: 'x' } }];
  return fetch(`${collector.endpoint}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    signal: signal ?? null,
  });
}

/** Stands where Loki would. */
async function backend(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

async function newDirectory(): Promise<string> {
  const { path, remove } = await temporaryDirectory();
  onTestFinished(remove);
  return path;
}
