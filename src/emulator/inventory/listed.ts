import type { Estate, Key, Project, ScopeSettings, Thing, User } from '../estate.ts';
import type { Settings } from '../settings.ts';
import { RATE_LIMITS } from './rate-limits.ts';
import { PREDEFINED_ROLES } from './roles.ts';

/** One item of a list, in the form of the API. */
export type Item = Readonly<Record<string, unknown>>;

type AdminKeySettings = Pick<Settings, 'adminKeysHoldProjectKeys'>;

/** Where the estate is looked at from. */
export interface View {
  readonly estate: Estate;
  /** Unix seconds. */
  readonly nowS: number;
}

export function listedUser({ id, name, email, role, addedAt }: User): Item {
  return { object: 'organization.user', id, name, email, role, added_at: addedAt, is_service_account: false };
}

/** A service account as organizations of old list it: among the users. */
export function listedAccountUser({ id, name, createdAt }: Thing): Item {
  const head = { object: 'organization.user', id, name, email: null, role: 'reader' };
  return { ...head, added_at: createdAt, is_service_account: true };
}

export function listedProject(project: Project, { estate }: View): Item {
  const { id, name, createdAt, archivedAt } = project;
  const key = estate
    .stock('external_key')
    .find(({ facts }) => (facts.api_project_ids as readonly string[]).includes(id));
  return {
    object: 'organization.project',
    id,
    name,
    created_at: createdAt,
    archived_at: archivedAt,
    status: archivedAt === null ? 'active' : 'archived',
    external_key_id: key?.id ?? null,
  };
}

export function listedMembers(project: Project, { estate }: View): readonly Item[] {
  return estate.users
    .filter(({ id }) => project.members.has(id))
    .map(({ id, name, email }) => {
      const { role, addedAt } = project.members.get(id) ?? {};
      return { object: 'organization.project.user', id, name, email, role, added_at: addedAt };
    });
}

/** Whether the owner of a key may still use its project. */
export function projectAccess(key: Key): 'active' | 'inactive' {
  const { owner, project } = key;
  return owner.type === 'service_account' || project?.members.has(owner.id) ? 'active' : 'inactive';
}

export function listedKey(key: Key, { estate }: View): Item {
  const { type, id } = key.owner;
  const user = estate.users.find(each => each.id === id);
  const account = estate.stock('service_account').find(each => each.id === id);
  const name = { id, name: user?.name ?? account?.name ?? '' };
  const owner =
    type === 'user'
      ? { ...name, email: user?.email ?? '', role: user?.role ?? 'reader', created_at: user?.addedAt ?? 0 }
      : { ...name, role: account?.facts.role ?? 'member', created_at: account?.createdAt ?? 0 };
  return {
    ...keyHead(key, 'organization.project.api_key', 'sk-'),
    owner: { type, [type]: owner },
    owner_project_access: projectAccess(key),
  };
}

/** The admin keys; and, as the API does, the projects' keys in the guise of admin keys. */
export function listedAdminKeys({ estate }: View, { adminKeysHoldProjectKeys }: AdminKeySettings): readonly Item[] {
  const keys = [...estate.stock('admin_api_key'), ...(adminKeysHoldProjectKeys ? estate.stock('api_key') : [])];
  return keys.map(key => {
    const { type, id } = key.owner;
    const user = estate.users.find(each => each.id === id);
    const account = estate.stock('service_account').find(each => each.id === id);
    const owner = { type, object: `organization.${type}`, id, name: user?.name ?? account?.name ?? '' };
    const role = user?.role ?? account?.facts.role ?? 'member';
    const born = { created_at: user?.addedAt ?? account?.createdAt ?? 0, role };
    return { ...keyHead(key, 'organization.admin_api_key', 'sk-admin-'), owner: { ...owner, ...born } };
  });
}

function keyHead({ id, name, createdAt, lastUsedAt, facts }: Key, object: string, prefix: string): Item {
  const used = { last_used_at: lastUsedAt, expires_at: facts.expires_at ?? null };
  return {
    object,
    id,
    name,
    redacted_value: `${prefix}${id.slice(-3)}...${id.slice(4, 7)}`,
    created_at: createdAt,
    ...used,
  };
}

/** Most kinds: what they are called, when they were made, and their facts. */
export function listedThing(object: string | undefined, { id, name, createdAt, facts }: Thing): Item {
  return { ...(object && { object }), id, name, created_at: createdAt, ...facts };
}

export function listedInvite({ id, name, createdAt, facts }: Thing, { nowS }: View): Item {
  const expired = facts.status === 'pending' && Number(facts.expires_at) <= nowS;
  const head = { object: 'organization.invite', id, email: name, created_at: createdAt, ...facts };
  return expired ? { ...head, status: 'expired' } : head;
}

export function listedCertificate(thing: Thing, scope: ScopeSettings, object: string): Item {
  return { ...listedThing(object, thing), active: scope.activeCertificates.has(thing.id) };
}

export function listedAlert(object: string, { id, facts }: Thing): Item {
  return { id, object, ...facts };
}

export function listedLimit(object: string, { spendLimit }: ScopeSettings): Item | undefined {
  if (spendLimit === null) return undefined;
  const money = { threshold_amount: spendLimit, currency: 'USD', interval: 'month' };
  return { object, ...money, enforcement: { status: 'enforcing' } };
}

export function listedRateLimits({ rateLimits }: Project): readonly Item[] {
  return Object.entries(RATE_LIMITS).map(([model, usual]) => ({
    object: 'project.rate_limit',
    id: `rl-${model}`,
    model,
    ...usual,
    ...rateLimits.get(model),
  }));
}

export function listedProjectGroups(project: Project, { estate }: View): readonly Item[] {
  return estate
    .stock('group')
    .filter(({ id }) => project.groups.has(id))
    .map(({ id, name, facts }) => ({
      object: 'project.group',
      project_id: project.id,
      group_id: id,
      group_name: name,
      group_type: facts.group_type,
      created_at: project.groups.get(id),
    }));
}

export function listedGroupMembers(members: ReadonlySet<string>, { estate }: View): readonly Item[] {
  return estate.users.filter(({ id }) => members.has(id)).map(({ id, name, email }) => ({ id, name, email }));
}

/** The roles that can be given in the organization, or in a project. */
export function listedRoles(project: Project | undefined, { estate }: View): readonly Item[] {
  const own = estate.stock('role').filter(role => role.project === project);
  return [...PREDEFINED_ROLES[project ? 'project' : 'organization'], ...own].map(({ id, name, facts }) => ({
    object: 'role',
    id,
    name,
    ...facts,
  }));
}

/** The roles that a user or group has in the organization or in a project, each once, and where from. */
export function listedAssignments(principalId: string, project: Project | undefined, view: View): readonly Item[] {
  const { estate } = view;
  const groups = estate.stock('group').filter(({ members }) => members.has(principalId));
  const ids = new Set([principalId, ...groups.map(({ id }) => id)]);
  const given = estate.stock('assignment').filter(each => each.project === project && ids.has(each.principal.id));
  const roles = new Map(listedRoles(project, view).map(({ object, ...role }) => [role.id, role]));
  return [...new Set(given.map(({ roleId }) => roleId))].map(roleId => {
    const from = given.filter(each => each.roleId === roleId).map(({ principal }) => principal);
    const sources = from.map(({ type, id }) => ({ principal_type: type, principal_id: id }));
    const inherited = from.some(({ id }) => id !== principalId);
    const history = { created_at: null, updated_at: null, created_by: null, created_by_user_obj: null, metadata: {} };
    return { ...roles.get(roleId), ...history, assignment_sources: inherited ? sources : null };
  });
}
