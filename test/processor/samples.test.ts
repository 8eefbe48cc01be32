import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { at, textAt } from '../../src/processor/json.ts';
import { observed } from './observed-event.ts';

/** Events of a live organization, beside the repository where somebody has put them. */
const folder = new URL('../../../shared/samples/audit-logs/', import.meta.url);
const files = existsSync(folder) ? readdirSync(folder).filter(file => file.startsWith('live-')) : [];
const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'event', severity: {} });

describe.skipIf(files.length === 0)('live events', () => {
  test.each(files)('%s tells all that teams search for', file => {
    const event: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const type = textAt(event, 'type') ?? '';
    const details = at(event, 'actor', 'session', 'ip_address_details');
    const { eventName, body, severityNumber, attributes } = map(observed(event));
    expect(eventName).toBe(`openai.audit.${type}`);
    expect(body).toBe(event);
    expect(attributes).toMatchObject({
      'log.record.uid': at(event, 'id'),
      'actor.ip': at(event, 'actor', 'session', 'ip_address'),
      'user.email': at(event, 'actor', 'session', 'user', 'email'),
      'geo.location.lat': Number(at(details, 'latitude')),
      'geo.location.lon': Number(at(details, 'longitude')),
      'client.as.number': Number(at(details, 'asn')),
      'openai.audit.type': type,
      'openai.audit.summary': expect.stringContaining(textAt(details, 'city') ?? ''),
    });
    const account = at(event, 'actor', 'session', 'user', 'id');
    const [kind] = type.split('.');
    const target = kind?.startsWith('log') ? ['user', account] : [kind, at(event, type, 'id')];
    expect([attributes['openai.audit.target.type'], attributes['openai.audit.target.id']]).toEqual(target);
    expect(attributes['openai.audit.resources']).toContain(target.join('/'));
    expect(attributes).toMatchObject({
      'openai.audit.category': kind,
      'openai.audit.action': type.split('.').at(-1),
      'openai.audit.outcome': 'success',
      'openai.audit.read_only': kind?.startsWith('log'),
    });
    const isGrave = at(event, type, 'data', 'role') === 'owner' || isEmpty(at(event, type, 'data', 'scopes'));
    expect(severityNumber).toBe(isGrave ? 13 : 9);
    const summary = String(attributes['openai.audit.summary']);
    const did = kind?.startsWith('log')
      ? ` ${kind.replace('log', 'logged ')} from `
      : ` ${String(at(event, type, 'id'))}`;
    expect(summary.startsWith(textAt(event, 'actor', 'session', 'user', 'email') ?? 'nobody')).toBe(true);
    expect(summary).toContain(did);
    expect(Object.values(attributes)).not.toContain('unknown');
    expect(attributes).not.toHaveProperty(['openai.audit.truncated']);
  });
});

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}
