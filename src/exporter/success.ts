import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { Answer } from './answer.ts';
import type { Outcome } from './exporter.ts';

/** What a 2xx means. Whatever cannot be read whole says nothing: the batch is sent again. */
export function classifySuccess(answer: Answer, protocol: 'http/json' | 'http/protobuf'): Outcome {
  if (answer.early) return unknown(answer, 'it came before the request had been sent whole');
  if (answer.oversized) return unknown(answer, 'its body is too long');
  if (!answer.complete) return unknown(answer, 'its body ends too soon');
  if (answer.body.length === 0) return { kind: 'acknowledged' };
  const rejection = readRejection(answer, protocol);
  if (rejection === undefined)
    return unknown(answer, 'its body is no OTLP answer; is this the URL of an OTLP receiver?');
  if (rejection.count === 0) return { kind: 'acknowledged' };
  return { kind: 'partial', rejected: rejection.count, message: rejection.message };
}

function unknown(answer: Answer, why: string): Outcome {
  const message = `answered ${answer.status}, which is not taken as an acknowledgement: ${why}`;
  return { kind: 'retryable', message, unknown: true, timedOut: false, status: answer.status };
}

interface Rejection {
  readonly count: number;
  readonly message: string;
}

/** Undefined when the body is not an ExportLogsServiceResponse. */
function readRejection(answer: Answer, protocol: 'http/json' | 'http/protobuf'): Rejection | undefined {
  const isProtobuf = /protobuf|octet-stream/.test(answer.contentType);
  const isUnnamed = answer.contentType === '';
  try {
    return isProtobuf || (isUnnamed && protocol === 'http/protobuf')
      ? fromProtobuf(answer.body)
      : fromJson(answer.body);
  } catch {
    return undefined;
  }
}

function fromProtobuf(body: Uint8Array): Rejection | undefined {
  const { partialSuccess } = ProtobufLogsSerializer.deserializeResponse(body) ?? {};
  return toRejection(partialSuccess?.rejectedLogRecords, partialSuccess?.errorMessage);
}

/** JSON in protobuf's mapping: an int64 is a text, and a parser takes snake_case names too. */
function fromJson(body: Uint8Array): Rejection | undefined {
  const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
  if (!isMap(parsed)) return undefined;
  const partial = parsed.partialSuccess ?? parsed.partial_success ?? {};
  if (!isMap(partial)) return undefined;
  return toRejection(
    partial.rejectedLogRecords ?? partial.rejected_log_records,
    partial.errorMessage ?? partial.error_message,
  );
}

function toRejection(rejected: unknown, message: unknown): Rejection | undefined {
  const count =
    rejected === undefined ? 0 : typeof rejected === 'string' ? Number(rejected.trim() || 'none') : rejected;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) return undefined;
  return { count, message: typeof message === 'string' ? message : '' };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
