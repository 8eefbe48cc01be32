import { expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { eventType } from '../../src/processor/event-type.ts';
import { EVENT_TYPES, INFO, isTenantType, WARN } from '../../src/processor/event-types.ts';
import { EVERY_TYPE } from './every-type.ts';
import { observed } from './observed-event.ts';

const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'none', severity: {} });
const everyType = Object.entries(EVERY_TYPE);

test.each(everyType)('%s names its target and reads as a sentence', (type, [target, summary]) => {
  const { attributes } = map(observed({ type, [type]: { id: 'x_1' } }));
  expect(attributes['openai.audit.target.type'] ?? null).toBe(target);
  expect(attributes['openai.audit.summary']).toBe(summary);
});

test('the table has a row for each type that the SDK knows, and no other', () => {
  expect(Object.keys(EVENT_TYPES).toSorted()).toEqual(everyType.map(([type]) => type).toSorted());
});

test('no rule and no row differ in what a name alone tells', () => {
  const odd = Object.keys(EVENT_TYPES).filter(type => {
    const known = eventType(type);
    const unknown = eventType(type.toUpperCase());
    return known.outcome !== unknown.outcome || known.category !== unknown.category || known.action !== unknown.action;
  });
  expect(odd).toEqual([]);
});

test('what failed, or changed nothing, is told of every type', () => {
  const all = Object.entries(EVENT_TYPES);
  const readOnly = all.filter(([, row]) => row.readOnly).map(([type]) => type);
  expect(readOnly).toEqual([
    'login.succeeded',
    'login.failed',
    'logout.succeeded',
    'logout.failed',
    'tenant.workload_identity.access_token.issued',
    'tenant.principal_authentication_policy.resolved',
    'tenant.user.looked_up',
  ]);
  const failed = all.filter(([type, row]) => type.endsWith('.failed') && row.severity === WARN);
  expect(failed.map(([type]) => type)).toEqual(['login.failed', 'logout.failed']);
});

test('only types of the tenant stream begin with tenant, but for the two that are named so', () => {
  const tenants = Object.keys(EVENT_TYPES).filter(isTenantType);
  expect(tenants.filter(type => !type.startsWith('tenant.'))).toEqual([
    'role.bound_to_resource',
    'role.unbound_from_resource',
  ]);
  expect(tenants).toHaveLength(90);
  expect(isTenantType('tenant.of.tomorrow')).toBe(true);
});

test('a type that nobody knows is judged by its name', () => {
  const judged = (type: string) => {
    const { severity, readOnly, outcome } = eventType(type);
    return [severity, readOnly, outcome];
  };
  expect(judged('mfa.failed')).toEqual([WARN, true, 'failure']);
  expect(judged('audit_logging.disabled')).toEqual([WARN, false, 'success']);
  expect(judged('organization.data_retention.updated')).toEqual([WARN, false, 'success']);
  expect(judged('conversation.exported')).toEqual([INFO, true, 'success']);
  expect(judged('login.stepped_up')).toEqual([INFO, true, 'success']);
  expect(judged('vault.key.rotated')).toEqual([INFO, false, 'success']);
});

test.each([
  ['vault.key.rotated', 'Somebody rotated vault key x_1'],
  ['vault.sso.failed', 'Somebody failed at vault SSO'],
  ['vault.quota.increase', 'Somebody caused vault.quota.increase on x_1'],
  ['vaulted', 'Somebody caused vaulted'],
  [undefined, 'Somebody caused an event without a type'],
])('a type nobody knows reads as a sentence: %s', (type, summary) => {
  const event = type === undefined ? {} : { type, [type]: { id: 'x_1' } };
  expect(map(observed(event)).attributes['openai.audit.summary']).toBe(summary);
});
