import type { Id, Reference } from '../../src/inventory/entity.ts';
import type { RelationType } from '../../src/inventory/kind.ts';
import type { Value } from '../../src/record.ts';

type Relation = readonly [RelationType, Reference, Reference];

const user = (id: string): Reference => ({ kind: 'user', id: { 'user.id': id } });
const project = (id: string): Reference => ({ kind: 'project', id: { 'project.id': id } });
const key = (id: string): Reference => ({ kind: 'api_key', id: { 'api_key.id': id } });
const ORGANIZATION: Reference = { kind: 'organization', id: { 'organization.id': 'org-1' } };

/** Whatever a format could trip over. */
export const ODD =
  'Ünï "quoted" \'single\' `tick` <b>&amp; a\\b \\u0027 {x} [y]; -->|z| # % $p 🦊 line\nbreak\r\ttab \u0000\u001b[31m \u009b1m \u2028 \ud800 ]]>';

function item(
  { kind, id }: { readonly kind: string; readonly id: Id },
  name: string | undefined,
  description: Readonly<Record<string, Value>>,
  relations: readonly Relation[] = [],
  form = 'node',
) {
  const edges = relations.map(([type, from, to]) => ({ from, type, to }));
  return {
    kind,
    id: Object.values(id).join('/'),
    list: '/list',
    ...(name === undefined ? {} : { name }),
    content: JSON.stringify({ form, id, description, relations: edges }),
    firstSeenMs: 1_760_000_000_123,
    reportedMs: 1_760_003_600_456,
  };
}

/** An organization: two users in one project, another one in none, and a key whose owner is gone. */
export const THINGS = [
  item(ORGANIZATION, 'acme', { name: 'acme' }),
  item(user('user-1'), 'Ada', { id: 'user-1', email: 'ada@example.com', role: 'owner', is_scim_managed: false }, [
    ['resource', ORGANIZATION, user('user-1')],
  ]),
  item(user('user-2'), ODD, { id: 'user-2', email: ODD, projects: [ODD, 'x'], owner: { name: ODD }, 'odd `key': 1.5 }, [
    ['resource', ORGANIZATION, user('user-2')],
  ]),
  item(user('user-3'), 'Eve', { id: 'user-3', added_at: 1_760_000_000, big: 1e21, small: 1e-7, none: null }, [
    ['resource', ORGANIZATION, user('user-3')],
  ]),
  item(project('proj_1'), 'Alpha', { id: 'proj_1', name: 'Alpha' }, [['resource', ORGANIZATION, project('proj_1')]]),
  item(
    { kind: 'project_member', id: { 'project.id': 'proj_1', 'user.id': 'user-1' } },
    undefined,
    { role: 'owner' },
    [
      ['member_of', user('user-1'), project('proj_1')],
      ['admin_of', user('user-1'), project('proj_1')],
    ],
    'link',
  ),
  item(
    { kind: 'project_member', id: { 'project.id': 'proj_1', 'user.id': 'user-2' } },
    undefined,
    {},
    [['member_of', user('user-2'), project('proj_1')]],
    'link',
  ),
  item(key('key_1'), 'ci', { id: 'key_1', redacted_value: 'sk-***1' }, [
    ['resource', project('proj_1'), key('key_1')],
    ['owns', user('user-gone'), key('key_1')],
    ['owned_by', key('key_1'), user('user-gone')],
  ]),
  item(key('key_2'), 'local', { id: 'key_2' }, [
    ['resource', project('proj_1'), key('key_2')],
    ['owns', user('user-1'), key('key_2')],
    ['owned_by', key('key_2'), user('user-1')],
  ]),
  item({ kind: 'rate_limit', id: { 'project.id': 'proj_1', 'rate_limit.id': 'rl-o3' } }, 'o3', { model: 'o3' }, [
    ['resource', project('proj_1'), { kind: 'rate_limit', id: { 'project.id': 'proj_1', 'rate_limit.id': 'rl-o3' } }],
  ]),
];
