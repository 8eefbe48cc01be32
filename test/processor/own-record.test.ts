import { describe, expect, it } from 'vitest';
import { createOwnProcessor } from '../../src/processor/own-record.ts';
import type { OwnStatement } from '../../src/processor/processor.ts';

const record = createOwnProcessor({
  organizations: [{ name: 'acme', id: 'org-1' }],
  resourceAttributes: { 'deployment.environment.name': 'production' },
});
const late: OwnStatement = {
  uid: 'late/acme/audit_log-1',
  organization: 'acme',
  name: 'late',
  way: 'collector',
  atMs: 1_767_225_600_250,
  facts: {
    stream: 'tenant',
    event_uid: 'audit_log-1',
    event_type: 'ip_allowlist.config.deactivated',
    event_time: '2025-12-31T00:00:00Z',
    severity: 13,
    summary: 'ada@example.com deactivated the IP allowlist',
    late_by: 86_400,
  },
};

describe('a record of the collector itself', () => {
  it('states a late event now, with the severity of the event', () => {
    expect(record(late)).toEqual({
      resource: {
        'service.namespace': 'openai',
        'deployment.environment.name': 'production',
        'service.name': 'openai-audit-collector',
        'service.instance.id': 'acme/collector',
        'organization.name': 'acme',
        'organization.id': 'org-1',
      },
      timestamp: 1_767_225_600.25,
      observedAtMs: 1_767_225_600_250,
      eventName: 'openai.collector.late',
      severityNumber: 13,
      body: 'Late by 86400 s: event audit_log-1 of the tenant stream of acme: ada@example.com deactivated the IP allowlist',
      attributes: {
        'log.record.uid': 'late/acme/audit_log-1',
        'event.name': 'openai.collector.late',
        'openai.collector.stream': 'tenant',
        'openai.collector.event.uid': 'audit_log-1',
        'openai.collector.event.type': 'ip_allowlist.config.deactivated',
        'openai.collector.event.time': '2025-12-31T00:00:00Z',
        'openai.collector.event.severity': 13,
        'openai.collector.event.summary': 'ada@example.com deactivated the IP allowlist',
        'openai.collector.event.late_by': 86_400,
      },
    });
  });

  it.each([
    ['coverage', {}, 9],
    ['parked', {}, 13],
    ['late', { severity: 9 }, 9],
    ['late', {}, 9],
    ['feed', { state: 'live' }, 9],
    ['feed', { state: 'empty' }, 9],
    ['feed', { state: 'behind' }, 13],
    ['feed', { state: 'unauthorized' }, 13],
    ['feed', { state: 'one of a later version' }, 13],
  ] as const)('%s with %j has severity %i', (name, facts, severity) => {
    expect(record({ ...late, name, facts }).severityNumber).toBe(severity);
  });

  it('calls what is parked of the inventory no stream', () => {
    const facts = { stream: 'inventory', event_uid: 'u', event_type: 'entity.state', reason: 'refused', message: 'no' };
    expect(record({ ...late, name: 'parked', facts }).body).toBe(
      'Parked: event u (entity.state) of the inventory of acme: refused: no',
    );
  });

  it('keeps a fact that it does not know', () => {
    expect(record({ ...late, name: 'feed', facts: { mood: 'good' } }).attributes).toHaveProperty(
      ['openai.collector.feed.mood'],
      'good',
    );
  });
});
