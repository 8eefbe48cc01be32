import { ApiError, invalidValue } from '../api-error.ts';
import type { Group, Project, User } from '../estate.ts';
import { Parameters } from '../parameters.ts';
import type { Answer, Route, RouteRequest } from '../routes.ts';
import { listPage, type Paging } from './list-page.ts';
import {
  type Item,
  listedAccountUser,
  listedAdminKeys,
  listedAlert,
  listedAssignments,
  listedCertificate,
  listedGroupMembers,
  listedInvite,
  listedKey,
  listedLimit,
  listedMembers,
  listedProject,
  listedProjectGroups,
  listedRateLimits,
  listedRoles,
  listedThing,
  listedUser,
  projectAccess,
  type View,
} from './listed.ts';

const SCOPE = 'api.management.read';
const SMALL = { fallback: 20, most: 100 };
const LARGE = { fallback: 100, most: 1000 };
const LARGEST = { fallback: 1000, most: 1000 };

const BY_ID: Paging = { style: 'last_id', limit: SMALL };
const OLDEST_FIRST: Paging = { ...BY_ID, order: 'asc' };
const NEWEST_FIRST: Paging = { ...BY_ID, order: 'desc' };
const ROLES: Paging = { style: 'next', limit: LARGEST, order: 'asc' };

/** What a route answers from. */
interface Scene extends View {
  readonly ids: RouteRequest['ids'];
  readonly parameters: Parameters;
  readonly settings: RouteRequest['settings'];
}

/** The inventory of the organization: 32 lists and settings, and two single objects. */
export const INVENTORY_ROUTES: readonly Route[] = [
  list('/organization/admin_api_keys', 'keys', OLDEST_FIRST, scene => listedAdminKeys(scene, scene.settings)),
  list('/organization/certificates', 'certificates', NEWEST_FIRST, ({ estate }) =>
    estate.stock('certificate').map(thing => listedCertificate(thing, estate.settings, 'organization.certificate')),
  ),
  single('/organization/data_retention', 'data_retention', ({ estate }) => ({
    object: 'organization.data_retention',
    type: estate.settings.dataRetention,
  })),
  list('/organization/external_keys', 'external_keys', OLDEST_FIRST, listExternalKeys, ['purpose']),
  list('/organization/external_storage', 'external_storage', OLDEST_FIRST, listExternalStorage, ['project_id']),
  list('/organization/groups', 'groups', { style: 'next', limit: LARGE, order: 'asc' }, ({ estate }) =>
    estate.stock('group').map(thing => listedThing('group', thing)),
  ),
  list('/organization/groups/{group_id}/roles', 'roles', ROLES, scene =>
    listedAssignments(groupOf(scene).id, undefined, scene),
  ),
  list('/organization/groups/{group_id}/users', 'groups', { style: 'next', limit: LARGE, order: 'desc' }, scene =>
    listedGroupMembers(groupOf(scene).members, scene),
  ),
  list('/organization/invites', 'people', BY_ID, scene =>
    scene.estate.stock('invite').map(thing => listedInvite(thing, scene)),
  ),
  list('/organization/projects', 'projects', BY_ID, listProjects, ['include_archived']),
  single('/organization/projects/{project_id}', 'projects', scene => listedProject(projectOf(scene), scene)),
  list('/organization/roles', 'roles', ROLES, scene => listedRoles(undefined, scene)),
  list('/organization/spend_alerts', 'spend', OLDEST_FIRST, ({ estate }) => alerts(estate, undefined), ['before']),
  single('/organization/spend_limit', 'spend', ({ estate }) =>
    listedLimit('organization.spend_limit', estate.settings),
  ),
  list('/organization/users', 'people', BY_ID, listUsers, ['emails', 'emails[]']),
  single('/organization/users/{user_id}', 'people', scene => listedUser(userOf(scene))),
  list('/organization/users/{user_id}/roles', 'roles', ROLES, scene =>
    listedAssignments(userOf(scene).id, undefined, scene),
  ),
  list('/organization/workload_identity_providers', 'workload_identity', OLDEST_FIRST, ({ estate }) =>
    estate.stock('identity_provider').map(thing => listedThing('organization.workload_identity_provider', thing)),
  ),
  list(
    '/organization/workload_identity_providers/{workload_identity_provider_id}/federation_rules',
    'workload_identity',
    OLDEST_FIRST,
    listRules,
    ['service_account_id'],
  ),
  list('/organization/projects/{project_id}/api_keys', 'keys', BY_ID, listProjectKeys, ['owner_project_access']),
  list('/organization/projects/{project_id}/certificates', 'certificates', NEWEST_FIRST, scene => {
    const project = projectOf(scene);
    const certificates = scene.estate.stock('certificate');
    return certificates.map(thing => listedCertificate(thing, project, 'organization.project.certificate'));
  }),
  single('/organization/projects/{project_id}/data_retention', 'data_retention', scene => ({
    object: 'project.data_retention',
    type: projectOf(scene).dataRetention,
  })),
  list(
    '/organization/projects/{project_id}/groups',
    'groups',
    { style: 'next', key: 'group_id', limit: SMALL, order: 'asc' },
    scene => listedProjectGroups(projectOf(scene), scene),
  ),
  single('/organization/projects/{project_id}/hosted_tool_permissions', 'permissions', scene =>
    Object.fromEntries([...projectOf(scene).hostedTools].map(([tool, enabled]) => [tool, { enabled }])),
  ),
  single('/organization/projects/{project_id}/model_permissions', 'permissions', scene => {
    const { modelPermissions } = projectOf(scene);
    return modelPermissions === null ? undefined : { object: 'project.model_permissions', ...modelPermissions };
  }),
  list(
    '/organization/projects/{project_id}/rate_limits',
    'rate_limits',
    { style: 'last_id', limit: LARGE },
    scene => listedRateLimits(projectOf(scene)),
    ['before'],
  ),
  list('/organization/projects/{project_id}/service_accounts', 'keys', BY_ID, scene => {
    const project = activeProjectOf(scene);
    const accounts = scene.estate.stock('service_account').filter(account => account.project === project);
    return accounts.map(account => listedThing('organization.project.service_account', account));
  }),
  single('/organization/projects/{project_id}/service_tier_settings', 'service_tiers', scene => ({
    object: 'project.service_tier_settings',
    ...projectOf(scene).serviceTiers,
  })),
  list(
    '/organization/projects/{project_id}/spend_alerts',
    'spend',
    OLDEST_FIRST,
    scene => alerts(scene.estate, projectOf(scene)),
    ['before'],
  ),
  single('/organization/projects/{project_id}/spend_limit', 'spend', scene =>
    listedLimit('project.spend_limit', projectOf(scene)),
  ),
  list('/organization/projects/{project_id}/users', 'people', BY_ID, scene =>
    listedMembers(activeProjectOf(scene), scene),
  ),
  list('/projects/{project_id}/groups/{group_id}/roles', 'roles', ROLES, scene =>
    listedAssignments(groupOf(scene).id, projectOf(scene), scene),
  ),
  list('/projects/{project_id}/roles', 'roles', ROLES, scene => listedRoles(projectOf(scene), scene)),
  list('/projects/{project_id}/users/{user_id}/roles', 'roles', ROLES, scene =>
    listedAssignments(userOf(scene).id, projectOf(scene), scene),
  ),
];

function list(
  template: string,
  family: string,
  paging: Paging,
  items: (scene: Scene) => readonly Item[],
  more: readonly string[] = [],
): Route {
  const known = ['after', 'limit', ...(paging.order ? ['order'] : []), ...more];
  const answer = (request: RouteRequest): Answer => {
    const scene = sceneOf(request, known);
    const { organization, settings, moved = 0, path } = request;
    const { vanishedCursor } = settings;
    const { parameters } = scene;
    const wanted = { list: path, paging, parameters, open: organization.openLists, vanishedCursor, moved };
    return { body: listPage(items(scene), wanted) };
  };
  return { template, family, scope: SCOPE, answer };
}

/** A single object; undefined, and so a 404, when nobody set it. */
function single(template: string, family: string, item: (scene: Scene) => Item | undefined): Route {
  const answer = (request: RouteRequest): Answer => {
    const body = item(sceneOf(request, []));
    if (body === undefined) throw new ApiError(404, `No ${template.split('/').at(-1)} is set.`);
    return { body };
  };
  return { template, family, scope: SCOPE, answer };
}

function sceneOf({ query, ids, organization, settings }: RouteRequest, known: readonly string[]): Scene {
  const parameters = new Parameters(query, known, settings.unknownParameters === 'ignore');
  const nowS = Math.floor(organization.clock.nowMs() / 1000);
  return { estate: organization.estate, nowS, ids, parameters, settings };
}

function listUsers({ estate, parameters, settings }: Scene): readonly Item[] {
  const emails = parameters.texts('emails[]') ?? parameters.texts('emails');
  const accounts = settings.accountsAmongUsers ? estate.stock('service_account') : [];
  const users = [...estate.users.map(listedUser), ...accounts.filter(isOfOld).map(listedAccountUser)];
  return emails === undefined ? users : users.filter(({ email }) => emails.includes(String(email)));
}

const isOfOld = ({ id }: { readonly id: string }) => id.startsWith('user-');

function listProjects(scene: Scene): readonly Item[] {
  const archived = scene.parameters.flag('include_archived');
  const projects = scene.estate.projects.filter(({ archivedAt }) => archived || archivedAt === null);
  return projects.map(project => listedProject(project, scene));
}

function listExternalKeys({ estate, parameters }: Scene): readonly Item[] {
  const purpose = parameters.text('purpose');
  const keys = estate.stock('external_key').filter(({ facts }) => purpose === undefined || facts.purpose === purpose);
  return keys.map(thing => listedThing('organization.external_key', thing));
}

function listExternalStorage({ estate, parameters }: Scene): readonly Item[] {
  const projectId = parameters.text('project_id');
  return estate
    .stock('external_storage')
    .filter(({ facts }) => projectId === undefined || facts.project_id === projectId)
    .map(({ id, createdAt, facts }) => ({
      object: 'organization.external_storage',
      id,
      created_at: createdAt,
      ...facts,
    }));
}

function listRules({ estate, ids, parameters }: Scene): readonly Item[] {
  const provider = found(
    estate.stock('identity_provider'),
    ids.workload_identity_provider_id,
    'workload identity provider',
  );
  const accountId = parameters.text('service_account_id');
  return estate
    .stock('identity_mapping')
    .filter(({ facts }) => facts.workload_identity_provider_id === provider.id)
    .filter(({ facts }) => accountId === undefined || facts.service_account_id === accountId)
    .map(thing => listedThing('organization.workload_identity_federation_rule', thing));
}

/** Without a filter the API leaves out keys whose owner is not in the project any more. */
function listProjectKeys(scene: Scene): readonly Item[] {
  const project = projectOf(scene);
  const wanted = scene.parameters.text('owner_project_access') ?? 'active';
  if (!['active', 'inactive', 'any'].includes(wanted)) {
    throw invalidValue('owner_project_access', `Invalid value for 'owner_project_access': '${wanted}'.`);
  }
  return scene.estate
    .stock('api_key')
    .filter(key => key.project === project && (wanted === 'any' || projectAccess(key) === wanted))
    .map(key => listedKey(key, scene));
}

function alerts(estate: Scene['estate'], project: Project | undefined): readonly Item[] {
  const object = project === undefined ? 'organization.spend_alert' : 'project.spend_alert';
  const stock = estate.stock('spend_alert').filter(alert => alert.project === project);
  return stock.map(alert => listedAlert(object, alert));
}

function projectOf({ estate, ids }: Scene): Project {
  return found(estate.projects, ids.project_id, 'project');
}

/** The documented answer for who is in an archived project. */
function activeProjectOf(scene: Scene): Project {
  const project = projectOf(scene);
  if (project.archivedAt === null) return project;
  throw new ApiError(400, `Project ${project.id} is archived.`, { code: 'project_archived' });
}

function userOf({ estate, ids }: Scene): User {
  return found(estate.users, ids.user_id, 'user');
}

function groupOf({ estate, ids }: Scene): Group {
  return found(estate.stock('group'), ids.group_id, 'group');
}

function found<T extends { readonly id: string }>(things: readonly T[], id: string | undefined, name: string): T {
  const thing = things.find(each => each.id === id);
  if (thing !== undefined) return thing;
  throw new ApiError(404, `No ${name} found with id '${id}'.`, { param: `${name.replaceAll(' ', '_')}_id` });
}
