import { jsonText } from '../../json-text.ts';
import { ATTRIBUTE } from '../../processor/attribute-names.ts';
import { EVENT_TYPES } from '../../processor/event-types.ts';
import { at, textAt } from '../../processor/json.ts';
import { payloadOf } from '../../processor/payload.ts';
import type { ObservedEvent } from '../../processor/processor.ts';
import type { LogRecord, Value } from '../../record.ts';
import type { Cell, Column, Row, Table } from './table.ts';

/** An event, and the record that the configuration makes of it: what its privacy rules hide is hidden in both. */
export interface Told extends Pick<ObservedEvent, 'organization' | 'uid' | 'stream' | 'effectiveAt'> {
  readonly record: LogRecord;
  /** As the record's Body has it. */
  readonly event: Value;
}

interface AuditColumn extends Column {
  readonly of: (told: Told) => Cell | undefined;
}

const COMMON: readonly AuditColumn[] = [
  column('organization', 'TEXT', "the configuration's name of the organization", ({ organization }) => organization),
  column('id', 'TEXT', 'id of the event', ({ uid }) => uid),
  column('type', 'TEXT', 'type of the event, such as `api_key.created`', ({ event }) => textAt(event, 'type')),
  column('effective_at', 'INTEGER', 'when it happened, Unix seconds', ({ effectiveAt }) => effectiveAt),
  column('time', 'TEXT', 'the same for people, `2026-11-22T09:00:00Z`', ({ effectiveAt }) => instant(effectiveAt)),
  column('stream', 'TEXT', '`tenant` for what the tenant stream lists, else `organization`', ({ stream }) => stream),
  attribute('actor_type', ATTRIBUTE.actorType, '`session`, `api_key`, or what else the event says'),
  attribute('actor_id', ATTRIBUTE.actorId, 'the acting user, else the service account, else the key'),
  attribute('actor_email', ATTRIBUTE.userEmail, 'mail address of the acting user, through a session or a key'),
  attribute('actor_user_id', ATTRIBUTE.userId, 'the acting user'),
  attribute('actor_api_key_id', ATTRIBUTE.actorApiKeyId, 'tracking id of the key that was used'),
  attribute('actor_api_key_type', ATTRIBUTE.actorApiKeyType, '`user` or `service_account`'),
  attribute('actor_service_account_id', ATTRIBUTE.actorServiceAccountId, 'the acting service account'),
  attribute('actor_ip', ATTRIBUTE.actorIp, 'address that it came from'),
  attribute('user_agent', ATTRIBUTE.userAgent, 'program that it came from'),
  attribute('ja3', ATTRIBUTE.ja3, 'fingerprint of its TLS'),
  attribute('ja4', ATTRIBUTE.actorJa4, 'fingerprint of its TLS'),
  attribute('country', ATTRIBUTE.country, 'where the address is, ISO 3166-1'),
  attribute('region', ATTRIBUTE.region, 'ISO 3166-2'),
  attribute('city', ATTRIBUTE.city, 'where the address is'),
  attribute('latitude', ATTRIBUTE.latitude, 'where the address is', 'REAL'),
  attribute('longitude', ATTRIBUTE.longitude, 'where the address is', 'REAL'),
  attribute('asn', ATTRIBUTE.clientAsNumber, 'network of the address', 'INTEGER'),
  attribute('project_id', ATTRIBUTE.projectId, 'project of the event'),
  attribute('project_name', ATTRIBUTE.projectName, 'its name'),
  attribute('category', ATTRIBUTE.category, 'first part of the type'),
  attribute('action', ATTRIBUTE.action, 'last part of the type'),
  attribute('outcome', ATTRIBUTE.outcome, '`success` or `failure`'),
  attribute('read_only', ATTRIBUTE.readOnly, '1 for sign-ins and look-ups, 0 for what changes something', 'INTEGER'),
  column('severity', 'TEXT', '`INFO`, `WARN`, or as `records.severity` says', ({ record }) => severityName(record)),
  attribute('target_type', ATTRIBUTE.targetType, 'kind of what was acted upon'),
  attribute('target_id', ATTRIBUTE.targetId, 'what was acted upon; several are joined with commas'),
  attribute('target_name', ATTRIBUTE.targetName, 'its name, where the event says it'),
  column('resource_id', 'TEXT', "the `id` of the payload, by which the API's own filter finds it", ({ event }) =>
    textAt(payloadOf(event), 'id'),
  ),
  attribute('resources', ATTRIBUTE.resources, 'everything touched, `["api_key/key_abc"]`', 'JSON TEXT'),
  attribute('summary', ATTRIBUTE.summary, 'the event in a sentence'),
  column('actor', 'JSON TEXT', 'as the API has it', ({ event }) => cellOf(at(event, 'actor'), 'JSON TEXT')),
  column('project', 'JSON TEXT', 'as the API has it', ({ event }) => cellOf(at(event, 'project'), 'JSON TEXT')),
  column('payload', 'JSON TEXT', 'what the event says besides, of whatever type', ({ event }) =>
    cellOf(payloadOf(event), 'JSON TEXT'),
  ),
  column('raw', 'JSON TEXT', 'the whole event', ({ event }) => cellOf(event, 'JSON TEXT')),
];

/** One for each documented type: the payload of events of that type. */
const OF_TYPES: readonly AuditColumn[] = Object.keys(EVENT_TYPES).map(type =>
  column(type, 'JSON TEXT', `payload of \`${type}\``, ({ event }) =>
    textAt(event, 'type') === type ? cellOf(payloadOf(event), 'JSON TEXT') : undefined,
  ),
);

const COLUMNS = [...COMMON, ...OF_TYPES];

export const AUDIT_LOGS: Table = {
  name: 'audit_logs',
  says: 'an event of the audit log, of both streams',
  columns: COLUMNS.map(({ of: _, ...rest }) => rest),
  key: ['organization', 'id', 'type'],
  kept: ['organization', 'id', 'type', 'effective_at'],
};

/** Makes rows with these columns only. */
export function auditRows(wanted: ReadonlySet<string>): (told: Told) => Row {
  const columns = COLUMNS.filter(({ name }) => wanted.has(name));
  return told => Object.fromEntries(columns.map(({ name, of }) => [name, of(told)]));
}

function column(name: string, type: Column['type'], says: string, of: AuditColumn['of']): AuditColumn {
  return { name, type, says, of };
}

function attribute(name: string, key: string, says: string, type: Column['type'] = 'TEXT'): AuditColumn {
  return column(name, type, says, ({ record }) => cellOf(record.attributes[key], type));
}

/** JSON as its text, everything else as SQLite has it. */
export function cellOf(value: unknown, type: Column['type']): Cell | undefined {
  if (value === undefined || value === null) return undefined;
  if (type === 'JSON TEXT' || typeof value === 'object') return jsonText(value as Value);
  return typeof value === 'boolean' ? Number(value) : (value as Cell);
}

/** The names of OpenTelemetry's severity numbers. */
function severityName({ severityNumber }: LogRecord): string {
  const name = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.floor((severityNumber - 1) / 4)] ?? '';
  const step = (severityNumber - 1) % 4;
  return step === 0 ? name : `${name}${step + 1}`;
}

const YEAR_10000_S = 253_402_300_800;

/** Without milliseconds. Texts of longer years would not be in the order of time. */
function instant(seconds: number): string | undefined {
  if (seconds < 0 || seconds >= YEAR_10000_S) return undefined;
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
