import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '../../src/storage/sqlite.ts';
import { event } from '../storage/conformance.ts';
import { thing } from '../storage/inventory.ts';
import { type OtlpServerOptions, type ScriptedAnswer, startOtlpServer, tlsFixture } from '../support/otlp-server.ts';
import { alarms, openStand, type Stand, type StandOptions } from './stand.ts';

vi.setConfig({ testTimeout: 60_000 });

let stand: Stand | undefined;

afterEach(async () => {
  await stand?.close();
  stand = undefined;
});

interface Fault {
  readonly fault: string;
  /** The one finding: check, mark and code. */
  readonly named: string;
  readonly options?: StandOptions;
  readonly provoke: (stand: Stand) => void | Promise<void>;
}

const OTHER_KEY = 'sk-admin-other';

const FAULTS: readonly Fault[] = [
  {
    fault: 'an old Node.js',
    named: 'node fail node-unsupported',
    provoke({ world }) {
      world.nodeVersion = '22.14.0';
    },
  },
  {
    fault: 'a warning about the configuration',
    named: 'configuration warn config-warning',
    provoke: ({ warnings }) => void warnings.push('two organizations use the same admin_key'),
  },
  {
    fault: 'a database of addresses that is none',
    named: 'geoip fail geoip-unusable',
    provoke({ enrichment, state }) {
      enrichment.geoip = { databases: [state] };
    },
  },
  {
    fault: 'a port that something else has',
    named: 'ports fail port-unusable',
    provoke({ world }) {
      world.listen = async ({ port }) => {
        if (port === 9464) throw Object.assign(new Error('listen'), { code: 'EADDRINUSE' });
      };
    },
  },
  {
    fault: 'a directory of the state that is not there',
    named: 'state-directory fail state-path-unusable',
    provoke({ storage, directory }) {
      storage.path = join(directory, 'nowhere', 'state.db');
    },
  },
  {
    fault: 'a directory in the place of the state',
    named: 'state-directory fail state-path-unusable',
    provoke({ storage, directory }) {
      storage.path = directory;
    },
  },
  { fault: 'a nearly full disk', named: 'disk fail disk-low', provoke: withFree(5e6) },
  { fault: 'a disk with little room', named: 'disk warn disk-low', provoke: withFree(5e8) },
  { fault: 'a state of rubbish', named: 'state-file fail state-damaged', provoke: ({ state }) => spoil(state, 100) },
  {
    fault: 'a state with a damaged page',
    named: 'state-file fail state-damaged',
    provoke: ({ state }) => spoil(state, 8192),
  },
  {
    fault: 'a state of a newer version',
    named: 'state-file fail state-newer',
    provoke: ({ state }) => inDatabase(state, 'PRAGMA user_version = 99'),
  },
  {
    fault: 'a database of another program',
    named: 'state-file fail state-foreign',
    provoke({ storage, directory }) {
      storage.path = join(directory, 'other.db');
      inDatabase(join(directory, 'other.db'), 'CREATE TABLE t (a)');
      chmodSync(join(directory, 'other.db'), 0o600);
    },
  },
  {
    fault: 'a state that others may read',
    named: 'state-private warn state-readable-by-others',
    provoke: ({ state }) => chmodSync(state, 0o644),
  },
  {
    fault: 'an organization that was renamed',
    named: 'state-names fail organization-renamed',
    provoke: withParked('former'),
  },
  { fault: 'a parked record', named: 'parked warn records-parked', provoke: withParked('acme') },
  {
    fault: 'a parked change of the inventory',
    named: 'parked warn records-parked',
    async provoke({ state }) {
      const storage = await openStorage(state);
      await storage.recordInventory('acme', [thing('ada')], [{ list: '/organization/users', state: 'read' }]);
      const parked = { reason: 'refused', message: 'too long', certain: true, atMs: 77 };
      await storage.settleInventory('acme', [{ seq: 1, fate: 'parked', parked }]);
      await storage.close();
    },
  },
  {
    fault: 'a name of the API that does not resolve',
    named: 'acme/api-name fail api-name-unknown',
    provoke({ organization, world }) {
      organization.base_url = 'https://api.example.com/v1';
      world.lookup = async host => {
        throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      };
    },
  },
  {
    fault: 'a name of the API that leads into a private network',
    named: 'acme/api-name fail api-address-private',
    provoke({ organization, world }) {
      organization.base_url = 'https://api.example.com/v1';
      world.lookup = async () => '10.1.2.3';
    },
  },
  {
    fault: 'nobody at the address of the API',
    named: 'acme/api-connection fail api-unreachable',
    async provoke({ organization }) {
      organization.base_url = `http://${await closedAddress()}/v1`;
    },
  },
  {
    fault: 'a certificate of the API that nobody trusts',
    named: 'acme/api-tls fail api-tls',
    options: { backend: { tls: { certificate: 'server' } } },
    provoke({ organization, exporter, backend }) {
      organization.base_url = `${backend.origin}/v1`;
      exporter.tls = { ca_file: tlsFixture('ca.pem') };
    },
  },
  {
    fault: 'a base_url without its path',
    named: 'acme/api-answers fail api-path',
    provoke({ organization }) {
      organization.base_url = String(organization.base_url).replace('/v1', '/v2');
    },
  },
  {
    fault: 'an API that fails',
    named: 'acme/api-answers fail api-failed',
    provoke: ({ emulator }) => emulator.addFaults([{ kind: 'status', status: 500, times: 99 }]),
  },
  {
    fault: 'a login page in the place of the API',
    named: 'acme/api-answers fail api-malformed',
    provoke: ({ emulator }) => emulator.addFaults([{ kind: 'body', body: '<html>sign in</html>', times: 99 }]),
  },
  {
    fault: 'a clock that is ten minutes behind',
    named: 'acme/clock fail clock-off',
    options: { aheadMs: 600_000 },
    provoke: () => undefined,
  },
  {
    fault: 'a clock that is a minute ahead',
    named: 'acme/clock warn clock-off',
    options: { aheadMs: -62_000 },
    provoke: () => undefined,
  },
  {
    fault: 'answers without a Date',
    named: 'acme/clock fail api-no-date',
    provoke: ({ emulator }) => emulator.addFaults([{ kind: 'headers', headers: { date: null }, times: 99 }]),
  },
  {
    fault: "a project's key",
    named: 'acme/key-form fail key-of-project',
    provoke: withKey('sk-proj-abcdefghijklmnopqrstuv'),
  },
  {
    fault: "a service account's key",
    named: 'acme/key-form fail key-of-project',
    provoke: withKey('sk-svcacct-abcdefghijklmnopqrstuv'),
  },
  {
    fault: 'a key pasted as the page shortens it',
    named: 'acme/key-form fail key-misshapen',
    provoke: withKey('sk-admin-ab************yz'),
  },
  { fault: 'a key that was deleted', named: 'acme/key fail key-refused', provoke: withKey('sk-admin-deleted') },
  {
    fault: 'a key without the scope of audit logs',
    named: 'acme/scope-audit-logs fail scope-audit-logs',
    provoke: withScopes('api.management.read'),
  },
  {
    fault: 'a key without the scope of management',
    named: 'acme/scope-management fail scope-management',
    provoke: withScopes('api.audit_logs.read'),
  },
  {
    fault: 'an organization without a tenant',
    named: 'acme/stream-tenant warn stream-unavailable',
    provoke: ({ emulator }) =>
      emulator.addFaults([{ kind: 'status', status: 403, query: 'tenant_only=true', times: 9 }]),
  },
  {
    fault: 'audit logging switched off',
    named: 'acme/audit-logging fail audit-logging-off',
    provoke: ({ emulator }) => emulator.configure({ auditLogging: false }),
  },
  {
    fault: 'a plan without groups',
    named: 'acme/family-groups warn family-unavailable',
    provoke: ({ emulator }) => emulator.configure({ missingFamilies: ['groups'] }),
  },
  {
    fault: 'a plan whose certificates are not there',
    named: 'acme/family-certificates warn family-unavailable',
    provoke: ({ emulator }) => emulator.configure({ missingFamilies: ['certificates'], missingStatus: 404 }),
  },
  {
    fault: 'one list that fails',
    named: 'acme/family-roles fail api-failed',
    provoke: ({ emulator }) =>
      emulator.addFaults([{ kind: 'status', status: 503, route: '/organization/roles', times: 9 }]),
  },
  {
    fault: 'too many requests',
    named: 'acme/limits-now warn api-slow-down',
    provoke: ({ emulator }) => emulator.limit('*', { requests: 0, perMs: 60_000, retryAfter: true }),
  },
  {
    fault: 'a long wait that the API asked for',
    named: 'acme/limits-learned warn api-slow-down',
    async provoke({ state }) {
      const routes = { '/organization/audit_logs': { untilMs: Date.now() + 7_200_000 } };
      const storage = await openStorage(state);
      await storage.setNote('limits/acme', JSON.stringify({ version: 1, routes }));
      await storage.close();
    },
  },
  {
    fault: 'a name of the backend that does not resolve',
    named: 'backend-name fail backend-name-unknown',
    provoke({ exporter, world }) {
      exporter.endpoint = 'https://otlp.example.com';
      world.lookup = async host => {
        throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      };
    },
  },
  {
    fault: 'the key of another certificate',
    named: 'backend-settings fail exporter-tls-unusable',
    provoke({ exporter }) {
      exporter.tls = { cert_file: tlsFixture('client.pem'), key_file: tlsFixture('server.key') };
    },
  },
  {
    fault: 'nobody at the address of the backend',
    named: 'backend-connection fail backend-unreachable',
    async provoke({ exporter }) {
      exporter.endpoint = `http://${await closedAddress()}`;
    },
  },
  {
    fault: 'a certificate of the backend that nobody trusts',
    ...onTls({ certificate: 'server' }),
    provoke: () => undefined,
  },
  {
    fault: 'a backend that wants our certificate',
    ...onTls({ certificate: 'server', clientCa: true }),
    provoke({ exporter }) {
      exporter.tls = { ca_file: tlsFixture('ca.pem') };
    },
  },
  {
    fault: 'plain HTTP to a port with TLS',
    named: 'backend-tls fail backend-tls',
    provoke: answering({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.' }),
  },
  {
    fault: 'TLS to a port without',
    named: 'backend-tls fail backend-tls',
    provoke({ exporter, backend }) {
      exporter.endpoint = backend.origin.replace('http:', 'https:');
    },
  },
  { fault: 'a wrong path', named: 'backend-path fail backend-path', provoke: answering({ status: 404 }) },
  {
    fault: 'an encoding that is not taken',
    named: 'backend-path fail backend-path',
    provoke: answering({ status: 415 }),
  },
  {
    fault: 'wrong credentials',
    named: 'backend-credentials fail backend-credentials',
    provoke: answering({ status: 401, body: 'no org id' }),
  },
  {
    fault: 'a backend that refuses a record',
    named: 'backend-record fail backend-refuses',
    provoke: answering({ status: 400, body: 'no such luck' }),
  },
  {
    fault: 'a backend that takes part of it',
    named: 'backend-record fail backend-refuses',
    provoke: answering({ body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"quota"}}' }),
  },
  { fault: 'a backend that fails', named: 'backend-record fail backend-failed', provoke: answering({ status: 503 }) },
  {
    fault: 'a backend that takes nothing old',
    named: 'backend-old fail backend-too-old',
    provoke: ({ backend }) =>
      backend.answerWith(({ records }) => {
        const isOld = records.some(({ timeUnixNano }) => Number(timeUnixNano) / 1e6 < Date.now() - 86_400_000);
        return isOld ? { status: 400, body: 'entry has timestamp too old: 2026' } : {};
      }),
  },
  {
    fault: 'a Loki that takes a week',
    named: 'loki-age fail loki-age',
    provoke: loki('limits_config', 'reject_old_samples: true'),
  },
  {
    fault: 'a Loki with a short window',
    named: 'loki-order fail loki-order',
    provoke: loki('ingester', 'max_chunk_age: 1h0m0s'),
  },
  {
    fault: 'a Loki whose late events may not be late',
    named: 'loki-order warn loki-order',
    provoke: loki('ingester', 'max_chunk_age: 2h0m0s'),
  },
  {
    fault: 'a Loki with a young schema',
    named: 'loki-schema fail loki-schema',
    provoke: loki('schema_config', 'configs: [{ from: "2126-01-01" }]'),
  },
  {
    fault: 'a Loki with small messages',
    named: 'loki-message-size fail loki-message-size',
    provoke: loki('server', 'grpc_server_max_recv_msg_size: 1048576'),
  },
  {
    fault: 'a Loki with a small burst',
    named: 'loki-rate fail loki-rate',
    provoke: loki('limits_config', 'ingestion_burst_size_mb: 1'),
  },
  {
    fault: 'a Loki with short lines',
    named: 'loki-line-size warn loki-line-size',
    provoke: loki('limits_config', 'max_line_size: 16KB'),
  },
  {
    fault: 'a Loki without structured metadata',
    named: 'loki-metadata fail loki-metadata',
    provoke: loki('limits_config', 'allow_structured_metadata: false'),
  },
  {
    fault: 'a Loki with few labels',
    named: 'loki-labels warn loki-labels',
    provoke: loki('limits_config', 'max_label_names_per_series: 5'),
  },
  {
    fault: 'a Loki that forgets',
    named: 'loki-retention warn loki-retention',
    provoke: loki('limits_config', 'retention_period: 1w'),
  },
  {
    fault: 'a Loki that shows old events late',
    named: 'loki-visibility warn loki-visibility',
    provoke: loki('querier', 'query_ingesters_within: 3h0m0s', 'ingester', 'query_store_max_look_back_period: 0s'),
  },
];

describe('a fault', () => {
  it.each(FAULTS)('is named by one check alone: $fault', async ({ named, options, provoke }) => {
    stand = await openStand(options);
    await provoke(stand);
    expect(alarms(await stand.examine())).toEqual([named]);
  });
});

describe('where all is well', () => {
  it('nothing is said, with a Collector as backend', async () => {
    stand = await openStand();
    const { findings, requests } = await stand.examine();
    expect(alarms({ findings, requests, elapsedMs: 0 })).toEqual([]);
    expect(findings.filter(({ result }) => result.mark === 'ok').length).toBeGreaterThan(40);
    expect(requests).toBe(13);
  });

  it('nothing is said, with the Loki of config/loki.yaml as backend', async () => {
    stand = await openStand();
    loki()(stand);
    const report = await stand.examine();
    expect(alarms(report)).toEqual([]);
    const ofLoki = report.findings.filter(({ group }) => group === 'Loki');
    expect(ofLoki.map(({ result }) => result.mark)).toEqual(ofLoki.map(() => 'ok'));
  });

  it('nothing is said beside a collector that runs, which is told', async () => {
    stand = await openStand();
    const running = await openStorage(stand.state);
    // The ports are that one's.
    stand.world.listen = () => Promise.reject(Object.assign(new Error('listen'), { code: 'EADDRINUSE' }));
    const report = await stand.examine();
    await running.close();
    expect(alarms(report)).toEqual([]);
    const holder = report.findings.find(({ id }) => id === 'state-holder');
    expect(holder?.result).toEqual({ mark: 'ok', says: 'a collector runs on it' });
  });

  it('nothing is said before the first run', async () => {
    stand = await openStand();
    stand.storage.path = join(stand.directory, 'new.db');
    expect(alarms(await stand.examine())).toEqual([]);
  });
});

function withFree(bytes: number): Fault['provoke'] {
  return ({ world }) => {
    world.freeBytes = async () => bytes;
  };
}

function withKey(key: string): Fault['provoke'] {
  return ({ organization }) => {
    organization.admin_key = key;
  };
}

function withScopes(...scopes: readonly string[]): Fault['provoke'] {
  return ({ emulator, organization }) => {
    emulator.keys.set(OTHER_KEY, scopes);
    organization.admin_key = OTHER_KEY;
  };
}

function withParked(organization: string): Fault['provoke'] {
  return async ({ state }) => {
    const storage = await openStorage(state);
    const feed = { organization, stream: 'organization' } as const;
    await storage.claim([event('a', { feed })]);
    const parked = { reason: 'refused', message: 'too long', certain: true, atMs: 77 };
    if (organization === 'acme')
      await storage.commit({ atMs: 0, feed, settled: [{ uid: 'a', fate: 'parked', parked }] });
    await storage.close();
  };
}

function onTls(tls: NonNullable<OtlpServerOptions['tls']>): Pick<Fault, 'named' | 'options'> {
  return { named: 'backend-tls fail backend-tls', options: { backend: { tls } } };
}

function answering(answer: ScriptedAnswer): Fault['provoke'] {
  return ({ backend }) => backend.answer(answer);
}

/** The backend is a Loki of the shipped settings, of which one section is another. */
function loki(...changes: readonly string[]): (stand: Stand) => void {
  const lines = readFileSync(new URL('../../config/loki.yaml', import.meta.url), 'utf8').split('\n');
  const sections = new Map(changes.flatMap((section, i) => (i % 2 === 0 ? [[section, changes[i + 1] ?? '']] : [])));
  const told = lines.flatMap(line => {
    const change = sections.get(/^(\w+):/.exec(line)?.[1] ?? '');
    return change === undefined ? [line] : changedSection(line, change);
  });
  const names = [...sections.values()].map(change => change.slice(0, change.indexOf(':')));
  const unique = told.filter(line => line.startsWith('  #:') || !names.some(name => line.startsWith(`  ${name}:`)));
  const body = unique.join('\n').replaceAll('  #:', '  ');
  return ({ backend }) =>
    backend.answerWith(({ path }) => (path === '/config' ? { headers: { 'content-type': 'text/plain' }, body } : {}));
}

function changedSection(line: string, change: string): readonly string[] {
  if (!line.includes('{')) return [line, `  #:${change}`];
  return [`${line.slice(0, line.indexOf(':'))}:`, `  #:${change}`];
}

function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, at, at + 3000);
  writeFileSync(path, bytes);
}

function inDatabase(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

/** Of a server that is gone. */
async function closedAddress(): Promise<string> {
  const server = await startOtlpServer();
  await server.close();
  return server.origin.replace('http://', '');
}
