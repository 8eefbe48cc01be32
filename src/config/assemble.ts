import type { Config, ExporterConfig, OrganizationConfig } from './config.ts';
import type { Values } from './key.ts';
import type { organizationSchema, schema } from './schema.ts';

type OrganizationValues = Values<typeof organizationSchema>;
type ExporterValues = Values<typeof schema>['exporter'];

/** Valid values under the names that the program uses, frozen to the bottom. */
export function configOf(organizations: readonly OrganizationValues[], values: Values<typeof schema>): Config {
  return frozen({
    organizations: organizations.map(organizationOf),
    exporter: exporterOf(values.exporter),
    records: recordsOf(values.records),
    enrichment: values.enrichment,
    resourceAttributes: values.resource.attributes,
    storage: values.storage,
    telemetry: {
      logs: values.telemetry.logs,
      metrics: {
        prometheus: values.telemetry.metrics.prometheus,
        otlpUrl: values.telemetry.metrics.otlp
          ? `${withoutTrailingSlash(values.exporter.endpoint)}/v1/metrics`
          : undefined,
      },
    },
    health: { endpoint: values.health.endpoint, showEvents: values.health.show_events },
  });
}

function organizationOf({
  name,
  id,
  admin_key,
  base_url,
  allow_private_address,
  audit_logs,
  inventory,
}: OrganizationValues): OrganizationConfig {
  return {
    name,
    id,
    adminKey: admin_key,
    baseUrl: withoutTrailingSlash(base_url),
    allowPrivateAddress: allow_private_address,
    auditLogs: {
      enabled: audit_logs.enabled,
      streams: audit_logs.streams,
      pollIntervalMs: audit_logs.poll_interval,
      settleMs: audit_logs.settle,
      startFrom: audit_logs.start_from,
      reverify: audit_logs.reverify.map(({ last, every }) => ({ lastMs: last, everyMs: every })),
      excludeTypes: audit_logs.exclude_types,
    },
    inventory: { enabled: inventory.enabled, intervalMs: inventory.interval, exclude: inventory.exclude },
  };
}

function exporterOf({ endpoint, logs_endpoint, tls, batch, ...rest }: ExporterValues): ExporterConfig {
  return {
    logsUrl: logs_endpoint ?? `${withoutTrailingSlash(endpoint)}/v1/logs`,
    protocol: rest.protocol,
    compression: rest.compression,
    timeoutMs: rest.timeout,
    headers: rest.headers,
    tls: {
      ...(tls.ca_file === undefined ? {} : { caFile: tls.ca_file }),
      ...(tls.cert_file === undefined ? {} : { certFile: tls.cert_file }),
      ...(tls.key_file === undefined ? {} : { keyFile: tls.key_file }),
    },
    batch: { maxRecords: batch.max_records, maxBytes: batch.max_bytes },
  };
}

function recordsOf({ privacy, privacy_key, ...rest }: Values<typeof schema>['records']): Config['records'] {
  return { ...rest, privacy: { rules: privacy, key: privacy_key } };
}

function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) frozen(each);
    Object.freeze(value);
  }
  return value;
}
