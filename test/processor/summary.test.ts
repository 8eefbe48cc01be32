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
  [
    'rate_limit.updated',
    { id: 'rl-1', changes_requested: { a: 1, b: 2 } },
    'updated rate limit rl-1, now with a 1 and b 2',
  ],
  [
    'organization.updated',
    { id: 'org-1', changes_requested: { api_call_logging: 'disabled', title: 'Team A', description: '', extra: null } },
    'updated the organization org-1, now with api_call_logging disabled, title "Team A", no description and no extra',
  ],
  [
    'tunnel.updated',
    { changes_requested: { list: ['x', 'y'], none: [], deep: { x: 1 }, on: false, e: 1, f: 2, g: 3 } },
    'updated a tunnel, now with list x, y, no none, other deep, on false, e 1 and 2 more',
  ],
  ['tunnel.updated', { id: 't', changes_requested: {} }, 'updated tunnel t'],
  [
    'api_key.updated',
    { id: 'key_1', changes_requested: { expires_in_seconds: 1_728_000 } },
    'updated API key key_1, expiring in 20 days',
  ],
  [
    'api_key.updated',
    { id: 'key_1', data: { expires_in_seconds: '3600' } },
    'updated API key key_1, expiring in 1 hour',
  ],
  [
    'api_key.updated',
    { id: 'key_1', changes_requested: { expires_in_seconds: 90_061 } },
    'updated API key key_1, expiring in 90061 seconds',
  ],
  ['api_key.updated', { id: 'key_1', changes_requested: { expires_in_seconds: null } }, 'updated API key key_1'],
  ['certificates.activated', { certificates: [{ id: 'a' }] }, 'activated certificate a'],
  ['certificates.activated', { certificates: ['a', 'b'] }, 'activated certificates a, b'],
  ['policy.deleted', [{ id: 'a' }, { id: 'b' }], 'deleted policies a, b'],
  ['tenant.user.invited', { email: 'eve@example.com' }, 'invited user eve@example.com'],
  [
    'tenant.chatgpt_workspace_invite.upserted',
    { id: 'inv_1', email: 'eve@example.com' },
    'created or updated ChatGPT workspace invite inv_1 to eve@example.com',
  ],
  [
    'tenant.group.member.added',
    { id: 'm-1', group_id: 'g-1', user_id: 'u-1' },
    'added a member to group g-1 (user u-1)',
  ],
  [
    'tenant.policy.attached',
    { policy_id: 'p-1', group_ids: ['g-1', 'g-10'] },
    'attached policy p-1 (group g-1, group g-10)',
  ],
  ['vault.sealed', { id: 'g-10', group_id: 'g-1', parent_group_id: 'g-10' }, 'sealed vault g-10 (group g-1)'],
  [
    'vault.sealed',
    { id: 'v', user_ids: Array.from({ length: 150 }, (_, n) => `u-${n}`) },
    'sealed vault v (user u-0, user u-1, user u-2, user u-3, user u-4 and many more)',
  ],
  [
    'tenant.group.member.added',
    { group: { id: 'g-1', name: 'Platform' }, user: { id: 'u-1' } },
    'added a member to group g-1 named "Platform" (user u-1)',
  ],
  [
    'vault.sealed',
    { id: 'v', user_ids: 'a,b,c,d,e,f,g' },
    'sealed vault v (user a, user b, user c, user d, user e and 2 more)',
  ],
  [
    'tenant.resource_access.updated',
    { resource_id: 'conn_1', resource_type: 'connector', principal_id: 'u-1', principal_type: 'user' },
    'updated the access of user u-1 to connector conn_1',
  ],
  ['tenant.policy.attached', { id: 'p-1', principal_id: 'x-1' }, 'attached policy p-1 to principal x-1'],
  [
    'ip_allowlist.config.deactivated',
    { configs: [{ id: 'a', name: 'Build farm' }, { id: 'b' }] },
    'deactivated IP allowlists "Build farm", b',
  ],
  ['ip_allowlist.updated', { id: 'al-1', allowed_ips: [] }, 'updated IP allowlist al-1'],
  [
    'ip_allowlist.updated',
    { allowed_ips: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
    'updated an IP allowlist, now allowing a, b, c, d, e and 2 more',
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

test('does not tell again who acted, nor in which project', () => {
  const payload = { id: 'mem_1', user_id: 'user-1', project_id: 'proj_1' };
  const actor = { session: { user: { id: 'user-1', email: 'ada@example.com' } } };
  expect(summary('tenant.membership.accepted', payload, { actor, project: { id: 'proj_1' } })).toBe(
    'ada@example.com accepted membership mem_1 of user user-1 in project proj_1',
  );
  expect(summary('share.opened', payload, { actor, project: { id: 'proj_1' } })).toBe(
    'ada@example.com opened share mem_1 in project proj_1',
  );
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
