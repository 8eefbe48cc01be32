/** Reads an ExportLogsServiceRequest in protobuf into the form that OTLP/JSON has, as far as tests look at it. */
export function decodeLogsRequest(bytes: Uint8Array): unknown {
  return { resourceLogs: messages(bytes, 1).map(resourceLogs) };
}

type Field = { readonly number: number; readonly value: bigint | Uint8Array };

function resourceLogs(bytes: Uint8Array): unknown {
  return {
    resource: { attributes: messages(first(bytes, 1), 1).map(keyValue) },
    scopeLogs: messages(bytes, 2).map(scopeLogs),
  };
}

function scopeLogs(bytes: Uint8Array): unknown {
  const scope = first(bytes, 1);
  return { scope: { name: text(scope, 1), version: text(scope, 2) }, logRecords: messages(bytes, 2).map(logRecord) };
}

function logRecord(bytes: Uint8Array): unknown {
  return {
    timeUnixNano: String(integer(bytes, 1)),
    severityNumber: Number(integer(bytes, 2)),
    ...(fieldsOf(bytes, 5).length === 0 ? {} : { body: anyValue(first(bytes, 5)) }),
    attributes: messages(bytes, 6).map(keyValue),
    droppedAttributesCount: Number(integer(bytes, 7)),
    observedTimeUnixNano: String(integer(bytes, 11)),
    eventName: text(bytes, 12),
  };
}

function keyValue(bytes: Uint8Array): unknown {
  return { key: text(bytes, 1), value: anyValue(first(bytes, 2)) };
}

function anyValue(bytes: Uint8Array): unknown {
  const [field] = fields(bytes);
  if (field === undefined) return {};
  const { value } = field;
  if (typeof value === 'bigint') {
    if (field.number === 2) return { boolValue: value === 1n };
    if (field.number === 3) return { intValue: String(BigInt.asIntN(64, value)) };
    return { doubleValue: double(value) };
  }
  if (field.number === 1) return { stringValue: utf8(value) };
  if (field.number === 5) return { arrayValue: { values: messages(value, 1).map(anyValue) } };
  if (field.number === 6) return { kvlistValue: { values: messages(value, 1).map(keyValue) } };
  throw new Error(`AnyValue with field ${field.number}`);
}

function double(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function fieldsOf(bytes: Uint8Array, number: number): Field[] {
  return fields(bytes).filter(field => field.number === number);
}

function messages(bytes: Uint8Array, number: number): Uint8Array[] {
  return fieldsOf(bytes, number).map(field => {
    if (typeof field.value === 'bigint') throw new Error(`field ${number} is no message`);
    return field.value;
  });
}

function first(bytes: Uint8Array, number: number): Uint8Array {
  return messages(bytes, number)[0] ?? new Uint8Array();
}

function text(bytes: Uint8Array, number: number): string {
  return utf8(first(bytes, number));
}

function integer(bytes: Uint8Array, number: number): bigint {
  const value = fieldsOf(bytes, number)[0]?.value ?? 0n;
  if (typeof value !== 'bigint') throw new Error(`field ${number} is no number`);
  return value;
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  const take = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new Error('protobuf ends too soon');
    return at - length;
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    const wire = tag & 7;
    if (wire === 0) found.push({ number, value: varint() });
    else if (wire === 1) found.push({ number, value: view.getBigUint64(take(8), true) });
    else if (wire === 5) found.push({ number, value: BigInt(view.getUint32(take(4), true)) });
    else if (wire === 2) {
      const length = Number(varint());
      const start = take(length);
      found.push({ number, value: bytes.subarray(start, start + length) });
    } else throw new Error(`wire type ${wire}`);
  }
  return found;
}
