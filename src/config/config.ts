import type { Privacy } from '../processor/privacy-rules.ts';

/** The configuration as the program uses it: validated, complete, frozen. Durations are in milliseconds. */
export interface Config {
  readonly organizations: readonly OrganizationConfig[];
  readonly exporter: ExporterConfig;
  readonly records: RecordsConfig;
  readonly enrichment: EnrichmentConfig;
  /** Resource attributes that the operator adds to every record. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly storage: { readonly path: string };
  readonly telemetry: {
    readonly logs: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'auto' | 'json' | 'text' };
    readonly metrics: {
      readonly prometheus: ListenOn | undefined;
      /** Where metrics are posted to; undefined when they are not. */
      readonly otlpUrl: string | undefined;
    };
  };
  readonly health: { readonly endpoint: ListenOn | undefined; readonly showEvents: boolean };
}

/** An address to serve at; port 0 is any free one. */
export interface ListenOn {
  readonly host: string;
  readonly port: number;
}

export interface OrganizationConfig {
  readonly name: string;
  readonly id: string | undefined;
  readonly adminKey: string;
  readonly baseUrl: string;
  readonly allowPrivateAddress: boolean;
  readonly auditLogs: AuditLogsConfig;
  readonly inventory: InventoryConfig;
}

export interface InventoryConfig {
  readonly enabled: boolean;
  /** Between the beginnings of two readings. */
  readonly intervalMs: number;
  /** Families that are left out. */
  readonly exclude: readonly string[];
}

export interface AuditLogsConfig {
  readonly enabled: boolean;
  readonly streams: readonly ('organization' | 'tenant')[];
  readonly pollIntervalMs: number;
  readonly settleMs: number;
  readonly startFrom: StartFrom;
  readonly reverify: readonly { readonly lastMs: number; readonly everyMs: number }[];
  readonly excludeTypes: readonly string[];
}

/** `text` is what the person wrote; `beginning` is the instant 2020-01-01. */
export type StartFrom =
  | { readonly text: string; readonly kind: 'ago'; readonly ms: number }
  | { readonly text: string; readonly kind: 'instant'; readonly atMs: number };

export interface ExporterConfig {
  /** The whole URL that logs are posted to. */
  readonly logsUrl: string;
  readonly protocol: 'http/json' | 'http/protobuf';
  readonly compression: 'gzip' | 'none';
  readonly timeoutMs: number;
  /** Values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Paths of PEM files. */
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  readonly batch: { readonly maxRecords: number; readonly maxBytes: number };
}

interface EnrichmentConfig {
  /** Paths of databases in MaxMind format; of each fact the first that knows it counts. */
  readonly geoip: { readonly databases: readonly string[] };
}

interface RecordsConfig {
  readonly body: 'event' | 'summary' | 'none';
  /** OTLP severity number by event type. */
  readonly severity: Readonly<Record<string, number>>;
  readonly privacy: Privacy;
}
