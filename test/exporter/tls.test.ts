import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExporterConfig } from '../../src/config/config.ts';
import { EXIT } from '../../src/errors.ts';
import { createOtlpExporter } from '../../src/exporter/otlp.ts';
import { logRecords } from '../support/log-record.ts';
import { type OtlpServer, startOtlpServer, tlsFixture } from '../support/otlp-server.ts';

const NEVER = new AbortController().signal;
const CA = tlsFixture('ca.pem');
const CLIENT = { certFile: tlsFixture('client.pem'), keyFile: tlsFixture('client.key') };

let server: OtlpServer | undefined;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

function create(logsUrl: string, tls: ExporterConfig['tls']) {
  return createOtlpExporter(
    {
      logsUrl,
      protocol: 'http/json',
      compression: 'gzip',
      timeoutMs: 5000,
      headers: {},
      tls,
      batch: { maxRecords: 100, maxBytes: 1_000_000 },
    },
    { name: 'collector', version: '1' },
  );
}

async function send(logsUrl: string, tls: ExporterConfig['tls'], records = logRecords(3)) {
  const exporter = create(logsUrl, tls);
  try {
    return await exporter.export(records, { timeoutMs: 5000, signal: NEVER });
  } finally {
    await exporter.shutdown();
  }
}

test('a certificate of the named CA is trusted', async () => {
  server = await startOtlpServer({ tls: { certificate: 'server' } });

  expect(await send(server.logsUrl, { caFile: CA })).toEqual({ kind: 'acknowledged' });
  expect(server.requests).toHaveLength(1);
});

test('a slow answer and a large batch pass through TLS', async () => {
  server = await startOtlpServer({ tls: { certificate: 'server' } });
  server.answer({ delayMs: 100, body: '{}' }, { body: '{}' });
  const exporter = create(server.logsUrl, { caFile: CA });
  const large = logRecords(60, 'big', { body: Buffer.alloc(50_000, 'x').toString() });

  for (let round = 0; round < 5; round += 1) {
    expect(await exporter.export(large, { timeoutMs: 5000, signal: NEVER })).toEqual({ kind: 'acknowledged' });
  }
  await exporter.shutdown();
});

test('mTLS presents the client certificate', async () => {
  server = await startOtlpServer({ tls: { certificate: 'server', clientCa: true } });

  expect(await send(server.logsUrl, { caFile: CA, ...CLIENT })).toEqual({ kind: 'acknowledged' });
});

test('plain HTTP to a port that closes on it is retried', async () => {
  server = await startOtlpServer({ tls: { certificate: 'server' } });

  expect(await send(server.logsUrl.replace('https:', 'http:'), {})).toMatchObject({ kind: 'retryable', unknown: true });
});

describe('is for a person', () => {
  test('an unknown CA', async () => {
    server = await startOtlpServer({ tls: { certificate: 'server' } });

    expect(await send(server.logsUrl, {})).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('exporter.tls.ca_file'),
    });
    expect(server.requests).toEqual([]);
  });

  test('a certificate for another name', async () => {
    server = await startOtlpServer({ tls: { certificate: 'elsewhere' } });

    expect(await send(server.logsUrl, { caFile: CA })).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('for another name'),
    });
  });

  test('TLS to a plain port', async () => {
    server = await startOtlpServer();

    expect(await send(server.logsUrl.replace('http:', 'https:'), {})).toMatchObject({
      kind: 'misconfigured',
      message: expect.stringContaining('write http:// in exporter.endpoint'),
    });
  });

  test('a client certificate that the backend wants and does not get', async () => {
    server = await startOtlpServer({ tls: { certificate: 'server', clientCa: true } });

    const outcome = await send(server.logsUrl, { caFile: CA });

    // TLS 1.3 tells it after the handshake, where a reset may overtake it.
    if (outcome.kind !== 'retryable') {
      expect(outcome).toMatchObject({
        kind: 'misconfigured',
        message: expect.stringMatching(/alert certificate required .*exporter\.tls\.cert_file/),
      });
    }
    expect(server.requests).toEqual([]);
  });
});

describe('stops the start', () => {
  const garbage = () => {
    const file = join(folder, 'garbage.pem');
    writeFileSync(file, 'not PEM\n');
    return file;
  };
  const damaged = () => {
    const file = join(folder, 'damaged.pem');
    writeFileSync(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    return file;
  };

  test.each<[string, () => ExporterConfig['tls'], RegExp]>([
    [
      'a missing file',
      () => ({ caFile: '/no/such/ca.pem' }),
      /^exporter\.tls\.ca_file: cannot read \/no\/such\/ca\.pem \(ENOENT\)/,
    ],
    ['a folder', () => ({ caFile: folder }), /^exporter\.tls\.ca_file: cannot read .* \(EISDIR\)/],
    [
      'a file without a certificate',
      () => ({ caFile: garbage() }),
      /^exporter\.tls\.ca_file: .*garbage\.pem holds no certificate/,
    ],
    ['a damaged certificate', () => ({ caFile: damaged() }), /^exporter\.tls\.ca_file: .*damaged\.pem holds a damaged/],
    ['a certificate without its key', () => ({ certFile: CLIENT.certFile }), /^exporter\.tls\.key_file: is missing/],
    ['a key without its certificate', () => ({ keyFile: CLIENT.keyFile }), /^exporter\.tls\.cert_file: is missing/],
    [
      'a file without a key',
      () => ({ ...CLIENT, keyFile: garbage() }),
      /^exporter\.tls\.key_file: .*garbage\.pem holds no readable/,
    ],
    [
      'a key of another certificate',
      () => ({ ...CLIENT, keyFile: tlsFixture('server.key') }),
      /^exporter\.tls\.key_file: .* is not the private key of/,
    ],
  ])('%s', (_name, tls, message) => {
    expect(() => create('https://127.0.0.1/v1/logs', tls())).toThrow(
      expect.objectContaining({ name: 'ExitError', exitCode: EXIT.usage, message: expect.stringMatching(message) }),
    );
  });
});
