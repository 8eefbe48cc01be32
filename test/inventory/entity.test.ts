import { expect, test } from 'vitest';
import { organizationId, readEntity, referenceText, ruleOf } from '../../src/inventory/entity.ts';
import { textAt, valuesAt } from '../../src/inventory/path.ts';
import { listRequest } from '../../src/inventory/request.ts';
import { kindOf } from '../support/inventory-crawl.ts';

const PARENT = { ...organizationId('org-1'), 'project.id': 'proj_1' };
const KEYS = kindOf('/organization/projects/{project_id}/api_keys');
const ADMIN_KEYS = kindOf('/organization/admin_api_keys');
const RATE_LIMITS = kindOf('/organization/projects/{project_id}/rate_limits');
const LANE = { priority: 'inventory', caller: 'acme' } as const;

test('an item becomes a thing with id, name, description and edges', () => {
  const owner = { type: 'user', user: { id: 'user-1', name: 'Ada' } };
  expect(readEntity(KEYS, PARENT, { id: 'key_1', name: 'ci', last_used_at: null, owner, surprise: [1] })).toEqual({
    kind: 'api_key',
    form: 'node',
    id: { 'api_key.id': 'key_1' },
    name: 'ci',
    description: { id: 'key_1', name: 'ci', last_used_at: null, owner, surprise: [1] },
    relations: [
      {
        from: { kind: 'project', id: { 'project.id': 'proj_1' } },
        type: 'resource',
        to: { kind: 'api_key', id: { 'api_key.id': 'key_1' } },
      },
      {
        from: { kind: 'user', id: { 'user.id': 'user-1' } },
        type: 'owns',
        to: { kind: 'api_key', id: { 'api_key.id': 'key_1' } },
      },
      {
        from: { kind: 'api_key', id: { 'api_key.id': 'key_1' } },
        type: 'owned_by',
        to: { kind: 'user', id: { 'user.id': 'user-1' } },
      },
    ],
  });
});

test('what is the same in every project is told apart by the project', () => {
  const entity = readEntity(RATE_LIMITS, PARENT, { id: 'rl-o3', model: 'o3' });
  expect(entity?.id).toEqual({ 'project.id': 'proj_1', 'rate_limit.id': 'rl-o3' });
  expect(entity && referenceText(entity)).toBe('rate_limit proj_1/rl-o3');
});

test('an item without what identifies it is nothing', () => {
  for (const id of [undefined, null, '', 5]) {
    expect(readEntity(KEYS, PARENT, id === undefined ? {} : { id })).toBe(undefined);
  }
});

test('no secret stands in a description, wherever it is', () => {
  const whole = `sk-proj-${'a1B2'.repeat(12)}`;
  const item = {
    id: 'key_1',
    value: 'sk-admin-1234abcd',
    redacted_value: 'sk-admin...def',
    note: `use ${whole}`,
    list: [{ deep: whole }],
  };
  const entity = readEntity(ADMIN_KEYS, PARENT, item);
  expect(entity?.description).toEqual({
    id: 'key_1',
    redacted_value: 'sk-admin...def',
    note: 'use [key]',
    list: [{ deep: '[key]' }],
  });
});

test('the use of a key is no news, its end and its owner are', () => {
  expect(ruleOf(KEYS, 'last_used_at')).toBe('state');
  expect(ruleOf(KEYS, 'expires_at')).toBe('change');
  expect(ruleOf(KEYS, 'owner.user.id')).toBe('change');
  expect(ruleOf(KEYS, 'owner.user.name')).toBe('state');
  expect(ruleOf(KEYS, 'value')).toBe('secret');
  expect(ruleOf(KEYS, 'unheard_of')).toBe('state');
  expect(ruleOf(RATE_LIMITS, 'unheard_of')).toBe('change');
  expect(ruleOf(kindOf('/organization/projects/{project_id}/hosted_tool_permissions'), 'mcp.enabled')).toBe('change');
  expect(ruleOf(KEYS, 'constructor')).toBe('state');
});

test('an edge needs what stands for its other end', () => {
  const invite = kindOf('/organization/invites');
  const edges = (projects: unknown) =>
    readEntity(invite, PARENT, { id: 'invite-1', ...(projects !== undefined && { projects: projects as never }) })
      ?.relations.filter(({ type }) => type === 'invited_to')
      .map(({ to }) => referenceText(to));
  expect(edges([{ id: 'proj_1' }, { id: 'proj_2' }, {}, null])).toEqual(['project proj_1', 'project proj_2']);
  for (const projects of [undefined, null, 'proj_1', []]) expect(edges(projects)).toEqual([]);
});

test('paths lead through objects and lists, and end where nothing is', () => {
  const item = { a: { b: 'x' }, l: [{ k: 'u', v: 1 }, { k: 'w', v: 2 }, 'odd'], n: null };
  expect(valuesAt(item, 'a.b')).toEqual(['x']);
  expect(valuesAt(item, 'l[].v')).toEqual([1, 2]);
  expect(valuesAt(item, 'l[k=w].v')).toEqual([2]);
  for (const path of ['a.c', 'a.b.c', 'n', 'n.x', 'a[]', 'toString', 'l.v']) expect(valuesAt(item, path)).toEqual([]);
  expect(textAt(item, 'l[k=w].v')).toBe('2');
  expect(textAt(item, 'a')).toBe(undefined);
});

test('a request fills in its route, and asks for no more than it may', () => {
  expect(listRequest(KEYS, { 'project.id': 'proj_1/../x' }, LANE)).toEqual({
    path: '/organization/projects/proj_1%2F..%2Fx/api_keys',
    route: '/organization/projects/{project_id}/api_keys',
    query: { owner_project_access: 'any' },
    pages: 'last_id',
    pageSize: 100,
    key: 'id',
    notFoundIsNone: false,
    refusesArchived: false,
    ...LANE,
  });
  expect(listRequest(RATE_LIMITS, { 'project.id': 'proj_1' }, LANE).pageSize).toBe(1000);
  expect(() => listRequest(KEYS, { 'user.id': 'user-1' }, LANE)).toThrow('nothing says which project is meant');
});
