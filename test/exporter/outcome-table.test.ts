import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createDelivery } from '../../src/exporter/delivery.ts';
import type { DeliveryEvent } from '../../src/exporter/delivery-event.ts';
import { createOtlpExporter, type OtlpExporter } from '../../src/exporter/otlp.ts';
import type { LogRecord } from '../../src/record.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { logRecord, logRecords } from '../support/log-record.ts';
import { type OtlpServer, type ReceivedRequest, type ScriptedAnswer, startOtlpServer } from '../support/otlp-server.ts';

/** Every row of the table, from the wire to the verdicts: a real server, the real exporter, waits on fake time. */
describe.each(['http/json', 'http/protobuf'] as const)('over %s', protocol => {
  const NEVER = new AbortController().signal;
  let server: OtlpServer;
  let exporter: OtlpExporter;
  let events: DeliveryEvent[];

  beforeEach(async () => {
    events = [];
    server = await startOtlpServer();
    exporter = createOtlpExporter(
      {
        logsUrl: server.logsUrl,
        protocol,
        compression: 'gzip',
        timeoutMs: 5000,
        headers: {},
        tls: {},
        batch: { maxRecords: 100, maxBytes: 100_000 },
      },
      { name: 'collector', version: '1', clock: systemClock },
    );
  });

  afterEach(async () => {
    await exporter.shutdown();
    await server.close();
  });

  const deliver = async (records: LogRecord[], timeoutMs = 5000) => {
    const delivery = createDelivery(exporter, {
      clock: createFakeClock({ auto: true }),
      random: Math.random,
      timeoutMs,
      onEvent: event => void events.push(event),
      limits: { maxRecords: 100, maxBytes: 100_000 },
      sizeOf: exporter.sizeOf,
    });
    return (await delivery.deliver(records, NEVER)).map(verdict => verdict.fate);
  };
  const uids = (request: ReceivedRequest) => request.records.map(record => record.uid);
  const has = (request: ReceivedRequest, uid: string) => uids(request).includes(uid);
  const isProbe = (request: ReceivedRequest) => request.records[0]?.eventName === 'openai.collector.probe';
  const all = (fate: string, count: number) => Array.from({ length: count }, () => fate);

  test('success is acknowledged', async () => {
    expect(await deliver(logRecords(7))).toEqual(all('acknowledged', 7));
    expect(server.requests.flatMap(uids)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
  });

  test('a partial success parks the batch', async () => {
    const body =
      protocol === 'http/json'
        ? '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"quota"}}'
        : Uint8Array.from([0x0a, 0x02, 0x08, 0x02]);
    server.answer({
      body,
      headers: { 'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf' },
    });

    expect(await deliver(logRecords(3))).toEqual(all('parked', 3));
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, ScriptedAnswer]>([
    ['400', { status: 400, body: 'max entry size exceeded' }],
    ['413', { status: 413, body: 'too large' }],
    ['422', { status: 422 }],
    ['the text of a 500', { status: 500, body: '{"code":2,"message":"responded with HTTP Status Code 413"}' }],
  ])('%s: the record at fault alone is parked', async (_name, refusal) => {
    server.answerWith(request => (has(request, 'r4') ? refusal : { body: '{}' }));

    const fates = await deliver(logRecords(10));

    expect(fates).toEqual(fates.map((_, index) => (index === 4 ? 'parked' : 'acknowledged')));
    expect(server.requests.filter(isProbe)).toHaveLength(1);
    expect(server.requests.find(isProbe)?.records[0]).toMatchObject({
      resource: { 'service.instance.id': 'acme/organization/live/probe' },
      timeUnixNano: '1767225604000000000',
    });
  });

  test('a way at fault parks nothing', async () => {
    server.answerWith((_request, index) => (index < 20 ? { status: 400, body: 'no' } : { body: '{}' }));

    expect(await deliver(logRecords(10))).toEqual(all('acknowledged', 10));
    expect(events.map(event => event.kind)).toContain('held');
  });

  test.each<[string, ScriptedAnswer]>([
    ['too old', { status: 400, body: 'has timestamp too old: 2024' }],
    ['too far behind', { status: 400, body: 'entry too far behind' }],
    ['no schema', { status: 503, body: 'no schema config found for time 1' }],
  ])('%s: the records concerned are set aside', async (_name, refusal) => {
    server.answerWith(request => (uids(request).some(uid => Number(uid.slice(1)) < 3) ? refusal : { body: '{}' }));

    expect(await deliver(logRecords(8))).toEqual([...all('aside', 3), ...all('acknowledged', 5)]);
    expect(events.find(event => event.kind === 'aside')).toMatchObject({
      message: expect.stringContaining('start_from'),
    });
  });

  test.each([301, 401, 403, 404, 405, 415, 418])('%i holds until a person acted', async status => {
    server.answerWith((_request, index) => (index < 5 ? { status, body: 'no' } : { body: '{}' }));

    expect(await deliver(logRecords(4))).toEqual(all('acknowledged', 4));
    expect(events.map(event => event.kind)).toEqual(['held', 'released', 'acknowledged']);
    expect(server.requests.every(request => request.records.length === 4)).toBe(true);
  });

  test.each([
    'Client sent an HTTP request to an HTTPS server.',
    'content type: text/plain is not supported',
    'unsupported content encoding br: only gzip, lz4 and zstd are supported',
    'stream {} includes structured metadata, but this feature is disallowed',
    "stream '{}' has 16 label names; limit 15",
  ])('400 %s: the configuration is at fault, and no record is looked for', async body => {
    server.answerWith((_request, index) => (index < 5 ? { status: 400, body } : { body: '{}' }));

    expect(await deliver(logRecords(4))).toEqual(all('acknowledged', 4));
    expect(events.map(event => event.kind)).toEqual(['held', 'released', 'acknowledged']);
    expect(server.requests.every(request => request.records.length === 4)).toBe(true);
  });

  test.each([429, 500, 503])('%i for ever to what is too large: it goes in parts', async status => {
    server.answerWith(request => (request.records.length > 3 ? { status } : { body: '{}' }));

    expect(await deliver(logRecords(12))).toEqual(all('acknowledged', 12));
  });

  test('503 for ever to one record while probes pass: it is parked', async () => {
    server.answerWith(request => (has(request, 'r1') ? { status: 503, body: 'larger than max' } : { body: '{}' }));

    expect(await deliver(logRecords(3))).toEqual(['acknowledged', 'parked', 'acknowledged']);
  });

  test.each<[string, ScriptedAnswer]>([
    ['408', { status: 408 }],
    ['429', { status: 429, headers: { 'retry-after': '5' } }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
    ['a reset', { how: 'reset' }],
    ['a truncated 2xx', { body: '{', how: 'truncated' }],
    ['an unreadable 2xx', { body: 'welcome' }],
  ])('%s is tried again until it works', async (_name, failure) => {
    server.answerWith((_request, index) => (index < 2 ? failure : { body: '{}' }));

    expect(await deliver(logRecords(4))).toEqual(all('acknowledged', 4));
    expect(server.requests.map(request => request.records.length)).toEqual([4, 4, 4]);
    expect(new Set(server.requests.map(request => request.body.toString('base64'))).size).toBe(1);
  });

  test('a batch that is timed out goes in halves', async () => {
    server.answerWith(request => (request.records.length > 2 ? { how: 'hang' } : { body: '{}' }));

    expect(await deliver(logRecords(4), 150)).toEqual(all('acknowledged', 4));
    expect(server.requests.map(request => request.records.length)).toEqual([4, 2, 2]);
  });

  test('a batch over the limit of bytes is never sent whole; one record over it goes alone', async () => {
    const large = (uid: string, bytes: number) => logRecord(uid, { body: 'x'.repeat(bytes) });

    await deliver([large('a', 60_000), large('b', 60_000), large('c', 300_000), large('d', 10), large('e', 10)]);

    expect(server.requests.map(uids)).toEqual([['a'], ['b'], ['c'], ['d', 'e']]);
  });
});
