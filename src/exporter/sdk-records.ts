import type { Logger } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { LogRecord } from '../record.ts';
import { safeAttributes, safeBody } from './safe-value.ts';

/** The instrumentation scope that every record names. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** The last second that nanoseconds in an int64 reach, which backends use: in the year 2262. */
const LAST_SECOND = 9_223_372_036;

/**
 * Records as the OpenTelemetry SDK makes them, in the same order. Throws when the SDK lost a record or an attribute,
 * which it does without an error: nothing incomplete may be acknowledged.
 */
export function toSdkRecords(records: readonly LogRecord[], scope: Scope): ReadableLogRecord[] {
  const captured: ReadableLogRecord[] = [];
  const loggers = new Map<string, Logger>();
  for (const record of records) {
    const key = JSON.stringify(record.resource);
    const logger = loggers.get(key) ?? createLogger(record.resource, scope, captured);
    loggers.set(key, logger);
    emit(logger, record, captured);
  }
  return captured;
}

/** A provider of its own for each resource, whose only processor keeps what was emitted. */
function createLogger(resource: LogRecord['resource'], scope: Scope, captured: ReadableLogRecord[]): Logger {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(safeAttributes(resource) as LogRecord['resource']),
    logRecordLimits: { attributeCountLimit: Number.POSITIVE_INFINITY },
    processors: [
      {
        onEmit: record => void captured.push(record),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  return provider.getLogger(scope.name, scope.version);
}

function emit(logger: Logger, record: LogRecord, captured: ReadableLogRecord[]): void {
  const attributes = safeAttributes(record.attributes);
  const before = captured.length;
  logger.emit({
    timestamp: hrTime(record.timestamp),
    observedTimestamp: hrTime(record.observedAtMs / 1000),
    eventName: record.eventName.toWellFormed(),
    severityNumber: isSeverity(record.severityNumber) ? record.severityNumber : 0,
    ...(record.body === undefined ? {} : { body: safeBody(record.body) }),
    attributes,
  });
  const made = captured[before];
  const kept = made === undefined ? -1 : Object.keys(made.attributes).length;
  if (kept !== Object.keys(attributes).length || made?.droppedAttributesCount !== 0) {
    throw new Error(`the OpenTelemetry SDK lost attributes of a record ${record.eventName}`);
  }
}

/** A bare number would be taken for milliseconds, or for time since the process began. Not a time at all: 0, "unknown". */
function hrTime(seconds: number): [number, number] {
  const inRange = Math.min(Math.max(Number.isNaN(seconds) ? 0 : seconds, 0), LAST_SECOND);
  const whole = Math.floor(inRange);
  return [whole, Math.round((inRange - whole) * 1000) * 1_000_000];
}

function isSeverity(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 24;
}
