import type { HttpAnswer, HttpClient } from '../../src/api/http.ts';
import type { AuditLogsConfig, Config, InventoryConfig } from '../../src/config/config.ts';
import { createEmulator, DEMO_KEY, type Emulator } from '../../src/emulator/emulator.ts';
import { CollectorError } from '../../src/errors.ts';
import type { Outcome } from '../../src/exporter/exporter.ts';
import type { OtlpExporter } from '../../src/exporter/otlp.ts';
import { createLogger } from '../../src/log.ts';
import { Works } from '../../src/progress/works.ts';
import type { LogRecord } from '../../src/record.ts';
import { type Ports, runService } from '../../src/service.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Collecting {
  readonly clock: FakeClock;
  readonly emulator: Emulator;
  readonly storage: Storage;
  /** What the backend acknowledged, in order, with the simulated time of its arrival. */
  readonly delivered: readonly { readonly record: LogRecord; readonly atMs: number }[];
  /** Requests for the audit log so far. */
  readonly requests: () => number;
  /** Long work, and how far it is. */
  readonly works: Works;
  /** The log, a line each. */
  readonly lines: readonly string[];
  /** Answers of the backend from now on; everything is acknowledged by default. */
  answer(outcome: (records: readonly LogRecord[]) => Outcome): void;
  /** What the API says to each request from now on before it looks at it; 200 lets it through. */
  admit(gate: (atMs: number) => { readonly status?: number }): void;
  /** From now on no page that holds one of these texts can be read. */
  breakOn(...texts: readonly string[]): void;
  /** The API's time in Unix seconds. */
  readonly nowS: () => number;
  /** uids of audit events that were delivered, in order. */
  readonly uids: () => readonly string[];
  /** uids that the API lists in both streams. */
  readonly listed: () => readonly string[];
  /** Rejects when the collector ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The whole collector on a clock that the test moves, between the emulated API and a backend, without any network. A second
 * one goes on where the one before it was stopped.
 */
export async function collecting(
  auditLogs: Partial<AuditLogsConfig> = {},
  previous?: Pick<Collecting, 'clock' | 'emulator' | 'storage'>,
  inventory: Partial<InventoryConfig> = { enabled: false },
  name = 'acme',
): Promise<Collecting> {
  const clock = previous?.clock ?? createFakeClock();
  const emulator = previous?.emulator ?? createEmulator({ content: { kind: 'events', events: [] }, clock });
  const storage = previous?.storage ?? (await openStorage(':memory:'));
  const delivered: { record: LogRecord; atMs: number }[] = [];
  const lines: string[] = [];
  let breaking: readonly string[] = [];
  let gate: Parameters<Collecting['admit']>[0] = () => ({ status: 200 });
  let answer: (records: readonly LogRecord[]) => Outcome = () => ({ kind: 'acknowledged' });
  const exporter: OtlpExporter = {
    async export(records) {
      const outcome = answer(records);
      if (outcome.kind === 'acknowledged') {
        delivered.push(...records.map(record => ({ record, atMs: clock.monotonicMs() })));
      }
      return outcome;
    },
    sizeOf: () => 1000,
    shutdown: async () => undefined,
  };
  const works = new Works(clock);
  const ports: Ports = {
    clock,
    random: () => 0.5,
    log: createLogger({ level: 'info', format: 'text', clock, write: line => lines.push(line) }),
    http: clientOf(emulator, clock, {
      admits: () => gate(clock.monotonicMs()).status === 200,
      isBroken: body => breaking.some(text => body.includes(text)),
    }),
    exporter,
    storage,
    userAgent: 'test',
    progress: works,
  };
  const stopping = new AbortController();
  const running = runService(configOf(name, auditLogs, inventory), ports, stopping.signal);
  return {
    clock,
    emulator,
    storage,
    delivered,
    works,
    lines,
    requests: () => emulator.requests.total,
    answer(outcome) {
      answer = outcome;
    },
    admit(next) {
      gate = next;
    },
    breakOn(...texts) {
      breaking = texts;
    },
    nowS: () => Math.floor(emulator.organization.clock.nowMs() / 1000),
    uids: () =>
      delivered
        .filter(({ record }) => record.resource['service.name'] === 'openai-audit')
        .map(({ record }) => String(record.attributes['log.record.uid'])),
    listed: () =>
      (['organization', 'tenant'] as const).flatMap(stream =>
        [...emulator.organization.listed(stream)].map(event => event.id),
      ),
    ended: running,
    async stop() {
      stopping.abort();
      await clock.advance(MINUTE_MS);
      await running;
    },
  };
}

function clientOf(
  emulator: Emulator,
  clock: FakeClock,
  { admits, isBroken }: { readonly admits: () => boolean; readonly isBroken: (body: string) => boolean },
): HttpClient {
  return {
    async get({ url, headers, signal }): Promise<HttpAnswer> {
      const { pathname, search } = new URL(url);
      if (!admits()) return { status: 429, headers: {}, body: '{}' };
      const reply = emulator.handle({ method: 'GET', target: pathname + search, headers });
      if ('delayMs' in reply && reply.delayMs > 0) await clock.sleep(reply.delayMs, signal);
      if (reply.kind === 'answer' && isBroken(reply.body)) throw new CollectorError('malformed', 'not JSON');
      if (reply.kind === 'answer') return { status: reply.status, headers: lower(reply.headers), body: reply.body };
      throw new CollectorError('retryable', reply.kind);
    },
    close: async () => undefined,
  };
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function configOf(name: string, auditLogs: Partial<AuditLogsConfig>, inventory: Partial<InventoryConfig>): Config {
  return {
    organizations: [
      {
        name,
        id: undefined,
        adminKey: DEMO_KEY,
        baseUrl: 'http://api.test/v1',
        allowPrivateAddress: false,
        auditLogs: {
          enabled: true,
          streams: ['organization'],
          pollIntervalMs: 30_000,
          settleMs: 5 * MINUTE_MS,
          startFrom: { text: '90d', kind: 'ago', ms: 90 * DAY_MS },
          reverify: [],
          excludeTypes: [],
          ...auditLogs,
        },
        inventory: { enabled: true, intervalMs: HOUR_MS, exclude: [], ...inventory },
      },
    ],
    exporter: {
      logsUrl: 'http://backend.test/v1/logs',
      protocol: 'http/json',
      compression: 'none',
      timeoutMs: 10_000,
      headers: {},
      tls: {},
      batch: { maxRecords: 100, maxBytes: 2 ** 21 },
    },
    records: { body: 'event', severity: {}, privacy: { rules: {}, key: undefined } },
    enrichment: { geoip: { databases: [] } },
    resourceAttributes: {},
    storage: { path: ':memory:' },
    telemetry: { logs: { level: 'info', format: 'text' }, metrics: { prometheus: undefined, otlpUrl: undefined } },
    health: { endpoint: undefined, showEvents: false },
  };
}
