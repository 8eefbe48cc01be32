import type { Answer } from '../../src/exporter/answer.ts';
import type { Configuration } from './history.ts';

type Protocol = Configuration['protocol'];

const FIELD = { partialSuccess: 0x0a, rejectedLogRecords: 0x08, errorMessage: 0x12 };

/** An error, or a page that is none of OTLP's. */
export function answerOf(status: number, text: string, retryAfterS?: number): Answer {
  const retryAfter = retryAfterS === undefined ? undefined : String(retryAfterS);
  return { ...whole(status, Buffer.from(text), text.startsWith('<') ? 'text/html' : 'text/plain'), retryAfter };
}

export function success(protocol: Protocol): Answer {
  return protocol === 'http/json'
    ? whole(200, Buffer.from('{"partialSuccess":{}}'), 'application/json')
    : whole(200, Buffer.alloc(0), 'application/x-protobuf');
}

/** "I have taken some, and will never take the others": OTLP does not say which. */
export function partialAnswer(protocol: Protocol, rejected: number, message: string): Answer {
  if (protocol === 'http/json') {
    const body = { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: message } };
    return whole(200, Buffer.from(JSON.stringify(body)), 'application/json');
  }
  const text = Buffer.from(message);
  const partial = Buffer.of(FIELD.rejectedLogRecords, rejected, FIELD.errorMessage, text.length, ...text);
  return whole(200, Buffer.of(FIELD.partialSuccess, partial.length, ...partial), 'application/x-protobuf');
}

function whole(status: number, body: Uint8Array, contentType: string): Answer {
  return { status, contentType, retryAfter: undefined, body, complete: true, early: false, oversized: false };
}
