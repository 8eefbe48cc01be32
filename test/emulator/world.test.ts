import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/emulator/catalogue.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import type { Graph } from '../../src/emulator/inventory/graph.ts';
import { answer, emulate, error, type Listed, list, post } from './support/ask.ts';

const DAY_MS = 86_400_000;

function story(size = {}): Emulator {
  return emulate({ content: { kind: 'story', seed: 'world', historyMs: 5 * DAY_MS, size } }).emulator;
}

const read = (emulator: Emulator, path: string) => JSON.parse(answer(emulator, path).body);
const nodes = (emulator: Emulator) => new Set(emulator.organization.graph().nodes);
const ofKind = ({ nodes }: Graph, kind: string) => nodes.filter(node => node.startsWith(`${kind} `)).length;

interface Payload {
  readonly id: string;
  readonly changes_requested?: Readonly<Record<string, unknown>>;
}

function payloadOf([event]: readonly Listed[], type: string): Payload {
  if (event === undefined) throw new Error(`nothing could be done: ${type}`);
  return event[type] as Payload;
}

/** What an act adds to the truth, and takes from it. */
function difference(emulator: Emulator, type: string, target?: string) {
  const before = nodes(emulator);
  const added = emulator.organization.act(type, target);
  const after = nodes(emulator);
  return {
    events: list(emulator, 'limit=100').data.filter(({ id }) => added.includes(id)),
    gained: [...after].filter(node => !before.has(node)),
    lost: [...before].filter(node => !after.has(node)),
  };
}

test.each([
  ['user.added', 'user'],
  ['project.created', 'project'],
  ['service_account.created', 'service_account'],
  ['api_key.created', 'api_key'],
  ['group.created', 'group'],
  ['role.created', 'role'],
  ['certificate.created', 'certificate'],
  ['invite.sent', 'invite'],
  ['external_key.registered', 'external_key'],
  ['external_storage.registered', 'external_storage'],
  ['workload_identity_provider.created', 'workload_identity_provider'],
  ['workload_identity_provider_mapping.created', 'federation_rule'],
])('what %s tells of exists from then on', (type, kind) => {
  const { events, gained, lost } = difference(story(), type);
  expect(events.map(event => event.type)).toEqual([type]);
  const { id } = payloadOf(events, type);
  const named = gained.filter(node => node === `${kind} ${id}` || (kind === 'role' && node.endsWith(`/${id}`)));
  expect(named).toHaveLength(1);
  expect(lost).toEqual([]);
});

test.each([
  ['user.deleted', 'user'],
  ['service_account.deleted', 'service_account'],
  ['api_key.deleted', 'api_key'],
  ['group.deleted', 'group'],
  ['certificate.deleted', 'certificate'],
  ['external_key.removed', 'external_key'],
  ['external_storage.removed', 'external_storage'],
  ['workload_identity_provider.deleted', 'workload_identity_provider'],
  ['workload_identity_provider_mapping.deleted', 'federation_rule'],
  ['project.deleted', 'project'],
])('what %s tells of is gone from then on', (type, kind) => {
  const emulator = story();
  emulator.organization.act(type.replace(/deleted$/, 'created').replace(/removed$/, 'registered'));
  const { events, gained, lost } = difference(emulator, type);
  const { id } = payloadOf(events, type);
  expect(lost).toContain(`${kind} ${id}`);
  expect(gained).toEqual([]);
});

test('a changed thing is listed as its event says', () => {
  const emulator = story();
  const [key] = emulator.organization.estate.stock('api_key');
  const [, project] = emulator.organization.estate.projects;
  for (let times = 0; times < 12; times += 1) {
    const { events } = difference(emulator, 'api_key.updated', key?.id);
    const { name } = payloadOf(events, 'api_key.updated').changes_requested ?? {};
    const path = `/organization/projects/${key?.project?.id}/api_keys?limit=100&owner_project_access=any`;
    const listed = read(emulator, path).data.find(({ id }: { id: string }) => id === key?.id);
    expect(listed.name).toBe(name ?? listed.name);
  }
  const { events } = difference(emulator, 'rate_limit.updated', project?.id);
  const { id, changes_requested: limits = {} } = payloadOf(events, 'rate_limit.updated');
  const listed = read(emulator, `/organization/projects/${project?.id}/rate_limits`).data;
  expect(listed.find((limit: { id: string }) => limit.id === id)).toMatchObject(limits);
});

test('a role that is given is listed for whom it was given to, and not when it is taken back', () => {
  const emulator = story();
  for (let times = 0; times < 12; times += 1) {
    emulator.organization.act('role.assignment.created');
    const given = emulator.organization.estate.stock('assignment').at(-1);
    if (given === undefined) throw new Error('no role was given');
    const { principal, project, roleId } = given;
    const place = project ? `/projects/${project.id}` : '/organization';
    const path = `${place}/${principal.type}s/${principal.id}/roles`;
    const roles = () => read(emulator, path).data.map(({ id }: { id: string }) => id);
    expect(roles()).toContain(roleId);
    emulator.organization.act('role.assignment.deleted', given.id);
    const others = emulator.organization.estate.stock('assignment').filter(each => each.roleId === roleId);
    if (!others.some(each => each.project === project)) expect(roles()).not.toContain(roleId);
  }
});

test('admin keys and members of groups change with the events of the tenant stream', () => {
  const emulator = story();
  const before = emulator.organization.graph();
  expect(emulator.organization.act('tenant.admin_api_key.created')).toHaveLength(1);
  const after = emulator.organization.graph();
  expect(ofKind(after, 'admin_api_key')).toBe(ofKind(before, 'admin_api_key') + 1);
  const [group] = emulator.organization.estate.stock('group');
  const size = group?.members.size ?? 0;
  emulator.organization.act('tenant.group.member.removed', group?.id);
  expect(group?.members.size).toBe(size - 1);
});

test('the use of a key is listed', () => {
  const emulator = story();
  const [key] = emulator.organization.estate.stock('api_key');
  const before = key?.lastUsedAt ?? 0;
  emulator.organization.setRate(60);
  emulator.organization.jump(5 * DAY_MS);
  expect(key?.lastUsedAt).toBeGreaterThan(before);
});

test('every act can be asked for, and leaves an organization that can be listed', () => {
  const emulator = story();
  const done = EVENT_TYPES.filter(type => emulator.organization.act(type).length > 0);
  expect(done.length).toBeGreaterThan(EVENT_TYPES.length - 8);
  for (const project of emulator.organization.estate.projects) {
    expect(answer(emulator, `/organization/projects/${project.id}/api_keys`).status).toBe(200);
  }
  expect(emulator.organization.act('api_key.deleted', 'key_unheard-of')).toEqual([]);
});

test('a world has the size that was asked for, the same each time', () => {
  const size = { projects: 100, users: 1000, groups: 50 };
  const graph = story(size).organization.graph();
  expect(story(size).organization.graph()).toEqual(graph);
  expect(ofKind(graph, 'user')).toBeGreaterThan(950);
  expect(ofKind(graph, 'group')).toBeGreaterThan(45);
  expect(ofKind(graph, 'project')).toBeGreaterThanOrEqual(105);
  expect(ofKind(graph, 'rate_limit')).toBeGreaterThan(900);
});

test('lists that go on with next do so to their end, in both orders', () => {
  const emulator = story();
  const all = read(emulator, '/organization/groups?limit=1000').data;
  const pages: unknown[] = [];
  for (let after = ''; ; ) {
    const page = read(emulator, `/organization/groups?limit=2&order=desc${after}`);
    expect(Object.keys(page)).toEqual(['object', 'data', 'has_more', 'next']);
    pages.push(...page.data);
    if (!page.has_more) {
      expect(page.next).toBe(null);
      break;
    }
    expect(page.next).not.toBe(page.data.at(-1).id);
    after = `&after=${page.next}`;
  }
  expect(pages.toReversed()).toEqual(all);
  expect(error(emulator, '/organization/groups?order=random')).toMatchObject({ status: 400, param: 'order' });
});

test.each([
  ['place', 200],
  [400, 400],
  [404, 404],
  ['empty', 200],
] as const)('a cursor whose thing is gone may mean %s', (vanishedCursor, status) => {
  const emulator = story();
  emulator.configure({ vanishedCursor });
  const all = emulator.organization.estate.users.map(({ id }) => id);
  read(emulator, '/organization/users?limit=3');
  emulator.organization.act('user.deleted', all[2]);
  const next = answer(emulator, `/organization/users?limit=3&after=${all[2]}`);
  expect(next.status).toBe(status);
  if (status !== 200) return;
  const ids = JSON.parse(next.body).data.map(({ id }: { id: string }) => id);
  expect(ids).toEqual(vanishedCursor === 'place' ? all.slice(3, 6) : []);
});

test('items that move are skipped or come again, on further pages only', () => {
  const emulator = story();
  const all = emulator.organization.estate.users.map(({ id }) => id);
  const page = (query: string) =>
    read(emulator, `/organization/users?limit=3${query}`).data.map(({ id }: { id: string }) => id);
  emulator.addFaults([
    { kind: 'moved_items', by: 2, query: 'after=' },
    { kind: 'moved_items', by: -2, query: 'after=' },
  ]);
  expect(page('')).toEqual(all.slice(0, 3));
  expect(page(`&after=${all[2]}`)).toEqual(all.slice(5, 8));
  expect(page(`&after=${all[2]}`)).toEqual(all.slice(1, 4));
});

test('an invite that nobody answers expires', () => {
  const emulator = emulate({ content: { kind: 'story', seed: 'world', historyMs: 0 } }).emulator;
  emulator.organization.act('invite.sent');
  const status = () => read(emulator, '/organization/invites?limit=100').data.at(-1).status;
  expect(status()).toBe('pending');
  emulator.organization.jump(8 * DAY_MS);
  expect(status()).toBe('expired');
});

test('acts, the graph and what a plan lacks are under control', () => {
  const emulator = story();
  expect(post(emulator, 'acts', { type: 'project.created' })).toMatchObject({
    status: 200,
    body: { added: [expect.stringMatching(/^audit_log-/)] },
  });
  expect(post(emulator, 'acts', { type: 'api_key.deleted', target: 'key_none' })).toMatchObject({
    status: 400,
    body: { error: 'body: there is nothing that this can be done to' },
  });
  expect(post(emulator, 'acts', { type: 'moon.landed' }).status).toBe(400);
  const graph = emulator.handle({ method: 'GET', target: '/_emulator/graph', headers: {} });
  expect(graph.kind === 'answer' && JSON.parse(graph.body)).toEqual(emulator.organization.graph());
  post(emulator, 'settings', { missing_families: ['spend'], missing_status: 404 });
  expect(error(emulator, '/organization/spend_limit').status).toBe(404);
  expect(answer(emulator, '/organization/users').status).toBe(200);
  expect(post(emulator, 'settings', { missing_families: ['moons'] }).status).toBe(400);
});
