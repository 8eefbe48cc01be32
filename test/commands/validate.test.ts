import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cli } from '../../src/cli.ts';
import { tlsFixture } from '../support/otlp-server.ts';

const KEY = 'sk-admin-very-secret-key';
const TOKEN = 'Bearer very-secret-token';

async function run(text: string, ...options: readonly string[]) {
  const path = join(await mkdtemp(join(tmpdir(), 'validate-')), 'config.yaml');
  await writeFile(path, text);
  const written = { out: '', err: '' };
  const io = {
    stdout: { write: (chunk: string) => (written.out += chunk) },
    stderr: { write: (chunk: string) => (written.err += chunk) },
    env: { ACME_KEY: KEY, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://backend.example.com:4318' },
    signal: new AbortController().signal,
  };
  const code = await cli(['validate', '--config', path, ...options], io);
  return { code, path, ...written };
}

describe('validate', () => {
  it('says in one line what a valid configuration will do', async () => {
    const { code, out, path } = await run(`organizations: [{ name: acme, admin_key: "\${env:ACME_KEY}" }]`);
    expect(out).toBe(`${path} is valid: it collects acme for http://backend.example.com:4318/v1/logs\n`);
    expect(code).toBe(0);
  });

  it('names every problem with its key, line and column, what is accepted, and what was meant', async () => {
    const { code, err, path } = await run(
      [
        'organizations:',
        `  - admin_key: \${env:ACME_KEY}`,
        '    audit_logs: { poll_intervall: 30s, settle: 3h }',
        'exporter: { protocol: grpc }',
      ].join('\n'),
    );
    expect(code).toBe(2);
    expect(err).toContain(`${path} has 3 problems:`);
    expect(err).toMatch(/3:\d+ +organizations\[0\]\.audit_logs\.poll_intervall: .*did you mean `poll_interval`\?/);
    expect(err).toMatch(/3:\d+ +organizations\[0\]\.audit_logs\.settle: "3h" is too much; at most 30m/);
    expect(err).toMatch(/4:\d+ +exporter\.protocol: "grpc" is not spoken by this collector/);
  });

  it('opens the files that `run` would open', async () => {
    const { code, err } = await run(
      `{ organizations: [{ admin_key: "\${env:ACME_KEY}" }], enrichment: { geoip: { databases: [/nowhere.mmdb] } } }`,
    );
    expect([code, err]).toEqual([2, expect.stringContaining('/nowhere.mmdb cannot be used: there is no such file')]);
    const [cert, key] = [tlsFixture('client.pem'), tlsFixture('server.key')];
    const tls = await run(
      `{ organizations: [{ admin_key: "\${env:ACME_KEY}" }], exporter: { tls: { cert_file: ${cert}, key_file: ${key} } } }`,
    );
    expect([tls.code, tls.err]).toEqual([2, expect.stringContaining('is not the private key of')]);
  });

  it('prints the configuration with defaults, variables and references, and no secret', async () => {
    const { code, out } = await run(
      [
        `organizations: [{ name: acme, admin_key: "\${env:ACME_KEY}" }]`,
        `exporter: { headers: { authorization: "${TOKEN}" }, logs_endpoint: "https://example.com/v1/logs?token=hush" }`,
        'resource: { attributes: { deployment.environment.name: test } }',
      ].join('\n'),
      '--print',
    );
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({
      organizations: [{ name: 'acme', admin_key: '[hidden]', audit_logs: { poll_interval: '30s', start_from: '30d' } }],
      exporter: {
        headers: { authorization: '[hidden]' },
        logs_endpoint: 'https://example.com/v1/logs?[hidden]',
        timeout: '10s',
      },
      resource: { attributes: { 'deployment.environment.name': 'test' } },
    });
    for (const secret of [KEY, 'very-secret', 'hush']) expect(out).not.toContain(secret);
  });
});
