import OpenAI, { BadRequestError, NotFoundError, PermissionDeniedError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import { INVENTORY_ROUTES } from '../../src/emulator/inventory/routes.ts';
import { type EmulatorServer, serve } from '../../src/emulator/server.ts';
import { START_MS } from './support/ask.ts';

type Admin = OpenAI['admin']['organization'];

/** Ids that exist and hang together. */
interface Ids {
  readonly project: string;
  readonly member: string;
  readonly group: string;
  readonly projectGroup: string;
  readonly provider: string;
}

/** How the official client reads a route: a list with its pager, a single object at once. */
type Read = (admin: Admin, ids: Ids) => AsyncIterable<object> | Promise<object>;

let emulator: Emulator;
let server: EmulatorServer;
let admin: Admin;
let ids: Ids;

beforeAll(async () => {
  const size = { projects: 12, users: 130, groups: 120 };
  const content = { kind: 'story', seed: 'inventory contract', historyMs: 2 * 86_400_000, size } as const;
  emulator = createEmulator({ content, startMs: START_MS });
  server = await serve(emulator, { port: 0 });
  admin = new OpenAI({ adminAPIKey: 'sk-admin-demo', baseURL: server.url, maxRetries: 0 }).admin.organization;
  ids = chooseIds();
});
afterAll(() => server.close());

/** A project that has everything, a member and a group of it that have roles. */
function chooseIds(): Ids {
  const { estate } = emulator.organization;
  const given = estate.stock('assignment').filter(({ project }) => project?.archivedAt === null);
  const fit = given.find(
    ({ project, principal }) =>
      principal.type === 'group' &&
      project !== undefined &&
      project.spendLimit !== null &&
      project.modelPermissions !== null &&
      given.some(other => other.project === project && project.members.has(other.principal.id)),
  );
  const project = fit?.project;
  const member = given.find(other => other.project === project && project?.members.has(other.principal.id));
  const inOrganization = estate.stock('assignment').find(other => !other.project && other.principal.type === 'group');
  return {
    project: project?.id ?? '',
    member: member?.principal.id ?? '',
    group: inOrganization?.principal.id ?? '',
    projectGroup: fit?.principal.id ?? '',
    provider: estate.stock('identity_provider')[0]?.id ?? '',
  };
}

/** By route: how it is read, and what each item has at least. */
const ROUTES: Readonly<Record<string, readonly [read: Read, shape: Readonly<Record<string, unknown>>]>> = {
  '/organization/admin_api_keys': [
    admin => admin.adminAPIKeys.list({ limit: 3 }),
    { object: 'organization.admin_api_key', redacted_value: expect.stringMatching(/^sk-admin-.*\.\.\./), owner: {} },
  ],
  '/organization/certificates': [
    admin => admin.certificates.list({ limit: 1 }),
    { object: 'organization.certificate', active: expect.any(Boolean), certificate_details: {} },
  ],
  '/organization/data_retention': [
    admin => admin.dataRetention.retrieve(),
    { object: 'organization.data_retention', type: 'modified_abuse_monitoring' },
  ],
  '/organization/external_keys': [
    admin => admin.externalKeys.list({ limit: 1 }),
    { type: 'aws', purpose: 'ekm', api_project_ids: [expect.any(String)] },
  ],
  '/organization/external_storage': [
    admin => admin.externalStorage.list({ limit: 1 }),
    { object: 'organization.external_storage', provider: {}, project_id: expect.any(String), status: 'validated' },
  ],
  '/organization/groups': [
    admin => admin.groups.list({ limit: 50 }),
    { name: expect.any(String), group_type: 'group', is_scim_managed: false },
  ],
  '/organization/groups/{group_id}/roles': [
    (admin, { group }) => admin.groups.roles.list(group, { limit: 1 }),
    { resource_type: 'api.organization', permissions: expect.any(Array), assignment_sources: null },
  ],
  '/organization/groups/{group_id}/users': [
    (admin, { group }) => admin.groups.users.list(group, { limit: 1 }),
    { id: expect.stringMatching(/^user-/), email: expect.any(String) },
  ],
  '/organization/invites': [
    admin => admin.invites.list({ limit: 1 }),
    { object: 'organization.invite', email: expect.stringContaining('@'), projects: expect.any(Array) },
  ],
  '/organization/projects': [
    admin => admin.projects.list({ limit: 5, include_archived: true }),
    { object: 'organization.project', status: expect.stringMatching(/^(active|archived)$/) },
  ],
  '/organization/roles': [
    admin => admin.roles.list({ limit: 1 }),
    { object: 'role', resource_type: 'api.organization', predefined_role: expect.any(Boolean) },
  ],
  '/organization/spend_alerts': [
    admin => admin.spendAlerts.list({ limit: 1 }),
    { object: 'organization.spend_alert', currency: 'USD', notification_channel: { type: 'email' } },
  ],
  '/organization/spend_limit': [
    admin => admin.spendLimit.retrieve(),
    { object: 'organization.spend_limit', enforcement: { status: 'enforcing' } },
  ],
  '/organization/users': [
    admin => admin.users.list({ limit: 100 }),
    { object: 'organization.user', added_at: expect.any(Number), is_service_account: false },
  ],
  '/organization/users/{user_id}/roles': [
    admin => admin.users.roles.list(directRole(undefined), { limit: 1 }),
    { resource_type: 'api.organization' },
  ],
  '/organization/workload_identity_providers': [
    admin => admin.workloadIdentityProviders.list({ limit: 1 }),
    { object: 'organization.workload_identity_provider', type: 'oidc', verification: { type: 'discovery' } },
  ],
  '/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules': [
    (admin, { provider }) => admin.workloadIdentityProviders.federationRules.list(provider, { limit: 1 }),
    { object: 'organization.workload_identity_federation_rule', service_account_id: expect.any(String) },
  ],
  '/organization/projects/{project_id}/api_keys': [
    (admin, { project }) => admin.projects.apiKeys.list(project, { limit: 1, owner_project_access: 'any' }),
    { object: 'organization.project.api_key', owner_project_access: expect.stringMatching(/active$/), owner: {} },
  ],
  '/organization/projects/{project_id}/certificates': [
    (admin, { project }) => admin.projects.certificates.list(project, { limit: 1 }),
    { object: 'organization.project.certificate', active: expect.any(Boolean) },
  ],
  '/organization/projects/{project_id}/data_retention': [
    (admin, { project }) => admin.projects.dataRetention.retrieve(project),
    { object: 'project.data_retention' },
  ],
  '/organization/projects/{project_id}/groups': [
    (admin, { project }) => admin.projects.groups.list(project, { limit: 1 }),
    { object: 'project.group', group_id: expect.stringMatching(/^group_/), group_name: expect.any(String) },
  ],
  '/organization/projects/{project_id}/hosted_tool_permissions': [
    (admin, { project }) => admin.projects.hostedToolPermissions.retrieve(project),
    { mcp: { enabled: expect.any(Boolean) }, web_search: { enabled: true } },
  ],
  '/organization/projects/{project_id}/model_permissions': [
    (admin, { project }) => admin.projects.modelPermissions.retrieve(project),
    { object: 'project.model_permissions', mode: 'allow_list', model_ids: expect.any(Array) },
  ],
  '/organization/projects/{project_id}/rate_limits': [
    (admin, { project }) => admin.projects.rateLimits.listRateLimits(project, { limit: 3 }),
    { object: 'project.rate_limit', id: expect.stringMatching(/^rl-/), max_requests_per_1_minute: expect.any(Number) },
  ],
  '/organization/projects/{project_id}/service_accounts': [
    (admin, { project }) => admin.projects.serviceAccounts.list(project, { limit: 1 }),
    { object: 'organization.project.service_account', role: expect.any(String) },
  ],
  '/organization/projects/{project_id}/service_tier_settings': [
    (admin, { project }) => admin.projects.serviceTierSettings.retrieve(project),
    { object: 'project.service_tier_settings', default: expect.any(String) },
  ],
  '/organization/projects/{project_id}/spend_alerts': [
    admin => admin.projects.spendAlerts.list(alertedProject(), { limit: 1 }),
    { object: 'project.spend_alert', interval: 'month' },
  ],
  '/organization/projects/{project_id}/spend_limit': [
    (admin, { project }) => admin.projects.spendLimit.retrieve(project),
    { object: 'project.spend_limit', currency: 'USD' },
  ],
  '/organization/projects/{project_id}/users': [
    (admin, { project }) => admin.projects.users.list(project, { limit: 1 }),
    { object: 'organization.project.user', role: expect.stringMatching(/^(owner|member)$/) },
  ],
  '/projects/{project_id}/groups/{group_id}/roles': [
    (admin, { project, projectGroup }) =>
      admin.projects.groups.roles.list(projectGroup, { project_id: project, limit: 1 }),
    { resource_type: 'api.project' },
  ],
  '/projects/{project_id}/roles': [
    (admin, { project }) => admin.projects.roles.list(project, { limit: 2 }),
    { object: 'role', resource_type: 'api.project' },
  ],
  '/projects/{project_id}/users/{user_id}/roles': [
    (admin, { project, member }) => admin.projects.users.roles.list(member, { project_id: project, limit: 1 }),
    { resource_type: 'api.project', metadata: {} },
  ],
};

function directRole(project: undefined): string {
  const given = emulator.organization.estate.stock('assignment');
  return given.find(each => each.project === project && each.principal.type === 'user')?.principal.id ?? '';
}

function alertedProject(): string {
  return emulator.organization.estate.stock('spend_alert').find(({ project }) => project)?.project?.id ?? '';
}

async function itemsOf(found: AsyncIterable<object> | Promise<object>): Promise<readonly object[]> {
  if (!(Symbol.asyncIterator in found)) return [await found];
  const items: object[] = [];
  for await (const item of found) items.push(item);
  return items;
}

/** What the emulator answers in one go, however long. */
function atOnce(template: string, target: string): readonly object[] {
  const reply = emulator.handle({ method: 'GET', target, headers: { authorization: 'Bearer sk-admin-demo' } });
  if (reply.kind !== 'answer' || reply.status !== 200) throw new Error(`${template}: ${JSON.stringify(reply)}`);
  const body = JSON.parse(reply.body);
  if (body.object === 'list' && body.has_more !== false) throw new Error(`${template} has more than a page`);
  return body.object === 'list' ? body.data : [body];
}

test('the official client reads each route of the emulator', () => {
  const lists = INVENTORY_ROUTES.map(({ template }) => template).filter(
    template => !['/organization/users/{user_id}', '/organization/projects/{project_id}'].includes(template),
  );
  expect(lists).toHaveLength(32);
  expect(Object.keys(ROUTES).toSorted()).toEqual(lists.toSorted());
});

test.each(Object.entries(ROUTES))('the official client reads %s to its end', async (template, [read, shape]) => {
  const items = await itemsOf(read(admin, ids));
  expect(items.length).toBeGreaterThan(0);
  for (const item of items) expect(item).toMatchObject(shape);
  const last = emulator.requests.last().at(-1)?.target ?? '';
  const [path = '', query = ''] = last.split('?');
  expect(path).toMatch(new RegExp(`^/v1${template.replace(/\{\w+\}/g, '[^/]+')}$`));
  const whole = new URLSearchParams(query);
  whole.delete('after');
  if (whole.has('limit')) whole.set('limit', items.length > 100 ? '1000' : '100');
  if (template !== '/organization/users') expect(items).toEqual(atOnce(template, `${path}?${whole}`));
  else
    expect(items.map(item => (item as { id: string }).id)).toEqual(emulator.organization.estate.users.map(u => u.id));
});

test('lists are long enough that the pager must turn pages', async () => {
  const long = [
    '/organization/admin_api_keys',
    '/organization/groups',
    '/organization/users',
    '/organization/projects',
  ];
  for (const template of long) {
    const before = emulator.requests.total;
    const [read] = ROUTES[template] ?? [];
    if (read === undefined) throw new Error(template);
    await itemsOf(read(admin, ids));
    expect(emulator.requests.total - before).toBeGreaterThan(1);
  }
});

test('what the API refuses is the class of error that the client has for it', async () => {
  const archived = emulator.organization.estate.projects.find(({ archivedAt }) => archivedAt !== null)?.id ?? '';
  const unset = emulator.organization.estate.projects.find(({ modelPermissions }) => modelPermissions === null);
  await expect(admin.projects.users.list(archived)).rejects.toThrow(BadRequestError);
  await expect(admin.projects.modelPermissions.retrieve(unset?.id ?? '')).rejects.toThrow(NotFoundError);
  await expect(admin.groups.users.list('group_none')).rejects.toThrow(NotFoundError);
  emulator.configure({ missingFamilies: ['groups'] });
  await expect(admin.groups.list()).rejects.toThrow(PermissionDeniedError);
  emulator.configure({ missingFamilies: [] });
});
