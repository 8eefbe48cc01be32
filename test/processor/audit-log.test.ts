import { describe, expect, test } from 'vitest';
import { type AuditLogOptions, createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import type { Value } from '../../src/record.ts';
import { fixture, observed } from './observed-event.ts';

function processor(options: Partial<AuditLogOptions> = {}) {
  return createAuditLogProcessor({
    organizations: [{ name: 'acme', id: 'org-1' }],
    resourceAttributes: {},
    body: 'event',
    severity: {},
    ...options,
  });
}

describe('resource', () => {
  test('names organization, stream and way, and takes what the operator adds', () => {
    const map = processor({ resourceAttributes: { 'deployment.environment.name': 'staging' } });
    expect(map(observed({}, { stream: 'tenant', way: 'gap/3' })).resource).toEqual({
      'service.name': 'openai-audit',
      'service.namespace': 'openai',
      'service.instance.id': 'acme/tenant/gap/3',
      'organization.id': 'org-1',
      'organization.name': 'acme',
      'deployment.environment.name': 'staging',
    });
  });

  test('has no organization.id when the configuration names none', () => {
    const { resource } = processor()(observed({}, { organization: 'other' }));
    expect(resource).not.toHaveProperty(['organization.id']);
    expect(resource['organization.name']).toBe('other');
  });

  test('keeps the names that tell the feeds apart', () => {
    const map = processor({ resourceAttributes: { 'service.name': 'x', 'service.instance.id': 'y' } });
    expect(map(observed({})).resource).toMatchObject({
      'service.name': 'openai-audit',
      'service.instance.id': 'acme/organization/live',
    });
  });
});

describe('time', () => {
  test('is the event’s, with the first observation beside it', () => {
    const record = processor()(observed({}, { effectiveAt: 1_700_000_000, observedAtMs: 1_700_000_123_456 }));
    expect(record).toMatchObject({ timestamp: 1_700_000_000, observedAtMs: 1_700_000_123_456 });
    expect(record.attributes).not.toHaveProperty(['openai.audit.time_estimated']);
  });

  test('is marked when it is a neighbour’s', () => {
    const { attributes } = processor()(observed({}, { timeIsNeighbours: true }));
    expect(attributes['openai.audit.time_estimated']).toBe(true);
  });

  test('of a late event comes with whole seconds of delay', () => {
    const late = { delivery: 'late', effectiveAt: 1_700_000_000, observedAtMs: 1_700_000_061_999 } as const;
    expect(processor()(observed({}, late)).attributes).toMatchObject({
      'openai.audit.delivery': 'late',
      'openai.audit.late_by': 61,
    });
    expect(processor()(observed({}, { ...late, delivery: 'backfill' })).attributes).not.toHaveProperty([
      'openai.audit.late_by',
    ]);
  });
});

describe('severity', () => {
  test('is a warning for a failure, for weakened protection, and for a failure of a type nobody knows', () => {
    const of = (type: string) => processor()(observed({ type })).severityNumber;
    expect(['login.failed', 'ip_allowlist.deleted', 'mfa.failed', 'user.added'].map(of)).toEqual([13, 13, 13, 9]);
  });

  test.each([
    ['api_key.created', { data: { scopes: ['api.fine_tuning.*', 'api.model.request'] } }, 9],
    ['api_key.created', { data: { scopes: ['api.files.all', 'model.all', 'api.all.read'] } }, 9],
    ['api_key.created', { data: { scopes: ['*'] } }, 13],
    ['api_key.created', { data: { scopes: ['api.*'] } }, 13],
    ['api_key.created', { data: { scopes: ['All'] } }, 13],
    ['api_key.updated', { changes_requested: { scopes: ['api.all.write'] } }, 13],
    ['api_key.created', { data: {} }, 9],
    ['key_of_tomorrow.created', { scopes: [] }, 13],
    ['user.updated', { changes_requested: { role: 'reader' } }, 9],
    ['user.updated', { changes_requested: { role: 'Organization Owner' } }, 13],
    ['role.assignment.created', { role_id: 'role-ownership-of-nothing' }, 9],
    ['tenant.resource_access.updated', { principal_id: 'user-1', role: 'owner' }, 13],
    ['tenant.role_assignment.created', { role: { id: 'role-1', name: 'Owner' } }, 13],
    ['tenant.membership.accepted', { data: { role: 'owner' } }, 13],
    ['tenant.membership.revoked', { data: { role: 'owner' } }, 9],
    ['organization.updated', { changes_requested: { title: 'Example' } }, 9],
    ['organization.updated', { changes_requested: { data_retention_days: 0 } }, 13],
  ])('of %s with %j is %i', (type, payload, severity) => {
    expect(processor()(observed({ type, [type]: payload })).severityNumber).toBe(severity);
  });

  test('is what the configuration says for a type', () => {
    const map = processor({ severity: { 'user.added': 17 } });
    expect(map(observed({ type: 'user.added' })).severityNumber).toBe(17);
    expect(map(observed({ type: 'constructor' })).severityNumber).toBe(9);
  });
});

describe('body', () => {
  const event = fixture('login-succeeded') as Value;

  test('is the event itself', () => {
    expect(processor()(observed(event)).body).toBe(event);
  });

  test('is the sentence when summaries are asked for, and the event an attribute', () => {
    const { body, attributes } = processor({ body: 'summary' })(observed(event));
    expect(body).toBe('ada@example.com logged in from 203.0.113.7 (Berlin, DE)');
    expect(JSON.parse(String(attributes['log.record.original']))).toEqual(event);
  });

  test('stays the event when that is too large for an attribute', () => {
    const large = { type: 'user.added', 'user.added': { note: 'x'.repeat(50_000) } };
    const { body, attributes } = processor({ body: 'summary' })(observed(large));
    expect(body).toBe(large);
    expect(attributes).not.toHaveProperty(['log.record.original']);
    expect(attributes['openai.audit.truncated']).toBe(true);
  });

  test('is absent when none is asked for', () => {
    expect(processor({ body: 'none' })(observed(event))).not.toHaveProperty('body');
  });
});

describe('type', () => {
  test.each([
    [undefined, 'openai.audit.unknown'],
    [null, 'openai.audit.unknown'],
    ['', 'openai.audit.unknown'],
    ['...', 'openai.audit.unknown'],
    ['日本', 'openai.audit.unknown'],
    ['future.thing', 'openai.audit.future.thing'],
    ['Future-Thing.Was Done!', 'openai.audit.future_thing.was_done'],
    [`a.${'b'.repeat(1000)}`, `openai.audit.a.${'b'.repeat(238)}`],
  ])('%j makes a sane event name', (type, eventName) => {
    const { attributes, ...record } = processor()(observed({ type }));
    expect(record.eventName).toBe(eventName);
    expect(attributes['event.name']).toBe(eventName);
    expect(attributes['openai.audit.type']).toBe(type || undefined);
  });
});

describe('actor', () => {
  const attributesOf = (actor: unknown) => processor()(observed({ type: 'user.added', actor })).attributes;

  test('is never a user when a service account owns the key', () => {
    const key = { id: 'key_1', type: 'service_account', service_account: { id: 'svc_1' }, user: { id: 'user-1' } };
    const attributes = attributesOf({ type: 'api_key', api_key: key });
    expect(attributes).toMatchObject({ 'actor.id': 'svc_1', 'actor.service_account.id': 'svc_1' });
    expect(Object.keys(attributes).filter(name => name.startsWith('user.'))).toEqual([]);
  });

  test.each([
    { type: 'service_account', service_account: { id: 'svc_1', user: { id: 'user-1', email: 'ada@example.com' } } },
    { type: 'service_account', session: { user: { id: 'svc_1' } } },
    { session: { user: { id: 'svc_1', type: 'service_account' } } },
    { principal: { type: 'service_account', id: 'svc_1' } },
    { type: 'principal', principal: { type: 'service_account', id: 'svc_1', email: 'bot@example.com' } },
    { type: 'workload_identity', workload_identity: { service_account: { id: 'svc_1' }, user: { id: 'user-1' } } },
  ])('is a service account, and no user, as %j', actor => {
    const attributes = attributesOf(actor);
    expect(attributes).toMatchObject({ 'actor.id': 'svc_1', 'actor.service_account.id': 'svc_1' });
    expect(Object.keys(attributes).filter(name => name.startsWith('user.'))).toEqual([]);
  });

  test('gets the type that its shape implies', () => {
    expect(attributesOf({ session: {} })['actor.type']).toBe('session');
    expect(attributesOf({ api_key: { id: 'key_1' } })).toMatchObject({ 'actor.type': 'api_key', 'actor.id': 'key_1' });
  });
});

describe('location', () => {
  const attributesOf = (ip_address_details: unknown) =>
    processor()(observed({ actor: { session: { ip_address_details } } })).attributes;

  test.each(['1e2', '0x10', ' 1', '', 'NaN', '91', null, true, [1]])('leaves out latitude %j', latitude => {
    expect(attributesOf({ latitude })).not.toHaveProperty(['geo.location.lat']);
  });

  test.each([
    ['64496', 64496],
    ['AS64496', 64496],
    [64496, 64496],
    ['4294967296', undefined],
    ['1.5', undefined],
    ['-1', undefined],
  ])('reads AS number %j as %j', (asn, number) => {
    expect(attributesOf({ asn })['client.as.number']).toBe(number);
  });

  test.each([
    ['de', 'DE'],
    ['T1', 'T1'],
    ['Germany', undefined],
    ['D', undefined],
  ])('takes country %j for the code %j', (country, code) => {
    const attributes = attributesOf({ country, region_code: 'be' });
    expect(attributes['geo.country.iso_code']).toBe(code);
    expect(attributes['geo.region.iso_code']).toBe(code && `${code}-BE`);
  });

  test('names a region by ISO 3166-2 only when its country is known', () => {
    expect(attributesOf({ country: 'US', region_code: 'CA' })['geo.region.iso_code']).toBe('US-CA');
    expect(attributesOf({ country: 'US', region_code: 'US-CA' })['geo.region.iso_code']).toBe('US-CA');
    expect(attributesOf({ region_code: 'CA' })).not.toHaveProperty(['geo.region.iso_code']);
  });
});

describe('details', () => {
  test.each(['toString', 'constructor', '__proto__'])('are not what every object inherits as %s', type => {
    const { attributes } = processor()(observed({ type }));
    expect(Object.keys(attributes).filter(name => name.startsWith('openai.audit.details'))).toEqual([]);
  });

  const attributesOf = (payload: Value) =>
    processor()(observed({ type: 't.created', 't.created': payload })).attributes;

  test('that are no map stand alone', () => {
    expect(attributesOf('text')['openai.audit.details']).toBe('text');
    expect(attributesOf([1, 2])['openai.audit.details']).toEqual([1, 2]);
    expect(attributesOf([])['openai.audit.details']).toEqual([]);
  });

  test('keep what fits beside something too large, and say so', () => {
    const attributes = attributesOf({ large: 'x'.repeat(50_000), small: 'y' });
    expect(attributes).toMatchObject({ 'openai.audit.details.small': 'y', 'openai.audit.truncated': true });
    expect(attributes).not.toHaveProperty(['openai.audit.details.large']);
  });

  test('of many fields end at the hundredth attribute, and say so', () => {
    const attributes = attributesOf(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field_${n}`, n])));
    expect(Object.keys(attributes)).toHaveLength(100);
    expect(attributes['openai.audit.truncated']).toBe(true);
  });

  test('nested deeper than any payload known stand there as JSON text', () => {
    const attributes = attributesOf(nested(20, { leaf: 1 }));
    const path = `openai.audit.details${'.n'.repeat(16)}`;
    expect(attributes[path]).toBe('{"n":{"n":{"n":{"n":{"leaf":1}}}}}');
    expect(attributes).not.toHaveProperty(['openai.audit.truncated']);
  });

  test.each(['event', 'summary'] as const)('nested 100,000 deep overflow no stack (body: %s)', body => {
    const map = processor({ body });
    const deepMap = { type: 't.created', 't.created': nested(100_000, null) };
    const deepArray = JSON.parse(`{"type":"t.created","t.created":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(map(observed(deepMap)).attributes['openai.audit.truncated']).toBe(true);
    expect(map(observed(deepArray)).attributes['openai.audit.truncated']).toBe(true);
  });
});

function nested(levels: number, innermost: Value): Value {
  let value = innermost;
  for (let level = 0; level < levels; level += 1) value = { n: value };
  return value;
}
