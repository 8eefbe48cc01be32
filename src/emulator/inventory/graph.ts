import type { Estate, Key, Project } from '../estate.ts';
import { listedRateLimits, listedRoles } from './listed.ts';

/** A thing, named by its kind and what identifies it, such as `rate_limit proj_1/rl-o3`. */
type Node = string;

/** One thing's relation to another, such as `user user-1 member_of project proj_1`. */
type Edge = string;

/** What there is and how it is related, said independently of any list and of who reads them. */
export interface Graph {
  /** In no order. */
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/** The whole truth about an organization at this moment. */
export function graphOf(estate: Estate): Graph {
  const sketch = new Sketch(estate.organizationId);
  drawOrganization(sketch, estate);
  for (const project of estate.projects) drawProject(sketch, estate, project);
  drawKeys(sketch, estate);
  drawAccess(sketch, estate);
  return { nodes: [...sketch.nodes], edges: [...sketch.edges] };
}

class Sketch {
  readonly nodes = new Set<Node>();
  readonly edges = new Set<Edge>();
  readonly organization: Node;

  constructor(organizationId: string) {
    this.organization = `organization ${organizationId}`;
    this.nodes.add(this.organization);
  }

  /** A thing that belongs to another one. */
  resource(parent: Node, kind: string, ...id: readonly string[]): Node {
    const node = `${kind} ${id.join('/')}`;
    this.nodes.add(node);
    this.edge(parent, 'resource', node);
    return node;
  }

  edge(from: Node, type: string, to: Node): void {
    this.edges.add(`${from} ${type} ${to}`);
  }
}

function drawOrganization(sketch: Sketch, estate: Estate): void {
  const { organization } = sketch;
  const { organizationId, settings } = estate;
  for (const { id } of estate.users) sketch.resource(organization, 'user', id);
  sketch.resource(organization, 'data_retention', organizationId);
  if (settings.spendLimit !== null) sketch.resource(organization, 'spend_limit', organizationId);
  for (const kind of ['certificate', 'external_key', 'external_storage', 'group'] as const) {
    for (const { id } of estate.stock(kind)) sketch.resource(organization, kind, id);
  }
  for (const id of settings.activeCertificates) sketch.edge(`certificate ${id}`, 'active_in', organization);
  for (const { id, facts } of estate.stock('external_key')) {
    for (const projectId of facts.api_project_ids as string[]) {
      sketch.edge(`external_key ${id}`, 'encrypts', `project ${projectId}`);
    }
  }
  for (const { id, facts } of estate.stock('external_storage')) {
    sketch.edge(`external_storage ${id}`, 'stores_for', `project ${facts.project_id}`);
  }
  for (const { id, facts } of estate.stock('invite')) {
    const invite = sketch.resource(organization, 'invite', id);
    for (const project of facts.projects as { id: string }[])
      sketch.edge(invite, 'invited_to', `project ${project.id}`);
  }
  for (const alert of estate.stock('spend_alert')) {
    sketch.resource(alert.project ? `project ${alert.project.id}` : organization, 'spend_alert', alert.id);
  }
  drawIdentity(sketch, estate);
}

function drawIdentity(sketch: Sketch, estate: Estate): void {
  for (const { id } of estate.stock('identity_provider')) {
    sketch.resource(sketch.organization, 'workload_identity_provider', id);
  }
  for (const { id, facts } of estate.stock('identity_mapping')) {
    const provider = `workload_identity_provider ${facts.workload_identity_provider_id}`;
    const rule = sketch.resource(provider, 'federation_rule', id);
    sketch.edge(rule, 'impersonates', `service_account ${facts.service_account_id}`);
    sketch.edge(rule, 'applies_to', `project ${facts.project_id}`);
  }
}

function drawProject(sketch: Sketch, estate: Estate, project: Project): void {
  const { id } = project;
  const node = sketch.resource(sketch.organization, 'project', id);
  for (const kind of ['data_retention', 'hosted_tool_permissions', 'service_tier_settings']) {
    sketch.resource(node, kind, id);
  }
  if (project.spendLimit !== null) sketch.resource(node, 'spend_limit', id);
  if (project.modelPermissions !== null) sketch.resource(node, 'model_permissions', id);
  for (const limit of listedRateLimits(project)) sketch.resource(node, 'rate_limit', id, String(limit.id));
  for (const certificateId of project.activeCertificates)
    sketch.edge(`certificate ${certificateId}`, 'active_in', node);
  for (const groupId of project.groups.keys()) sketch.edge(`group ${groupId}`, 'member_of', node);
  // Who is in an archived project is not told.
  if (project.archivedAt !== null) return;
  for (const [userId, { role }] of project.members) {
    sketch.edge(`user ${userId}`, 'member_of', node);
    if (role === 'owner') sketch.edge(`user ${userId}`, 'admin_of', node);
  }
  for (const account of estate.stock('service_account')) {
    if (account.project === project) sketch.resource(node, 'service_account', account.id);
  }
}

function drawKeys(sketch: Sketch, estate: Estate): void {
  for (const key of estate.stock('api_key')) {
    own(sketch, key, sketch.resource(`project ${key.project?.id}`, 'api_key', key.id));
  }
  for (const key of estate.stock('admin_api_key')) {
    own(sketch, key, sketch.resource(sketch.organization, 'admin_api_key', key.id));
  }
}

function own(sketch: Sketch, { owner }: Key, key: Node): void {
  sketch.edge(`${owner.type} ${owner.id}`, 'owns', key);
  sketch.edge(key, 'owned_by', `${owner.type} ${owner.id}`);
}

function drawAccess(sketch: Sketch, estate: Estate): void {
  for (const group of estate.stock('group')) {
    for (const userId of group.members) sketch.edge(`user ${userId}`, 'member_of', `group ${group.id}`);
    drawRolesOf(sketch, estate, `group ${group.id}`, undefined);
  }
  for (const { id } of estate.users) drawRolesOf(sketch, estate, `user ${id}`, undefined);
  for (const role of listedRoles(undefined, { estate, nowS: 0 })) {
    sketch.resource(sketch.organization, 'role', String(role.id));
  }
  for (const project of estate.projects) {
    for (const role of listedRoles(project, { estate, nowS: 0 })) {
      sketch.resource(`project ${project.id}`, 'project_role', project.id, String(role.id));
    }
    const members = project.archivedAt === null ? project.members.keys() : [];
    for (const id of members) drawRolesOf(sketch, estate, `user ${id}`, project);
    for (const id of project.groups.keys()) drawRolesOf(sketch, estate, `group ${id}`, project);
  }
}

/** Each role that a user or group has: a thing of its own, since it says where it comes from. */
function drawRolesOf(sketch: Sketch, estate: Estate, principal: Node, project: Project | undefined): void {
  const principalId = principal.slice(principal.indexOf(' ') + 1);
  const place = project ? `project ${project.id}` : sketch.organization;
  const groups = estate.stock('group').filter(({ members }) => members.has(principalId));
  for (const { principal: given, roleId, project: where } of estate.stock('assignment')) {
    const isDirect = given.id === principalId;
    if (where !== project || !(isDirect || groups.some(({ id }) => id === given.id))) continue;
    const assignment = sketch.resource(place, 'role_assignment', ...(project ? [project.id] : []), principalId, roleId);
    sketch.edge(assignment, 'assigned_to', principal);
    sketch.edge(assignment, 'grants', project ? `project_role ${project.id}/${roleId}` : `role ${roleId}`);
    if (!isDirect) sketch.edge(assignment, 'through', `group ${given.id}`);
  }
}
