import type { LogRecord } from '../../src/record.ts';

/** A record like those that a processor makes. */
export function logRecord(uid: string, changes: Partial<LogRecord> = {}): LogRecord {
  return {
    resource: { 'service.name': 'openai-audit', 'service.instance.id': 'acme/organization/live' },
    timestamp: 1_767_225_600,
    observedAtMs: 1_767_225_601_234,
    eventName: 'openai.audit.login.succeeded',
    severityNumber: 9,
    body: { id: uid, type: 'login.succeeded' },
    ...changes,
    attributes: { 'log.record.uid': uid, ...changes.attributes },
  };
}

/** Records with uids `<prefix>0` onwards, each a second after the one before. */
export function logRecords(count: number, prefix = 'r', changes: Partial<LogRecord> = {}): LogRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const timestamp = (changes.timestamp ?? 1_767_225_600) + index;
    return logRecord(`${prefix}${index}`, { ...changes, timestamp });
  });
}
