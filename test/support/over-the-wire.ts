import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { toSdkRecords } from '../../src/exporter/sdk-records.ts';
import type { LogRecord } from '../../src/record.ts';

/** What a backend gets of records, in both of OTLP's encodings: protobuf has its texts as they are. */
export function overTheWire(records: readonly LogRecord[]): string {
  const request = toSdkRecords(records, { name: 'test', version: '1' });
  const [json, protobuf] = [JsonLogsSerializer, ProtobufLogsSerializer].map(each => each.serializeRequest(request));
  return `${Buffer.from(json ?? []).toString()}\n${Buffer.from(protobuf ?? []).toString('latin1')}`;
}
