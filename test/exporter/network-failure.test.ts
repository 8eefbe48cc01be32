import { expect, test } from 'vitest';
import { classifyFailure, classifyTimeout, type Reached } from '../../src/exporter/network-failure.ts';
import { createRedact } from '../../src/exporter/redact.ts';

const backend = { shownUrl: 'http://otel.example.com:4318/v1/logs', redact: createRedact(['s3cr3t-token']) };
const failure = (code: string, text = `something ${code}`) => Object.assign(new Error(text), { code });

test.each<[string, Reached, string]>([
  ['ECONNREFUSED', 'nothing', 'cannot be reached (connection refused): start it, or set exporter.endpoint'],
  ['ENOTFOUND', 'nothing', 'cannot be reached (its name is not known): set exporter.endpoint to a name that resolves'],
  [
    'EAI_AGAIN',
    'nothing',
    'cannot be reached (its name cannot be looked up): check the network and its name service (DNS)',
  ],
  ['EHOSTUNREACH', 'nothing', 'cannot be reached (no route to it): check exporter.endpoint and the network'],
  [
    'ETIMEDOUT',
    'nothing',
    'cannot be reached (no connection in time): start it, or check exporter.endpoint, the network and firewalls',
  ],
  [
    'ECONNRESET',
    'nothing',
    'cannot be reached (the connection was closed before it stood): check exporter.endpoint (http:// or https://) and what stands between',
  ],
  ['EODD', 'nothing', 'cannot be reached (something EODD): check exporter.endpoint and the network'],
  [
    'ECONNRESET',
    'connected',
    'gave no answer (the connection was closed): look at its log, and at that of a proxy between',
  ],
  ['ETIMEDOUT', 'connected', 'gave no answer (the connection broke off): check the network'],
  [
    'HPE_INVALID_CONSTANT',
    'connected',
    'gave no answer (what it sends is not HTTP): check exporter.endpoint (OTLP over HTTP usually has port 4318; 4317 is gRPC)',
  ],
  ['EODD', 'connected', 'gave no answer (something EODD): look at its log, and at that of a proxy between'],
])('%s with %s reached is said in words, with what to do', (code, reached, words) => {
  expect(classifyFailure(failure(code), reached, backend)).toEqual({
    kind: 'retryable',
    message: `the backend http://otel.example.com:4318/v1/logs ${words}`,
    unknown: reached === 'connected',
    timedOut: false,
  });
});

test('several addresses that refuse are said as one', () => {
  const both = Object.assign(new AggregateError([failure('ECONNREFUSED'), failure('ECONNREFUSED')]), {
    code: 'ECONNREFUSED',
  });

  expect(classifyFailure(both, 'nothing', backend)).toMatchObject({
    message: expect.stringContaining('(connection refused)'),
  });
});

test('an untrusted certificate is for a person', () => {
  expect(classifyFailure(failure('DEPTH_ZERO_SELF_SIGNED_CERT'), 'nothing', backend)).toEqual({
    kind: 'misconfigured',
    message:
      "the backend http://otel.example.com:4318/v1/logs: something DEPTH_ZERO_SELF_SIGNED_CERT \u2014 the backend's certificate is not signed by a known CA: name the CA's file in exporter.tls.ca_file",
  });
});

test.each<Reached>(['nothing', 'connected'])('secrets in the words of an error are hidden, %s reached', reached => {
  const outcome = classifyFailure(failure('EODD', 'bad s3cr3t-token'), reached, backend);

  expect(outcome).toMatchObject({ message: expect.stringContaining('(bad [redacted] (EODD))') });
});

test('a deadline says whether there was a connection', () => {
  expect(classifyTimeout(10_000, 'nothing', backend)).toEqual({
    kind: 'retryable',
    message:
      'the backend http://otel.example.com:4318/v1/logs cannot be reached (no connection within 10 s): start it, or check exporter.endpoint, the network and firewalls',
    unknown: false,
    timedOut: true,
  });
  expect(classifyTimeout(10_000, 'connected', backend)).toEqual({
    kind: 'retryable',
    message:
      'the backend http://otel.example.com:4318/v1/logs gave no answer within 10 s: look at its load and its log',
    unknown: true,
    timedOut: true,
  });
});
