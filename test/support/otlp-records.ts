/** A log record as a receiver sees it, whichever encoding it came in. 64-bit integers are texts, as in OTLP/JSON. */
export interface ReceivedRecord {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: { readonly name: string; readonly version: string };
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly eventName: string;
  readonly severityNumber: number;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** `log.record.uid`, or empty. */
  readonly uid: string;
}

/** The records of an OTLP/JSON request, in order, with their values as plain ones. Throws for what is no such request. */
export function recordsOf(request: unknown): ReceivedRecord[] {
  return list(request, 'resourceLogs').flatMap(resourceLogs => {
    const resource = map(list(field(resourceLogs, 'resource'), 'attributes'));
    return list(resourceLogs, 'scopeLogs').flatMap(scopeLogs => {
      const scope = field(scopeLogs, 'scope') as ReceivedRecord['scope'];
      return list(scopeLogs, 'logRecords').map(record => toRecord(record, resource, scope));
    });
  });
}

function toRecord(
  record: unknown,
  resource: ReceivedRecord['resource'],
  scope: ReceivedRecord['scope'],
): ReceivedRecord {
  const attributes = map(list(record, 'attributes'));
  return {
    resource,
    scope: { name: String(scope.name), version: String(scope.version) },
    timeUnixNano: String(field(record, 'timeUnixNano')),
    observedTimeUnixNano: String(field(record, 'observedTimeUnixNano')),
    eventName: String(field(record, 'eventName') ?? ''),
    severityNumber: Number(field(record, 'severityNumber')),
    body: plain(field(record, 'body')),
    attributes,
    uid: typeof attributes['log.record.uid'] === 'string' ? attributes['log.record.uid'] : '',
  };
}

/** An AnyValue as a plain value. An integer must fit int64 and a double must be a number, as real receivers demand. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined;
  const [entry] = Object.entries(value as object);
  if (entry === undefined) return null;
  const [kind, content] = entry;
  switch (kind) {
    case 'stringValue':
    case 'boolValue':
      return content;
    case 'intValue':
      return int64(content);
    case 'doubleValue':
      if (typeof content !== 'number') throw new Error(`ReadDouble: expect a number, found ${content}`);
      return content;
    case 'arrayValue':
      return list(content, 'values').map(plain);
    case 'kvlistValue':
      return map(list(content, 'values'));
    default:
      throw new Error(`AnyValue with ${kind}`);
  }
}

function int64(content: unknown): number {
  const text = String(content);
  if (!/^-?\d+$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw new Error(`ReadInt64: ${text} is no int64`);
  }
  return Number(text);
}

function map(entries: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(entry => [String(field(entry, 'key')), plain(field(entry, 'value'))]));
}

function list(value: unknown, key: string): readonly unknown[] {
  const found = field(value, key) ?? [];
  if (!Array.isArray(found)) throw new Error(`${key} is no array`);
  return found;
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) throw new Error(`no object around ${key}`);
  return (value as Readonly<Record<string, unknown>>)[key];
}
