import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { EXIT, ExitError } from '../../src/errors.ts';

const KEY = 'sk-admin-0123456789';

type Env = Readonly<Record<string, string>>;

/** `files` by path; everything else cannot be read. */
function load(yaml: string | undefined, env: Env = { OPENAI_ADMIN_KEY: KEY }, files: Env = {}) {
  const all: Env = yaml === undefined ? files : { ...files, 'x.yaml': yaml };
  const readFile = async (path: string) => {
    const text = all[path];
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return text;
  };
  return loadConfig({ path: yaml === undefined ? undefined : 'x.yaml', env, readFile });
}

async function problems(yaml: string | undefined, env?: Env): Promise<readonly string[]> {
  const error = await load(yaml, env).catch((reason: unknown) => reason);
  if (!(error instanceof ExitError)) throw new Error('no problem was found');
  return error.message
    .split('\n')
    .slice(1)
    .map(line => line.trim());
}

const ORGANIZATION = 'organizations: [{ name: acme }]\n';

describe('a configuration', () => {
  it('needs no file when the admin key is in the environment', async () => {
    const { config, warnings } = await load(undefined);
    expect(config.organizations.map(({ name, adminKey, baseUrl }) => [name, adminKey, baseUrl])).toEqual([
      ['default', KEY, 'https://api.openai.com/v1'],
    ]);
    expect(warnings).toEqual([]);
  });

  it('says both ways when there is neither file nor key', async () => {
    const message =
      'The environment has 1 problem:\n' +
      '  no organization to read; name a configuration file with --config FILE, or set OPENAI_ADMIN_KEY';
    for (const env of [{}, { OPENAI_ADMIN_KEY: '' }]) {
      await expect(load(undefined, env)).rejects.toMatchObject({ exitCode: EXIT.usage, message });
    }
  });

  it('names the file that cannot be read', async () => {
    const readFile = () => Promise.reject(Object.assign(new Error('x'), { code: 'EACCES' }));
    await expect(loadConfig({ path: 'a/b.yaml', env: {}, readFile })).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: 'The configuration file a/b.yaml cannot be read: permission denied.',
    });
  });

  it('holds what the person wrote, in the units of the program', async () => {
    const yaml = `
organizations:
  - name: acme
    id: org-abc
    admin_key: \${file:/run/secrets/key}
    base_url: https://eu.api.openai.com/v1/
    audit_logs:
      enabled: false
      streams: [tenant]
      poll_interval: 1m30s
      settle: 250s
      start_from: 2026-01-31T01:00:00+01:00
      reverify: [{ last: 2d, every: 1h30m }]
      exclude_types: [login.succeeded]
    inventory: { enabled: false, interval: 2h, exclude: [limits, spend] }
exporter:
  endpoint: http://loki:3100/otlp/
  protocol: http/protobuf
  compression: none
  timeout: 1500ms
  headers: { X-Scope-OrgID: "1", Authorization: "Bearer \${env:TOKEN}" }
  tls: { ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem }
  batch: { max_records: 50, max_bytes: 500KB }
records:
  body: summary
  severity: { login.failed: error, logout.failed: 3 }
  privacy: { user.email: hash, client.address: truncate, openai.audit.details.data.email: drop }
  privacy_key: \${file:/run/secrets/privacy}
enrichment: { geoip: { databases: [city.mmdb, asn.mmdb] } }
resource: { attributes: { deployment.environment.name: production, empty: "" } }
storage: { path: /var/lib/state.db }
telemetry: { logs: { level: debug, format: json }, metrics: { prometheus: off, otlp: true } }
health: { endpoint: "[::1]:0", show_events: true }
`;
    const files = {
      '/run/secrets/privacy': '0123456789abcdef',
      '/run/secrets/key': `${KEY}\n`,
      'ca.pem': 'a',
      'cert.pem': 'b',
      'key.pem': 'c',
    };
    const { config } = await load(yaml, { TOKEN: 't' }, files);
    expect(config).toEqual({
      organizations: [
        {
          name: 'acme',
          id: 'org-abc',
          adminKey: KEY,
          baseUrl: 'https://eu.api.openai.com/v1',
          allowPrivateAddress: false,
          auditLogs: {
            enabled: false,
            streams: ['tenant'],
            pollIntervalMs: 90_000,
            settleMs: 250_000,
            startFrom: { text: '2026-01-31T01:00:00+01:00', kind: 'instant', atMs: Date.UTC(2026, 0, 31) },
            reverify: [{ lastMs: 172_800_000, everyMs: 5_400_000 }],
            excludeTypes: ['login.succeeded'],
          },
          inventory: { enabled: false, intervalMs: 7_200_000, exclude: ['limits', 'spend'] },
        },
      ],
      exporter: {
        logsUrl: 'http://loki:3100/otlp/v1/logs',
        protocol: 'http/protobuf',
        compression: 'none',
        timeoutMs: 1_500,
        headers: { 'X-Scope-OrgID': '1', Authorization: 'Bearer t' },
        tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
        batch: { maxRecords: 50, maxBytes: 500_000 },
      },
      records: {
        body: 'summary',
        severity: { 'login.failed': 17, 'logout.failed': 3 },
        privacy: {
          rules: { 'user.email': 'hash', 'client.address': 'truncate', 'openai.audit.details.data.email': 'drop' },
          key: '0123456789abcdef',
        },
      },
      enrichment: { geoip: { databases: ['city.mmdb', 'asn.mmdb'] } },
      resourceAttributes: { 'deployment.environment.name': 'production', empty: '' },
      storage: { path: '/var/lib/state.db' },
      telemetry: {
        logs: { level: 'debug', format: 'json' },
        metrics: { prometheus: undefined, otlpUrl: 'http://loki:3100/otlp/v1/metrics' },
      },
      health: { endpoint: { host: '::1', port: 0 }, showEvents: true },
    });
  });

  it('cannot be changed, at any depth', async () => {
    const { config } = await load(ORGANIZATION);
    const open: unknown[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) open.push(value);
      Object.values(value).forEach(visit);
    };
    visit(config);
    expect(open).toEqual([]);
  });

  it('takes keys without a value for keys that are not there', async () => {
    const silent = await load(
      'organizations:\nexporter:\n  timeout:\n  batch: { max_bytes: ~ }\nresource:\n  attributes: { a: }\n',
    );
    expect(silent.config).toEqual((await load(undefined)).config);
  });

  it('keeps two organizations apart, and shares what an alias repeats', async () => {
    const yaml = `
organizations:
  - { name: a, admin_key: sk-admin-a, audit_logs: &logs { poll_interval: 7s } }
  - { name: b, admin_key: sk-admin-b, audit_logs: *logs }
`;
    const { organizations } = (await load(yaml, {})).config;
    expect(organizations.map(each => [each.name, each.adminKey, each.auditLogs.pollIntervalMs])).toEqual([
      ['a', 'sk-admin-a', 7_000],
      ['b', 'sk-admin-b', 7_000],
    ]);
  });

  it('hides a key in the place of a name, too', async () => {
    const text = 'organizations: [{ sk-admin-of-another: x }]';
    await expect(load(text)).rejects.toThrow('organizations[0].sk-[hidden]: unknown key');
    await expect(load(text)).rejects.not.toThrow('another');
  });

  it('warns when two organizations have one key', async () => {
    const { warnings } = await load('organizations: [{ name: a }, { name: b }]');
    expect(warnings).toEqual(['two organizations use the same admin_key: all its events will be delivered twice']);
  });

  it('warns of a severity for an event type that is not documented, and takes it', async () => {
    const { config, warnings } = await load('records: { severity: { tenant.user.created: warn, zebra: info } }');
    expect(config.records.severity).toEqual({ 'tenant.user.created': 13, zebra: 9 });
    expect(warnings).toEqual([
      'records.severity["tenant.user.created"]: no event type of this name is documented; the nearest is tenant.user.updated',
      'records.severity["zebra"]: no event type of this name is documented',
    ]);
  });

  it('warns of an excluded event type that is not documented: it may exclude nothing', async () => {
    const { config, warnings } = await load(
      'organizations: [{ audit_logs: { exclude_types: [login.sucess, login.failed] } }]',
    );
    expect(config.organizations[0]?.auditLogs.excludeTypes).toEqual(['login.sucess', 'login.failed']);
    expect(warnings).toEqual([
      'organizations[0].audit_logs.exclude_types["login.sucess"]: no event type of this name is documented',
    ]);
  });

  it.each(['http://localhost:1/v1', 'http://127.0.0.9/v1', 'http://[::1]:80/v1', 'http://api.localhost/v1'])(
    'lets the key go to %s unencrypted',
    async url => {
      expect((await load(`organizations: [{ base_url: "${url}" }]`)).config.organizations[0]?.baseUrl).toBe(
        url.replace(':80', ''),
      );
    },
  );

  it.each(['http://10.0.0.1/v1', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'HTTP://example.com'])(
    'lets the key go to %s only when told',
    async url => {
      expect(await problems(`organizations: [{ base_url: "${url}" }]`)).toEqual([
        expect.stringMatching(/^1:29 organizations\[0\].base_url: .* unencrypted to another machine/),
      ]);
      expect(await problems(undefined, { OPENAI_ADMIN_KEY: KEY, OPENAI_BASE_URL: url })).toEqual([
        expect.stringMatching(/^OPENAI_BASE_URL: .* unencrypted to another machine/),
      ]);
      const { config } = await load(`organizations: [{ base_url: "${url}", allow_plain_http: true }]`);
      expect(config.organizations[0]?.baseUrl.toLowerCase()).toBe(url.toLowerCase());
    },
  );
});

const GENERAL = 'OTEL_EXPORTER_OTLP_';
const LOGS = 'OTEL_EXPORTER_OTLP_LOGS_';

async function exporter(env: Env, yaml = '', files: Env = {}) {
  return (await load(ORGANIZATION + yaml, { OPENAI_ADMIN_KEY: KEY, ...env }, files)).config.exporter;
}

describe('the standard variables', () => {
  it('count where the YAML is silent', async () => {
    const env = {
      [`${GENERAL}ENDPOINT`]: 'http://collector:4318/base/',
      [`${GENERAL}HEADERS`]: 'Authorization=Bearer%20a%2Cb, x-a = 1 ,',
      [`${GENERAL}TIMEOUT`]: '2500',
      [`${GENERAL}COMPRESSION`]: 'none',
      [`${GENERAL}PROTOCOL`]: 'http/protobuf',
      [`${GENERAL}CERTIFICATE`]: 'ca.pem',
      [`${GENERAL}CLIENT_CERTIFICATE`]: 'cert.pem',
      [`${GENERAL}CLIENT_KEY`]: 'key.pem',
    };
    expect(await exporter(env, '', { 'ca.pem': '', 'cert.pem': '', 'key.pem': '' })).toEqual({
      logsUrl: 'http://collector:4318/base/v1/logs',
      headers: { Authorization: 'Bearer a,b', 'x-a': '1' },
      timeoutMs: 2_500,
      compression: 'none',
      protocol: 'http/protobuf',
      tls: { caFile: 'ca.pem', certFile: 'cert.pem', keyFile: 'key.pem' },
      batch: { maxRecords: 100, maxBytes: 2_097_152 },
    });
  });

  it('for logs are stronger than the general ones', async () => {
    const env = {
      [`${GENERAL}ENDPOINT`]: 'http://general:4318',
      [`${LOGS}ENDPOINT`]: 'http://logs:4318/as/it/is/',
      [`${GENERAL}TIMEOUT`]: '1000',
      [`${LOGS}TIMEOUT`]: '2000',
      [`${GENERAL}HEADERS`]: 'a=1',
      [`${LOGS}HEADERS`]: 'b=2',
    };
    expect(await exporter(env)).toMatchObject({
      logsUrl: 'http://logs:4318/as/it/is/',
      timeoutMs: 2_000,
      headers: { b: '2' },
    });
  });

  it('are weaker than the YAML', async () => {
    const env = {
      [`${LOGS}ENDPOINT`]: 'http://logs:4318/v1/logs',
      [`${GENERAL}PROTOCOL`]: 'grpc',
      [`${GENERAL}HEADERS`]: 'a=1',
      [`${GENERAL}CLIENT_KEY`]: 'other.pem',
    };
    const yaml =
      'exporter: { endpoint: "http://yaml:4318", protocol: http/json, headers: { b: "2" }, tls: { cert_file: c, key_file: k } }';
    expect(await exporter(env, yaml, { c: '', k: '' })).toMatchObject({
      logsUrl: 'http://yaml:4318/v1/logs',
      protocol: 'http/json',
      headers: { b: '2' },
      tls: { certFile: 'c', keyFile: 'k' },
    });
  });

  it('count as unset when they are empty', async () => {
    const env = {
      [`${LOGS}ENDPOINT`]: '',
      [`${GENERAL}ENDPOINT`]: 'http://general:4318',
      [`${GENERAL}PROTOCOL`]: '',
      OTEL_LOG_LEVEL: '',
    };
    expect((await exporter(env)).logsUrl).toBe('http://general:4318/v1/logs');
  });

  it.each([
    [`${GENERAL}PROTOCOL`, 'grpc', /^"grpc" is not spoken by this collector; write http\/protobuf or http\/json/],
    [`${LOGS}PROTOCOL`, 'http', /^"http" is not possible here; write http\/json or http\/protobuf/],
    [`${GENERAL}COMPRESSION`, 'zstd', /^"zstd" is not possible here; write gzip or none/],
    [`${GENERAL}TIMEOUT`, '10s', /^"10s" is not a number of milliseconds; write for example 10000/],
    [`${GENERAL}TIMEOUT`, '0', /^"0ms" is too little; at least 1s/],
    [`${GENERAL}ENDPOINT`, 'localhost:4318', /^"localhost:4318" is not an http:\/\/ or https:\/\/ URL/],
    [`${GENERAL}HEADERS`, 'no-pair', /^the value is not a list of pairs; write name=value,name2=value2/],
    [`${GENERAL}HEADERS`, 'a=%zz', /^the value is not a list of pairs/],
    [`${GENERAL}HEADERS`, 'a=1%0A2', /^the value is not a header value/],
    [`${GENERAL}CERTIFICATE`, '/absent.pem', /^"\/absent.pem" cannot be read: no such file/],
    [`${GENERAL}CLIENT_KEY`, '/absent.pem', /^needs `cert_file` beside it/],
    ['OTEL_LOG_LEVEL', 'loud', /^"loud" is not possible here; write debug, info, warn or error/],
    ['OPENAI_BASE_URL', 'api.openai.com', /^"api.openai.com" is not an http:\/\/ or https:\/\/ URL/],
    ['OPENAI_ADMIN_KEY', 'two words', /^the value is not an admin key/],
  ])('are named when they are wrong: %s=%s', async (variable, value, message) => {
    const [first = ''] = await problems(undefined, { OPENAI_ADMIN_KEY: KEY, [variable]: value });
    expect(first.startsWith(`${variable}: `)).toBe(true);
    expect(first.slice(variable.length + 2)).toMatch(message);
  });

  it.each([
    ['DEBUG', 'debug'],
    ['verbose', 'debug'],
    ['all', 'debug'],
    ['warn', 'warn'],
    ['NONE', 'error'],
  ])('set the level of the log: OTEL_LOG_LEVEL=%s', async (text, level) => {
    const { config } = await load(undefined, { OPENAI_ADMIN_KEY: KEY, OTEL_LOG_LEVEL: text });
    expect(config.telemetry.logs.level).toBe(level);
  });

  it('give every organization that does not say its key and base URL', async () => {
    const env = { OPENAI_ADMIN_KEY: KEY, OPENAI_BASE_URL: 'http://localhost:9/v1/' };
    const yaml = 'organizations: [{ name: a }, { name: b, admin_key: sk-admin-b, base_url: "https://example.com/v1" }]';
    const { organizations } = (await load(yaml, env)).config;
    expect(organizations.map(({ adminKey, baseUrl }) => [adminKey, baseUrl])).toEqual([
      [KEY, 'http://localhost:9/v1'],
      ['sk-admin-b', 'https://example.com/v1'],
    ]);
  });
});

describe('OTEL_RESOURCE_ATTRIBUTES', () => {
  async function attributes(text: string, yaml = '') {
    const loaded = await load(ORGANIZATION + yaml, { OPENAI_ADMIN_KEY: KEY, OTEL_RESOURCE_ATTRIBUTES: text });
    return { attributes: loaded.config.resourceAttributes, warnings: loaded.warnings };
  }

  it('adds to the attributes of the YAML, which are stronger', async () => {
    expect(await attributes('a=env,b=x%2Cy,c=', 'resource: { attributes: { a: yaml } }')).toEqual({
      attributes: { a: 'yaml', b: 'x,y', c: '' },
      warnings: [],
    });
  });

  it.each(['a=1,b', 'a=1,=2', 'a=1,b=%zz', 'a=1,b%20c=2'])('is void as a whole with a bad pair: %s', async text => {
    const { attributes: left, warnings } = await attributes(text);
    expect(left).toEqual({});
    expect(warnings).toEqual([expect.stringMatching(/^OTEL_RESOURCE_ATTRIBUTES is ignored: /)]);
  });

  it('cannot set what tells the ways of delivery apart', async () => {
    expect(await attributes('service.name=x,a=1,service.instance.id=y')).toEqual({
      attributes: { a: '1' },
      warnings: [
        'OTEL_RESOURCE_ATTRIBUTES: service.name and service.instance.id is left out, since the collector sets it itself',
      ],
    });
  });
});
