import { describe, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import type { Project } from '../../src/emulator/estate.ts';
import type { Settings } from '../../src/emulator/settings.ts';
import { organizationId, readEntity, referenceText } from '../../src/inventory/entity.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { type Crawl, crawl, graphOf, kindOf, readOne, sorted } from '../support/inventory-crawl.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');
const KEYS = '/organization/projects/{project_id}/api_keys';
const MEMBERS = '/organization/projects/{project_id}/users';
const ACCOUNTS = '/organization/projects/{project_id}/service_accounts';

function emulate(settings: Partial<Settings> = {}, size = {}): Emulator {
  const content = { kind: 'story', seed: 'traps', historyMs: 86_400_000, size } as const;
  return createEmulator({ content, startMs: START_MS, settings });
}

const estateOf = (emulator: Emulator) => emulator.organization.estate;
const parentOf = ({ id }: Project) => ({ 'project.id': id });
const ofKind = ({ entities }: Crawl, name: string) => entities.filter(({ kind }) => kind === name);
const idsOf = (read: Crawl, name: string) => ofKind(read, name).map(({ id }) => Object.values(id).join('/'));
const edgesOf = ({ entities }: Crawl) =>
  entities.flatMap(({ relations }) =>
    relations.map(({ from, type, to }) => [referenceText(from), type, referenceText(to)]),
  );

function archivedProject(emulator: Emulator): Project {
  const project = estateOf(emulator).projects.find(({ archivedAt }) => archivedAt !== null);
  if (project === undefined) throw new Error('no project is archived');
  return project;
}

describe('the traps of the inventory', () => {
  test('1: keys of projects that are listed as admin keys are no admin keys', async () => {
    const emulator = emulate();
    const listed = await readOne(emulator, '/organization/admin_api_keys');
    const { admin, project } = {
      admin: estateOf(emulator).stock('admin_api_key'),
      project: estateOf(emulator).stock('api_key'),
    };
    expect(listed).toMatchObject({ state: 'complete', items: { length: admin.length + project.length } });
    const read = await crawl(emulator);
    expect(idsOf(read, 'admin_api_key')).toEqual(admin.map(({ id }) => id));
    expect(idsOf(read, 'api_key').toSorted()).toEqual(project.map(({ id }) => id).toSorted());
  });

  test('2: keys that are hidden without owner_project_access=any are found', async () => {
    const emulator = emulate();
    const hidden = estateOf(emulator)
      .stock('api_key')
      .filter(({ owner, project }) => owner.type === 'user' && !project?.members.has(owner.id));
    expect(hidden.length).toBeGreaterThan(0);
    const read = await crawl(emulator);
    expect(idsOf(read, 'api_key')).toEqual(expect.arrayContaining(hidden.map(({ id }) => id)));
    const access = ofKind(read, 'api_key').map(({ description }) => description.owner_project_access);
    expect(new Set(access)).toEqual(new Set(['active', 'inactive']));
  });

  test('3: archived projects are listed, and the 400 for who is in them is no failure', async () => {
    const emulator = emulate();
    const archived = archivedProject(emulator);
    const read = await crawl(emulator);
    expect(idsOf(read, 'project')).toContain(archived.id);
    for (const route of [MEMBERS, ACCOUNTS]) {
      expect(await readOne(emulator, route, parentOf(archived))).toMatchObject({
        state: 'unavailable',
        why: 'archived',
      });
      expect(kindOf(route).refusesArchived).toBe(true);
    }
    expect(await readOne(emulator, KEYS, parentOf(archived))).toMatchObject({ state: 'complete', items: [] });
  });

  test('4: what has the id of a user is a service account where it is listed as one', async () => {
    const emulator = emulate({ accountsAmongUsers: true });
    const old = estateOf(emulator)
      .stock('service_account')
      .filter(({ id }) => id.startsWith('user-'));
    const read = await crawl(emulator);
    expect(old.length).toBeGreaterThan(0);
    expect(idsOf(read, 'service_account')).toEqual(expect.arrayContaining(old.map(({ id }) => id)));
    const [account] = old;
    const key = estateOf(emulator)
      .stock('api_key')
      .find(({ owner }) => owner.id === account?.id);
    const owners = edgesOf(read).filter(([, type, to]) => type === 'owns' && to === `api_key ${key?.id}`);
    expect(owners).toEqual([[`service_account ${account?.id}`, 'owns', `api_key ${key?.id}`]]);
    const amongUsers = ofKind(read, 'user').find(({ id }) => id['user.id'] === account?.id);
    expect(amongUsers?.description.is_service_account).toBe(true);
  });

  test('5: memberships come from the projects, not from what a user might show of them', async () => {
    const emulator = emulate();
    const users = await readOne(emulator, '/organization/users');
    if (users.state !== 'complete') throw new Error(users.message);
    for (const user of users.items) expect(user).not.toHaveProperty('projects');
    const read = await crawl(emulator);
    const members = estateOf(emulator).projects.filter(({ archivedAt }) => archivedAt === null);
    const count = members.reduce((sum, project) => sum + project.members.size, 0);
    expect(ofKind(read, 'project_member')).toHaveLength(count);
  });

  test('6: a role is whatever the API says: unheard of, or null', () => {
    const organization = organizationId('org-1');
    const user = readEntity(kindOf('/organization/users'), organization, { id: 'user-1', role: null, name: null });
    expect(user).toMatchObject({ id: { 'user.id': 'user-1' }, name: undefined, description: { role: null } });
    const parent = { ...organization, 'project.id': 'proj_1' };
    const member = (role: string) => readEntity(kindOf(MEMBERS), parent, { id: 'user-1', role });
    expect(member('auditor')?.relations.map(({ type }) => type)).toEqual(['member_of']);
    expect(member('owner')?.relations.map(({ type }) => type)).toEqual(['member_of', 'admin_of']);
    const account = readEntity(kindOf(ACCOUNTS), parent, { id: 'svc_acct_1', role: 'none' });
    expect(account?.description.role).toBe('none');
  });

  test('7: a role says through which groups it is had, and which one is direct', async () => {
    const emulator = emulate();
    const estate = estateOf(emulator);
    const project = estate.projects[0];
    const group = estate.stock('group').find(({ members }) => members.size > 0);
    const userId = [...(group?.members ?? [])][0] ?? '';
    if (project === undefined || group === undefined) throw new Error('no group has members');
    project.members.set(userId, { role: 'member', addedAt: 0 });
    const assignment = { name: '', createdAt: 0, facts: {}, project, roleId: 'role-api-project-viewer' } as const;
    estate.stock('assignment').push({ ...assignment, id: 'ra_1', principal: { type: 'group', id: group.id } });
    const read = await crawl(emulator);
    const id = `role_assignment ${project.id}/${userId}/role-api-project-viewer`;
    const from = edgesOf(read).filter(([whose]) => whose === id);
    expect(from).toContainEqual([id, 'through', `group ${group.id}`]);
    expect(from).toContainEqual([id, 'assigned_to', `user ${userId}`]);
    expect(from).toContainEqual([id, 'grants', `project_role ${project.id}/role-api-project-viewer`]);
    const direct = ofKind(read, 'role_assignment').find(({ relations }) => relations.every(r => r.type !== 'through'));
    expect(direct?.description.assignment_sources).toBe(null);
  });

  test('8: roles of a project do not live below /organization', async () => {
    const emulator = emulate();
    const project = estateOf(emulator).projects[0];
    if (project === undefined) throw new Error('no project');
    const ofProject = KINDS.filter(({ family, parent }) => family === 'roles' && parent.startsWith('project'));
    expect(ofProject.map(({ route }) => route.startsWith('/projects/{project_id}/'))).toEqual([true, true, true]);
    expect(await readOne(emulator, '/projects/{project_id}/roles', parentOf(project))).toMatchObject({
      state: 'complete',
    });
    const target = `/v1/organization/projects/${project.id}/roles`;
    const headers = { authorization: 'Bearer sk-admin-demo' };
    expect(emulator.handle({ method: 'GET', target, headers })).toMatchObject({ status: 404 });
  });

  test('9: users are found by emails in both forms that clients send', () => {
    const emulator = emulate();
    const [user] = estateOf(emulator).users;
    for (const name of ['emails', 'emails[]']) {
      const target = `/v1/organization/users?${new URLSearchParams({ [name]: user?.email ?? '' })}`;
      const reply = emulator.handle({ method: 'GET', target, headers: { authorization: 'Bearer sk-admin-demo' } });
      if (reply.kind !== 'answer') throw new Error(reply.kind);
      expect(JSON.parse(reply.body).data).toMatchObject([{ id: user?.id }]);
    }
  });

  test('10: a key outlives its owner, and still says whose it is', async () => {
    const emulator = emulate();
    const key = estateOf(emulator)
      .stock('api_key')
      .find(({ owner }) => owner.type === 'user');
    const owner = key?.owner.id ?? '';
    expect(emulator.organization.act('user.deleted', owner)).toHaveLength(1);
    const read = await crawl(emulator);
    expect(idsOf(read, 'user')).not.toContain(owner);
    expect(edgesOf(read)).toContainEqual([`api_key ${key?.id}`, 'owned_by', `user ${owner}`]);
    const found = ofKind(read, 'api_key').find(({ id }) => id['api_key.id'] === key?.id);
    expect(found?.description.owner_project_access).toBe('inactive');
  });

  test('11: a project that is deleted in mid-crawl is gone, and no list of it is complete', async () => {
    const emulator = emulate();
    const [, project] = estateOf(emulator).projects;
    if (project === undefined) throw new Error('no second project');
    expect(await readOne(emulator, KEYS, parentOf(project))).toMatchObject({ state: 'complete' });
    emulator.organization.act('project.deleted', project.id);
    const lists = KINDS.filter(({ parent, pages }) => parent === 'project' && pages !== 'single');
    for (const { route } of lists) {
      expect(await readOne(emulator, route, parentOf(project))).toMatchObject({
        state: 'unavailable',
        why: 'not_found',
      });
    }
    expect(lists.length).toBe(8);
  });

  test('11: a project that is deleted between two pages of its keys is gone as well', async () => {
    const emulator = emulate();
    const project = estateOf(emulator).projects[1];
    if (project === undefined) throw new Error('no second project');
    const { handle } = emulator;
    let pages = 0;
    const deleting: Emulator = {
      ...emulator,
      handle(request) {
        pages += 1;
        if (pages === 2) emulator.organization.act('project.deleted', project.id);
        return handle(request);
      },
    };
    const outcome = await readOne(deleting, KEYS, parentOf(project), 1);
    expect(outcome).toMatchObject({ state: 'unavailable', why: 'not_found', requests: 3 });
  });

  test('12: a 404 for a setting means that nobody set it', async () => {
    const emulator = emulate();
    const unset = [
      ['model_permissions', estateOf(emulator).projects.find(({ modelPermissions }) => modelPermissions === null)],
      ['spend_limit', estateOf(emulator).projects.find(({ spendLimit }) => spendLimit === null)],
    ] as const;
    for (const [name, project] of unset) {
      if (project === undefined) throw new Error(`every project has ${name}`);
      const route = `/organization/projects/{project_id}/${name}`;
      const outcome = await readOne(emulator, route, parentOf(project));
      expect(outcome).toEqual({ state: 'complete', items: [], pages: 1, requests: 1 });
      emulator.addFaults([{ kind: 'status', status: 403, route }]);
      expect(await readOne(emulator, route, parentOf(project))).toMatchObject({ state: 'unavailable' });
    }
    expect(KINDS.filter(({ pages }) => pages === 'single').every(({ notSet }) => notSet)).toBe(true);
    expect(KINDS.filter(({ pages }) => pages !== 'single').some(({ notSet }) => notSet)).toBe(false);
  });

  test.each([403, 404] as const)(
    '13: families that a plan lacks (%i) are unavailable, and the rest is read',
    async status => {
      const missing = ['groups', 'roles', 'certificates', 'external_keys'];
      const emulator = emulate({ missingFamilies: missing, missingStatus: status });
      const read = await crawl(emulator);
      const why = status === 403 ? 'forbidden' : 'not_found';
      for (const { route, outcome } of read.lists) {
        const lacks = /groups|roles|certificates|external_keys/.test(route);
        if (lacks) expect([route, outcome]).toMatchObject([route, { state: 'unavailable', why }]);
        else expect([route, outcome.state === 'complete' || outcome]).toMatchObject([route, expect.anything()]);
      }
      expect(idsOf(read, 'user')).toHaveLength(estateOf(emulator).users.length);
      expect(idsOf(read, 'api_key')).toHaveLength(estateOf(emulator).stock('api_key').length);
    },
  );

  test('groups of a project have no id but group_id, and are read page by page', async () => {
    const emulator = emulate();
    const project = estateOf(emulator).projects.find(({ groups }) => groups.size > 1);
    if (project === undefined) throw new Error('no project has two groups');
    const outcome = await readOne(emulator, '/organization/projects/{project_id}/groups', parentOf(project), 1);
    expect(outcome).toMatchObject({ state: 'complete', pages: project.groups.size });
    if (outcome.state !== 'complete') return;
    expect(outcome.items.map(item => [item.id, item.group_id])).toEqual(
      estateOf(emulator)
        .stock('group')
        .filter(({ id }) => project.groups.has(id))
        .map(({ id }) => [undefined, id]),
    );
  });

  test('rate limits are asked for a thousand at once', async () => {
    const emulator = emulate();
    await crawl(emulator);
    const asked = emulator.requests.last().filter(({ route }) => route.endsWith('/rate_limits'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every(({ target }) => target.endsWith('?limit=1000'))).toBe(true);
  });

  test('with service accounts among the users the rest of the graph stays the same', async () => {
    const emulator = emulate();
    const truth = sorted(emulator.organization.graph());
    emulator.configure({ accountsAmongUsers: true, adminKeysHoldProjectKeys: false });
    const read = graphOf(await crawl(emulator), estateOf(emulator).organizationId);
    const more = read.nodes.filter(node => !truth.nodes.includes(node));
    expect(more.length).toBeGreaterThan(0);
    expect(
      more.every(node =>
        estateOf(emulator)
          .stock('service_account')
          .some(({ id }) => node === `user ${id}`),
      ),
    ).toBe(true);
    expect(truth.nodes.filter(node => !read.nodes.includes(node))).toEqual([]);
  });
});
