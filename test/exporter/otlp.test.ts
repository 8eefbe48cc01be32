import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExporterConfig } from '../../src/config/config.ts';
import type { Outcome } from '../../src/exporter/exporter.ts';
import { createOtlpExporter, type OtlpExporter } from '../../src/exporter/otlp.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { logRecord, logRecords } from '../support/log-record.ts';
import { type OtlpServer, type ReceivedRequest, startOtlpServer } from '../support/otlp-server.ts';

const NEVER = new AbortController().signal;

let server: OtlpServer;
const exporters: OtlpExporter[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await startOtlpServer();
});

afterEach(async () => {
  await Promise.all(exporters.splice(0).map(exporter => exporter.shutdown()));
  await server.close();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

function createExporter(
  changes: Partial<ExporterConfig> = {},
  clock?: ReturnType<typeof createFakeClock>,
): OtlpExporter {
  const config: ExporterConfig = {
    logsUrl: server.logsUrl,
    protocol: 'http/json',
    compression: 'gzip',
    timeoutMs: 10_000,
    headers: {},
    tls: {},
    batch: { maxRecords: 100, maxBytes: 2_097_152 },
    ...changes,
  };
  const exporter = createOtlpExporter(config, { name: 'collector', version: '1.2.3', ...(clock ? { clock } : {}) });
  exporters.push(exporter);
  return exporter;
}

function send(exporter: OtlpExporter, count = 2, timeoutMs = 5000): Promise<Outcome> {
  return exporter.export(logRecords(count), { timeoutMs, signal: NEVER });
}

function only(requests: readonly ReceivedRequest[]): ReceivedRequest {
  expect(requests).toHaveLength(1);
  const [request] = requests;
  if (request === undefined) throw new Error('no request');
  return request;
}

/** Several turns of the event loop: whatever is ready has happened. */
const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(resolve => setImmediate(resolve));
};

describe.each(['http/json', 'http/protobuf'] as const)('over %s', protocol => {
  test.each(['gzip', 'none'] as const)('a batch arrives as it was, compression %s', async compression => {
    const exporter = createExporter({ protocol, compression });
    const record = logRecord('audit_log-1', {
      body: { id: 'audit_log-1', ip: null, list: [1, 'two', { three: 3.5 }], big: 2 ** 40, negative: -7, nothing: {} },
      attributes: { 'event.name': 'x', 'geo.location.lat': 37.7749, flag: true, scopes: ['a', 'b'] },
    });

    const outcome = await exporter.export([record, logRecord('audit_log-2')], { timeoutMs: 5000, signal: NEVER });

    expect(outcome).toEqual({ kind: 'acknowledged' });
    const request = only(server.requests);
    expect(request.method).toBe('POST');
    expect(request.path).toBe('/v1/logs');
    expect(request.headers['content-encoding']).toBe(compression === 'gzip' ? 'gzip' : undefined);
    expect(request.headers['user-agent']).toMatch(/^collector\/1\.2\.3 OTel-OTLP-Exporter-JavaScript\//);
    expect(request.records.map(received => received.uid)).toEqual(['audit_log-1', 'audit_log-2']);
    expect(request.records[0]).toEqual({
      resource: record.resource,
      scope: { name: 'collector', version: '1.2.3' },
      timeUnixNano: '1767225600000000000',
      observedTimeUnixNano: '1767225601234000000',
      eventName: record.eventName,
      severityNumber: 9,
      body: record.body,
      attributes: record.attributes,
      uid: 'audit_log-1',
    });
  });

  test('a repetition is equal in every byte', async () => {
    const exporter = createExporter({ protocol, compression: 'none' });
    await send(exporter);
    await send(exporter);

    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });

  test('each batch has a connection of its own', async () => {
    const exporter = createExporter({ protocol });
    for (let batch = 0; batch < 5; batch += 1) await send(exporter);

    expect(server.requests.map(request => request.connection)).toEqual([1, 2, 3, 4, 5]);
  });

  test('sizes of single records add up to no less than the batch', async () => {
    const exporter = createExporter({ protocol, compression: 'none' });
    const records = logRecords(50, 'é', { body: { text: 'x'.repeat(200) } });

    await exporter.export(records, { timeoutMs: 5000, signal: NEVER });

    const bound = records.reduce((sum, record) => sum + exporter.sizeOf(record), 0);
    const sent = only(server.requests).body.length;
    expect(sent).toBeLessThanOrEqual(bound);
    expect(sent).toBeGreaterThan(bound / 4);
  });
});

test('more than 128 attributes all arrive', async () => {
  const attributes = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a${index}`, index]));

  await createExporter().export([logRecord('r', { attributes })], { timeoutMs: 5000, signal: NEVER });

  expect(only(server.requests).records[0]?.attributes).toEqual({ 'log.record.uid': 'r', ...attributes });
});

test('an empty batch is not sent', async () => {
  expect(await createExporter().export([], { timeoutMs: 5000, signal: NEVER })).toEqual({ kind: 'acknowledged' });
  expect(server.connections).toBe(0);
});

test.each([
  ['204 without a body (Loki)', { status: 204 }],
  ['an empty 200', { status: 200, body: '' }],
  ['{}', { body: '{}' }],
  ['an empty partial success (Collector)', { body: '{"partialSuccess":{}}' }],
  ['nothing rejected, with a warning', { body: '{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"hm"}}' }],
  ['a chunked body', { body: '{}', headers: { 'transfer-encoding': 'chunked' } }],
])('%s acknowledges', async (_name, answer) => {
  server.answer(answer);

  expect(await send(createExporter())).toEqual({ kind: 'acknowledged' });
});

test.each([
  ['a text', '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"quota"}}'],
  ['a number', '{"partialSuccess":{"rejectedLogRecords":2,"errorMessage":"quota"}}'],
  ['snake case', '{"partial_success":{"rejected_log_records":"2","error_message":"quota"}}'],
])('a partial success with the count as %s is partial', async (_name, body) => {
  server.answer({ body });

  expect(await send(createExporter())).toEqual({ kind: 'partial', rejected: 2, message: 'quota' });
});

test('a partial success in protobuf is partial', async () => {
  const body = Uint8Array.from([0x0a, 0x09, 0x08, 0x02, 0x12, 0x05, ...Buffer.from('quota')]);
  server.answer({ body, headers: { 'content-type': 'application/x-protobuf' } });

  const outcome = await send(createExporter({ protocol: 'http/protobuf' }));

  expect(outcome).toEqual({ kind: 'partial', rejected: 2, message: 'quota' });
});

describe('a 2xx that says nothing about the whole batch is unknown', () => {
  test.each([
    ['cut off by its length', { body: '{', how: 'truncated' as const }],
    ['empty and without a length', { raw: 'HTTP/1.1 200 OK\r\n\r\n', how: 'truncated' as const }],
    ['a page in HTML', { body: '<html>welcome</html>', headers: { 'content-type': 'text/html' } }],
    ['half a JSON', { body: '{"partialSuccess":' }],
    ['no object', { body: '"ok"' }],
    ['a count that is none', { body: '{"partialSuccess":{"rejectedLogRecords":"many"}}' }],
    ['over 1 MiB', { body: `{"x":"${'x'.repeat(2 ** 20)}"}` }],
    ['over 4 MiB', { body: `{"x":"${'x'.repeat(5 * 2 ** 20)}"}` }],
  ])('%s', async (_name, answer) => {
    server.answer(answer);

    expect(await send(createExporter())).toMatchObject({ kind: 'retryable', unknown: true, timedOut: false });
    expect(server.requests).toHaveLength(1);
  });

  test('before the body was sent whole', async () => {
    server.answer({ body: '{}', how: 'early' });
    const records = logRecords(300, 'big', { body: 'x'.repeat(100_000) });

    const outcome = await createExporter({ compression: 'none' }).export(records, { timeoutMs: 5000, signal: NEVER });

    expect(outcome).toMatchObject({ kind: 'retryable', unknown: true, timedOut: false });
    expect(JSON.stringify(outcome)).toMatch(/before the request had been sent whole|the connection was closed/);
  });
});

describe('one attempt is one request', () => {
  test.each([
    ['429 with Retry-After: 0', { status: 429, headers: { 'retry-after': '0' } }],
    ['429', { status: 429 }],
    ['502', { status: 502 }],
    ['503 with Retry-After: 1', { status: 503, headers: { 'retry-after': '1' } }],
    ['504', { status: 504 }],
    ['a reset', { how: 'reset' as const }],
    ['a cut answer', { status: 503, body: 'x', how: 'truncated' as const }],
  ])('%s', async (_name, answer) => {
    server.answer(answer, {});

    const { result: outcome, started, left } = await timersOf(() => send(createExporter()));

    expect(outcome.kind).toBe('retryable');
    expect(server.requests).toHaveLength(1);
    expect(started).toBeGreaterThan(0);
    expect(left).toBe(0);
  });
});

/**
 * The timers that `act` started, and those of them that still keep the process alive: the stock exporter's back-off
 * would be one. Those of the process at large come and go as the test runner likes.
 */
async function timersOf<T>(act: () => Promise<T>) {
  const inside = new AsyncLocalStorage<true>();
  const running = new Map<number, NodeJS.Timeout>();
  let started = 0;
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type !== 'Timeout' || inside.getStore() !== true) return;
      started += 1;
      running.set(id, resource as NodeJS.Timeout);
    },
    destroy: id => void running.delete(id),
  }).enable();
  try {
    const result = await inside.run(true, act);
    await turns();
    return { result, started, left: [...running.values()].filter(timer => timer.hasRef()).length };
  } finally {
    hook.disable();
  }
}

test('status and Retry-After of a 429 are told', async () => {
  server.answer({ status: 429, headers: { 'retry-after': '17' }, body: '{"code":8,"message":"slow down"}' });

  expect(await send(createExporter())).toEqual({
    kind: 'retryable',
    status: 429,
    unknown: false,
    timedOut: false,
    retryAfterMs: 17_000,
    message: `${server.origin} answered 429: slow down`,
  });
});

test("a Retry-After that is a date counts from the answer's own, whatever the clock of this machine says", async () => {
  const clock = createFakeClock({ startMs: Date.UTC(2020, 0, 1) });
  const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:02:00 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' };
  server.answer({ status: 503, headers });

  expect(await send(createExporter({}, clock))).toMatchObject({ retryAfterMs: 120_000 });
});

test('nothing listening is retryable and known', async () => {
  const exporter = createExporter();
  await server.close();

  const outcome = await send(exporter);

  expect(outcome).toEqual({
    kind: 'retryable',
    message: `the backend ${server.logsUrl} cannot be reached (connection refused): start it, or set exporter.endpoint`,
    unknown: false,
    timedOut: false,
  });
  server = await startOtlpServer();
});

test('a name that does not resolve is retryable and known', async () => {
  const outcome = await send(createExporter({ logsUrl: 'http://no-such-host.invalid/v1/logs' }));

  expect(outcome).toMatchObject({ kind: 'retryable', unknown: false, timedOut: false });
});

test('a reset after the request was sent is unknown', async () => {
  server.answer({ how: 'reset' });

  expect(await send(createExporter())).toMatchObject({ kind: 'retryable', unknown: true, timedOut: false });
});

test('a backend that hangs is timed out at the deadline and unknown', async () => {
  const clock = createFakeClock();
  server.answer({ how: 'hang' });
  const outcome = send(createExporter({}, clock), 2, 10_000);
  await expect.poll(() => server.requests.length).toBe(1);

  await clock.advance(9_999);
  expect(clock.sleeping).toBe(1);
  await clock.advance(1);

  expect(await outcome).toEqual({
    kind: 'retryable',
    message: `the backend ${server.logsUrl} gave no answer within 10 s: look at its load and its log`,
    unknown: true,
    timedOut: true,
  });
});

test('an answer that trickles is cut at the deadline', async () => {
  const clock = createFakeClock();
  server.answer({ raw: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{' });
  const outcome = send(createExporter({}, clock));
  await expect.poll(() => server.requests.length).toBe(1);
  await turns();

  await clock.advance(5_000);

  expect(await outcome).toMatchObject({ kind: 'retryable', unknown: true, timedOut: true });
});

test('a slow answer within the deadline counts', async () => {
  server.answer({ delayMs: 120, body: '{}' });

  expect(await send(createExporter())).toEqual({ kind: 'acknowledged' });
});

test('an abort rejects with its reason and closes the connection', async () => {
  const controller = new AbortController();
  server.answer({ how: 'hang' });
  const attempt = createExporter().export(logRecords(1), { timeoutMs: 5000, signal: controller.signal });
  await expect.poll(() => server.requests.length).toBe(1);

  controller.abort(new Error('stopping'));

  await expect(attempt).rejects.toThrow('stopping');
});

test('an abort before the request was made sends nothing', async () => {
  const controller = new AbortController();
  const attempt = createExporter().export(logRecords(1), { timeoutMs: 5000, signal: controller.signal });
  controller.abort(new Error('stopping'));

  await expect(attempt).rejects.toThrow('stopping');
  await turns();
  expect(server.requests).toHaveLength(0);
});

test('attempts at the same time do not mix', async () => {
  server.answerWith(request => ({
    status: request.records[0]?.uid.startsWith('bad') ? 400 : 200,
    body: '{}',
    delayMs: 5,
  }));
  const exporter = createExporter();

  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      exporter.export(logRecords(1, index % 2 ? 'bad' : 'good'), { timeoutMs: 5000, signal: NEVER }),
    ),
  );

  expect(outcomes.map(outcome => outcome.kind)).toEqual(
    outcomes.map((_, index) => (index % 2 ? 'refused' : 'acknowledged')),
  );
});

describe('answers that belong to no request', () => {
  test.each([0, 1, 5, 20])('a stray one %i ms later never acknowledges the next batch', async strayAfterMs => {
    const stray = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
    server.answerWith((_request, index) =>
      index % 2 === 0 ? { body: '{}', stray, strayAfterMs } : { status: 400, body: 'no', delayMs: 25 },
    );
    const exporter = createExporter();
    for (let round = 0; round < 5; round += 1) {
      const answered = await send(exporter);
      // Both in one packet: nobody can tell which of them is ours.
      if (answered.kind !== 'acknowledged') expect(answered).toMatchObject({ kind: 'retryable', unknown: true });
      expect((await send(exporter)).kind).toBe('refused');
    }
  });

  test('of two pipelined ones the first counts', async () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
    const no = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno';
    server.answer({ raw: no + ok }, { raw: ok + no }, { raw: no + ok });
    const exporter = createExporter();

    expect((await send(exporter)).kind).toBe('refused');
    expect((await send(exporter)).kind).toBe('acknowledged');
    expect((await send(exporter)).kind).toBe('refused');
  });

  test('more bytes after an answer that was the last make it unknown', async () => {
    server.answer({ raw: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n' });

    expect(await send(createExporter())).toMatchObject({ kind: 'retryable', unknown: true });
  });

  test('bytes that are no HTTP are unknown', async () => {
    server.answer({ raw: 'SSH-2.0-OpenSSH_9.9\r\n' });

    expect(await send(createExporter())).toMatchObject({ kind: 'retryable', unknown: true });
  });
});

describe('headers', () => {
  const secret = 'Bearer s3cr3t-token-value';

  test('are sent', async () => {
    await send(createExporter({ headers: { Authorization: secret, 'X-Scope-OrgID': 'acme' } }));

    const { headers } = only(server.requests);
    expect(headers).toMatchObject({
      authorization: secret,
      'x-scope-orgid': 'acme',
      'content-type': 'application/json',
    });
  });

  test.each([
    ['as it is', `token ${secret} is wrong`],
    ['its last word', 'token "s3cr3t-token-value" is wrong'],
    ['in JSON', JSON.stringify({ message: `bad ${secret}` })],
    ['in a URL', `see /login?token=${encodeURIComponent(secret)}`],
    ['at the cut', `${'x'.repeat(490)}${secret}`],
  ])('that a backend echoes %s are in no message', async (_name, body) => {
    server.answer({ status: 401, body });

    const outcome = await send(createExporter({ headers: { authorization: secret } }));

    expect(outcome.kind).toBe('misconfigured');
    expect(JSON.stringify(outcome)).not.toMatch(/s3cr/);
  });

  test('of the environment are not added', async () => {
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'x-from-env=1,authorization=env';
    process.env.OTEL_EXPORTER_OTLP_LOGS_HEADERS = 'x-logs-env=1';
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:1';
    process.env.OTEL_EXPORTER_OTLP_COMPRESSION = 'none';
    process.env.OTEL_EXPORTER_OTLP_CERTIFICATE = '/does/not/exist';
    try {
      expect(await send(createExporter({ headers: { authorization: secret } }))).toEqual({ kind: 'acknowledged' });
    } finally {
      for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
    }
    const { headers } = only(server.requests);
    expect(headers.authorization).toBe(secret);
    expect(headers['content-encoding']).toBe('gzip');
    expect(Object.keys(headers).filter(name => name.startsWith('x-'))).toEqual([]);
  });

  test.each([
    ['content-length', '5', /exporter\.headers\.content-length: is set by the collector itself/],
    ['bad name', 'x', /exporter\.headers\.bad name: is no name/],
    ['x-key', 'line\nbreak-s3cr3t', /exporter\.headers\.x-key: has a value/],
  ])('that cannot be sent stop the start: %s', (name, value, message) => {
    const create = () => createExporter({ headers: { [name]: value } });
    expect(create).toThrow(message);
    expect(create).not.toThrow(/s3cr3t/);
  });
});

test('credentials in the URL are in no message', async () => {
  const logsUrl = server.logsUrl.replace('http://', 'http://user:pa55word@').concat('?key=qu3ry-key');
  server.answer({ status: 403, body: 'user:pa55word with qu3ry-key may not' });

  const outcome = await send(createExporter({ logsUrl }));

  expect(outcome.kind).toBe('misconfigured');
  expect(JSON.stringify(outcome)).not.toMatch(/pa55word|qu3ry-key/);
});

test('credentials in the URL are in no message about a backend that cannot be reached', async () => {
  const logsUrl = server.logsUrl.replace('http://', 'http://user:pa55word@').concat('?key=qu3ry-key');
  server.answer({ how: 'reset' });

  expect(await send(createExporter({ logsUrl }))).toMatchObject({
    message: `the backend ${server.logsUrl} gave no answer (the connection was closed): look at its log, and at that of a proxy between`,
  });
});
