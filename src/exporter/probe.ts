import type { LogRecord } from '../record.ts';

/**
 * A harmless record that tells a bad record from a bad way: same time and resource as the refused one, in a stream of
 * its own, and the same in every byte each time it is sent for that record.
 */
export function probeFor(record: LogRecord): LogRecord {
  const instance = record.resource['service.instance.id'];
  const uid = record.attributes['log.record.uid'];
  return {
    resource: { ...record.resource, 'service.instance.id': instance === undefined ? 'probe' : `${instance}/probe` },
    timestamp: record.timestamp,
    observedAtMs: record.observedAtMs,
    eventName: 'openai.collector.probe',
    severityNumber: 9,
    body: 'The collector asks whether a record of this time and source is accepted: the backend refused another one.',
    attributes: {
      'event.name': 'openai.collector.probe',
      ...(typeof uid === 'string' ? { 'log.record.uid': `probe/${uid}` } : {}),
    },
  };
}
