import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/exporter/answer.ts';
import { classify } from '../../src/exporter/classify.ts';
import { createRedact } from '../../src/exporter/redact.ts';

function answered(status: number, body: string | Uint8Array = '', changes: Partial<Answer> = {}) {
  const answer: Answer = {
    status,
    body: Buffer.from(body),
    contentType: 'application/json',
    retryAfter: undefined,
    complete: true,
    early: false,
    oversized: false,
    ...changes,
  };
  return classify(answer, { protocol: 'http/json', redact: createRedact([]), nowMs: 0 });
}

/** Loki answers with the protobuf of a google.rpc.Status that has only a message. */
function lokiBody(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest >= 128 ? (rest % 128) + 128 : rest);
    if (rest < 128) break;
  }
  return Uint8Array.from([0x12, ...length, ...bytes]);
}

const collector = (status: number, text: string) =>
  JSON.stringify({
    code: 2,
    message: `rpc error: code = Unknown desc = error exporting items, request to http://loki:3100/otlp/v1/logs responded with HTTP Status Code ${status}, Message=${text}, Details=[]`,
  });

describe('by status', () => {
  test.each([
    [400, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
    [301, 'misconfigured'],
    [307, 'misconfigured'],
    [401, 'misconfigured'],
    [402, 'misconfigured'],
    [403, 'misconfigured'],
    [404, 'misconfigured'],
    [405, 'misconfigured'],
    [407, 'misconfigured'],
    [410, 'misconfigured'],
    [415, 'misconfigured'],
    [431, 'misconfigured'],
    [999, 'misconfigured'],
    [408, 'retryable'],
    [429, 'retryable'],
    [500, 'retryable'],
    [501, 'retryable'],
    [502, 'retryable'],
    [503, 'retryable'],
    [504, 'retryable'],
    [599, 'retryable'],
  ])('%i is %s', (status, kind) => {
    expect(answered(status).kind).toBe(kind);
  });

  test.each([
    [408, true],
    [429, false],
    [500, true],
    [502, true],
    [503, false],
    [504, true],
  ])('after a %i the outcome is unknown: %s', (status, unknown) => {
    expect(answered(status)).toMatchObject({ kind: 'retryable', status, unknown, timedOut: false });
  });
});

describe("Loki's texts", () => {
  test.each([
    [
      400,
      'entry for stream \'{service_name="openai-audit"}\' has timestamp too old: 2024-07-12T17:09:50Z, oldest acceptable timestamp is: 2026-11-15T00:00:00Z',
      'too_old',
      /reject_old_samples.*start_from/,
    ],
    [
      400,
      "entry with timestamp 2026-11-20 ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-20T00:00:00Z, oldest acceptable timestamp is: 2026-11-22T00:00:00Z', user 'fake', total ignored: 1 out of 2",
      'too_old',
      /max_chunk_age.*start_from/,
    ],
    [
      503,
      'failed to create stream: no schema config found for time 1577836800',
      'too_old',
      /schema_config.*start_from/,
    ],
    [
      400,
      "max entry size '262144' bytes exceeded for stream '{}' while adding an entry with length '262145' bytes",
      'refused',
      /max entry size/,
    ],
    [400, "has structured metadata too large: '65732' bytes, limit: '65536' bytes", 'refused', /too large/],
    [400, 'has timestamp too new: 2026-11-23T00:00:00Z', 'too_new', /too new.*creation_grace_period/],
    [400, 'ReadObject: expect { or , or } or n, but found 1e+21', 'refused', /ReadObject/],
    [422, 'error at least one valid stream is required for ingestion', 'refused', /valid stream/],
    [413, 'request body too large', 'refused', /too large/],
    [400, 'content type: text/plain is not supported', 'misconfigured', /exporter\.protocol/],
    [
      400,
      'unsupported content encoding br: only gzip, lz4 and zstd are supported',
      'misconfigured',
      /exporter\.compression/,
    ],
    [
      400,
      'stream {} includes structured metadata, but this feature is disallowed. Please see limits_config.allow_structured_metadata',
      'misconfigured',
      /allow_structured_metadata/,
    ],
    [400, "stream '{}' has 16 label names; limit 15", 'misconfigured', /max_label_names_per_series/],
    [401, 'no org id', 'misconfigured', /exporter\.headers/],
    [503, 'grpc: received message larger than max (5917559 vs. 4194304)', 'retryable', /larger than max/],
    [
      429,
      "ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '70' lines totaling '7013710' bytes",
      'retryable',
      /rate limit/,
    ],
  ])('%i %s', (status, text, kind, message) => {
    const outcome = answered(status, lokiBody(text), { contentType: 'application/octet-stream' });

    expect(outcome.kind).toBe(kind);
    expect(outcome).toMatchObject({ message: expect.stringMatching(message) });
    expect(outcome).toMatchObject({ message: expect.stringContaining(`answered ${status}: ${text.slice(0, 40)}`) });
  });

  test('a long one with a sentence for each record is found to be too old, and shortened', () => {
    const text = "entry for stream '{}' has timestamp too old: 2024-07-12T17:09:50Z; ".repeat(900);
    const outcome = answered(400, lokiBody(text), { contentType: 'application/octet-stream' });

    expect(outcome.kind).toBe('too_old');
    const message = 'message' in outcome ? outcome.message : '';
    expect(message.length).toBeLessThan(800);
    expect(message).toMatch(/start_from/);
  });
});

describe("a Collector's texts", () => {
  test.each([400, 413, 422])('a 500 that was a %i is refused', status => {
    expect(answered(500, collector(status, 'too big'))).toMatchObject({ kind: 'refused', status });
  });

  test.each([
    [408, 'retryable'],
    [500, 'retryable'],
    [501, 'retryable'],
    [404, 'misconfigured'],
  ])('a 500 that was a %i is %s', (status, kind) => {
    expect(answered(500, collector(status, 'x')).kind).toBe(kind);
  });

  test('what Loki calls too old is so behind a Collector too', () => {
    expect(answered(500, collector(400, 'has timestamp too old: 2024')).kind).toBe('too_old');
    expect(answered(400, collector(400, 'entry too far behind')).kind).toBe('too_old');
    expect(answered(503, collector(503, 'no schema config found for time 1')).kind).toBe('too_old');
  });

  test.each([
    [
      '400 Client sent an HTTP request to an HTTPS server.',
      400,
      'Client sent an HTTP request to an HTTPS server.\n',
      /https:\/\//,
    ],
    ['400 unsupported encoding', 400, 'unsupported Content-Encoding: br', /compression/],
    [
      '401',
      401,
      '{"code":16,"message":"missing or empty authorization header"}',
      /authorization header.*exporter\.headers/,
    ],
    ['404', 404, '404 page not found\n', /exporter\.endpoint/],
    ['415', 415, '415 unsupported media type, supported: [application/json, application/x-protobuf]', /protocol/],
  ])('%s is for a person', (_name, status, body, message) => {
    expect(answered(status, body)).toMatchObject({ kind: 'misconfigured', message: expect.stringMatching(message) });
  });

  test.each([
    ['400 over its size limit', 400, '{"code":3,"message":"http: request body too large"}', 'refused'],
    ['503 queue full', 503, '{"code":14,"message":"sending queue is full"}', 'retryable'],
    [
      '503 backend down',
      503,
      '{"code":14,"message":"dial tcp 127.0.0.1:3100: connect: connection refused"}',
      'retryable',
    ],
  ])('%s', (_name, status, body, kind) => {
    expect(answered(status, body).kind).toBe(kind);
  });

  test.each([
    ['17s', 17_000],
    ['1m0s', 60_000],
    ['1h2m3s', 3_723_000],
  ])('its Throttle (%s) is a Retry-After', (text, ms) => {
    const body = JSON.stringify({ code: 8, message: `Throttle (${text}), error: rpc error` });
    expect(answered(429, body)).toMatchObject({ retryAfterMs: ms });
  });
});

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 1969 23:00:00 GMT', 0],
  ])('%s', (retryAfter, ms) => {
    expect(answered(503, '', { retryAfter })).toMatchObject({ retryAfterMs: ms });
  });

  test.each(['', 'soon', '-5x'])('that says nothing usable (%s) is none', retryAfter => {
    expect(answered(503, '', { retryAfter })).not.toHaveProperty('retryAfterMs');
  });
});

test('a text has no control characters and no line breaks', () => {
  expect(answered(403, 'a\u001b[31mb\r\nc\u0000d')).toMatchObject({
    message: expect.stringContaining('answered 403: a [31mb c d'),
  });
});
