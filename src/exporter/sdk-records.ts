import type { AnyValue, AnyValueMap, Logger } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { LogRecord } from '../record.ts';
import { safeAttributes, safeBody } from './safe-value.ts';

/** The instrumentation scope that every record names. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** The version of OpenTelemetry's semantic conventions whose names the records use, where those have one. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.45.0';

/** The last second that nanoseconds in an int64 reach, which backends use: in the year 2262. */
const LAST_SECOND = 9_223_372_036;

/** Records as the OpenTelemetry SDK makes them, in the same order. Of those in `safe` nothing has to be made safe. */
export function toSdkRecords(
  records: readonly LogRecord[],
  scope: Scope,
  safe: Pick<WeakSet<LogRecord>, 'has'> = NONE,
): ReadableLogRecord[] {
  const loggers = new Map<string, ResourceLogger>();
  let last: { readonly resource: LogRecord['resource']; readonly logger: ResourceLogger } | undefined;
  return records.map(record => {
    const { resource } = record;
    // All records of a batch have the same, nearly always as one object.
    if (last?.resource !== resource) last = { resource, logger: loggerOf(loggers, resource, scope) };
    return last.logger.emit(safe.has(record) ? record : safeRecord(record));
  });
}

const NONE: Pick<WeakSet<LogRecord>, 'has'> = { has: () => false };

function safeRecord(record: LogRecord) {
  const attributes = safeAttributes(record.attributes);
  return record.body === undefined ? { ...record, attributes } : { ...record, attributes, body: safeBody(record.body) };
}

function loggerOf(loggers: Map<string, ResourceLogger>, resource: LogRecord['resource'], scope: Scope): ResourceLogger {
  const key = JSON.stringify(resource);
  const known = loggers.get(key);
  if (known !== undefined) return known;
  const made = new ResourceLogger(resource, scope);
  loggers.set(key, made);
  return made;
}

/** Its attributes and body are as the SDK and both encodings carry them. */
type SafeRecord = Omit<LogRecord, 'attributes' | 'body'> & { readonly attributes: object; readonly body?: unknown };

/** A provider of its own for each resource, whose only processor keeps what was emitted. */
class ResourceLogger {
  readonly #logger: Logger;
  /** What is being emitted. */
  #attributes: AnyValueMap = {};
  #made: ReadableLogRecord | undefined;

  constructor(resource: LogRecord['resource'], scope: Scope) {
    const provider = new LoggerProvider({
      resource: resourceFromAttributes(safeAttributes(resource) as LogRecord['resource']),
      processors: [
        {
          onEmit: record => {
            // Given to `emit` they would be checked and copied one by one, which takes longer than all else here, and
            // dropped without an error where the SDK does not like one. These are as it would leave them.
            this.#made = Object.assign(record, { attributes: this.#attributes });
          },
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    this.#logger = provider.getLogger(scope.name, scope.version, { schemaUrl: SCHEMA_URL });
  }

  /** Throws when the SDK made no record of it, which it does without an error: nothing may be acknowledged unsent. */
  emit(record: SafeRecord): ReadableLogRecord {
    this.#attributes = record.attributes as AnyValueMap;
    this.#made = undefined;
    this.#logger.emit({
      timestamp: hrTime(record.timestamp),
      observedTimestamp: hrTime(record.observedAtMs / 1000),
      eventName: record.eventName.toWellFormed(),
      severityNumber: isSeverity(record.severityNumber) ? record.severityNumber : 0,
      ...(record.body === undefined ? {} : { body: record.body as AnyValue }),
    });
    if (this.#made === undefined) throw new Error(`the OpenTelemetry SDK made nothing of a record ${record.eventName}`);
    return this.#made;
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
