import { expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { observed } from './observed-event.ts';

const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'none', severity: {} });

function summary(type: string, payload: unknown, rest: object = {}): unknown {
  return map(observed({ type, [type]: payload, ...rest })).attributes['openai.audit.summary'];
}

const ada = {
  session: {
    user: { email: 'ada@example.com' },
    ip_address: '203.0.113.7',
    ip_address_details: { city: 'Berlin', country: 'DE' },
  },
};

test('tells who did what to what, in which project, from where', () => {
  expect(summary('api_key.created', { id: 'key_abc' }, { actor: ada, project: { id: 'proj_x' } })).toBe(
    'ada@example.com created API key key_abc in project proj_x from 203.0.113.7 (Berlin, DE)',
  );
});

test.each([
  ['user.updated', { id: 'user-1', changes_requested: { role: 'owner' } }, 'updated user user-1, now owner'],
  ['user.updated', { id: 'user-1', data: { role: 'owner' } }, 'updated user user-1, now owner'],
  ['rate_limit.updated', { id: 'rl-1', changes_requested: { a: 1, b: 2 } }, 'updated a, b of rate limit rl-1'],
  [
    'ip_allowlist.config.deactivated',
    { configs: [{ id: 'a', name: 'Office' }, { id: 'b' }] },
    'deactivated IP allowlists Office, b',
  ],
  ['ip_allowlist.updated', { id: 'al-1', allowed_ips: [] }, 'updated IP allowlist al-1'],
  [
    'ip_allowlist.updated',
    { allowed_ips: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
    'updated an IP allowlist, now a, b, c, d, e and 2 more',
  ],
  [
    'role.bound_to_resource',
    { id: 'ws__c', role_id: 'role-1', connector_name: 'Drive' },
    'bound a role (role-1) to resource ws__c (Drive)',
  ],
  ['tenant.group.updated', { group_id: 'group-1' }, 'updated group group-1'],
  ['login.failed', { error_code: 'mfa_required' }, 'failed to log in: mfa_required'],
])('of %s with %j says so', (type, payload, did) => {
  expect(summary(type, payload)).toBe(`Somebody ${did}`);
});

test('shortens long texts and takes their line breaks and deceiving characters away', () => {
  expect(summary('user.deleted', { id: `a\u0000\n\u202eb${'c'.repeat(200)}` })).toBe(
    `Somebody deleted user a b${'c'.repeat(115)}…`,
  );
});

test('never reads a value as a template', () => {
  expect(summary('invite.sent', { id: '{data.role}[x]$&', data: { role: 'owner' } })).toBe(
    'Somebody sent invite {data.role}[x]$& as owner',
  );
});
