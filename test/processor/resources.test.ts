import { expect, test } from 'vitest';
import { createAuditLogProcessor } from '../../src/processor/audit-log.ts';
import { observed } from './observed-event.ts';

const map = createAuditLogProcessor({ organizations: [], resourceAttributes: {}, body: 'event', severity: {} });

function attributesOf(type: string, payload: unknown) {
  return map(observed({ type, [type]: payload })).attributes;
}

test.each([
  ['api_key.deleted', { id: 'key_1' }, ['api_key/key_1']],
  [
    'role.assignment.created',
    {
      id: 'ra_1',
      principal_id: 'user-1',
      principal_type: 'user',
      resource_id: 'org-1',
      resource_type: 'api.organization',
    },
    ['role_assignment/ra_1', 'user/user-1', 'organization/org-1'],
  ],
  ['role.bound_to_resource', { id: 'c', resource_id: 'c', resource_type: 'connector' }, ['connector/c']],
  ['share.created', { id: 's', principal_id: 'p', resource_id: 'r' }, ['share/s', 'principal/p', 'resource/r']],
  ['keys.moved', { keys: [{ id: 'key_1' }, { id: 'key_2' }] }, ['key/key_1', 'key/key_2']],
  [
    'keys.moved',
    { data: { project_ids: ['p1', 7, 'p2'] }, changes_requested: { owner_user_id: 'u' } },
    ['project/p1', 'project/p2', 'user/u'],
  ],
  [
    'tenant.role_assignment.created',
    { id: 'ra', principal: { id: 'u', type: 'user' }, role: { id: 'r' }, data: { id: 'ra', group: { id: 'g' } } },
    ['role_assignment/ra', 'user/u', 'role/r', 'group/g'],
  ],
  ['share.created', { resource: { id: 'proj_1', type: 'api.project' }, owner: { type: 'user' } }, ['project/proj_1']],
  ['keys.moved', { project_ids: 'p1, p2,,p1' }, ['project/p1', 'project/p2']],
  ['keys.moved', { allowed_ips: ['192.0.2.1'], project_id: '', key_id: 7 }, undefined],
])('of %s with %j are told, the target first, no id twice', (type, payload, resources) => {
  expect(attributesOf(type, payload)['openai.audit.resources']).toEqual(resources);
});

test('that are too many for a record end at the hundredth, and say so', () => {
  const certificates = Array.from({ length: 5000 }, (_, n) => ({ id: `cert_${n}` }));
  const attributes = attributesOf('certificates.activated', { certificates });
  expect(attributes['openai.audit.resources']).toHaveLength(100);
  expect(String(attributes['openai.audit.target.id']).split(',')).toHaveLength(100);
  expect(attributes).not.toHaveProperty(['openai.audit.details.certificates']);
  expect(attributes['openai.audit.truncated']).toBe(true);
});

test('a list with a million members is left to the Body', () => {
  const attributes = attributesOf('t.updated', { list: Array.from({ length: 1_000_000 }, (_, n) => n), small: 1 });
  expect(attributes).toMatchObject({ 'openai.audit.details.small': 1, 'openai.audit.truncated': true });
});
