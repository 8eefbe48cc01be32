import { readFile } from 'node:fs/promises';
import type { Value } from '../../../src/record.ts';

/** A log record as the Collector's file exporter wrote it, with OTLP's wrapping taken off. */
export interface DeliveredRecord {
  /** Attribute `log.record.uid`, empty when there is none. */
  readonly uid: string;
  readonly eventName: string;
  readonly severityNumber: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly body: Value;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly resource: Readonly<Record<string, Value>>;
}

/** Reads what the file exporter wrote so far; nothing when there is no file yet. */
export async function readOtlpFile(path: string): Promise<readonly DeliveredRecord[]> {
  return parseOtlpLines(await textOf(path));
}

/**
 * One export request a line. A Collector killed between a line and its line feed leaves two requests on one; the
 * text looked for cannot stand inside a JSON string.
 */
export function parseOtlpLines(text: string): readonly DeliveredRecord[] {
  return text
    .replaceAll('}{"resourceLogs":', '}\n{"resourceLogs":')
    .split('\n')
    .filter(line => line !== '')
    .flatMap(line => recordsOf(JSON.parse(line)));
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

interface ExportRequest {
  readonly resourceLogs: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeLogs: readonly { readonly logRecords: readonly OtlpRecord[] }[];
  }[];
}

interface OtlpRecord {
  readonly timeUnixNano: string;
  readonly severityNumber?: number;
  readonly eventName?: string;
  readonly body?: AnyValue;
  readonly attributes?: readonly KeyValue[];
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}

function recordsOf(request: ExportRequest): readonly DeliveredRecord[] {
  return request.resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const resourceAttributes = mapOf(resource?.attributes);
    return scopeLogs.flatMap(({ logRecords }) => logRecords.map(record => delivered(record, resourceAttributes)));
  });
}

function delivered(record: OtlpRecord, resource: Readonly<Record<string, Value>>): DeliveredRecord {
  const attributes = mapOf(record.attributes);
  const uid = attributes['log.record.uid'];
  return {
    uid: typeof uid === 'string' ? uid : '',
    eventName: record.eventName ?? '',
    severityNumber: record.severityNumber ?? 0,
    timestamp: Number(BigInt(record.timeUnixNano) / 1_000_000_000n),
    body: record.body === undefined ? null : plain(record.body),
    attributes,
    resource,
  };
}

function mapOf(pairs: readonly KeyValue[] = []): Readonly<Record<string, Value>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: AnyValue): Value {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue !== undefined) return mapOf(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
