import type { Assignment, Project, Thing } from '../../estate.ts';
import { PREDEFINED_ROLES } from '../../inventory/roles.ts';
import { type Act, type Consequence, changes, chosen, learn, makes, removes, type Scene } from '../act.ts';
import { NOBODY, signedIn } from '../actor.ts';
import type { Person } from '../cast.ts';
import { groupFacts, roleFacts } from '../furniture.ts';

const GROUPS = ['Platform', 'Data science', 'Support', 'Finance', 'Contractors'];
const ROLES = ['Key manager', 'Auditor', 'Fine-tuner', 'Billing viewer'];
const PERMISSIONS = [
  'api.keys.read',
  'api.keys.write',
  'api.fine_tuning.write',
  'api.usage.read',
  'api.organization.read',
];
const CONNECTORS = ['Example Drive', 'Example Calendar', 'Example Tickets'];
const SOURCES = ['role_toggle', 'role_connector_update', 'role_delete', 'workspace_permissions', 'connector_publish'];
const ACCOUNT_ROLES = ['owner', 'member'];
/** Below so many people nobody leaves, above twice as many somebody does whenever somebody comes. */
const FEW = 16;
const HOUR_S = 3600;
const INVITED_FOR_S = 7 * 24 * HOUR_S;

/** Who belongs to the organization, and what they may do. */
export const PEOPLE_ACTS = {
  'invite.sent': invite,
  'invite.accepted': acceptInvite,
  'invite.deleted': scene => {
    const { world } = scene;
    const withdrawn = chosen(scene, pendingInvites(scene));
    if (withdrawn === undefined) return undefined;
    const invites = world.stock('invite');
    invites.splice(invites.indexOf(withdrawn), 1);
    world.invited.delete(withdrawn.id);
    return { payload: { id: withdrawn.id } };
  },
  'user.added': scene => {
    const person = scene.world.newcomer(scene.nowS, 'reader');
    return { ...welcome(person, scene), actor: NOBODY };
  },
  'user.updated': changeRole,
  'user.deleted': scene => {
    const { world, target } = scene;
    const leavers = world.people.filter(({ role }) => role !== 'owner');
    const person = chosen(scene, target === undefined ? leavers : world.people);
    if (person === undefined || (target === undefined && world.people.length <= FEW)) return undefined;
    world.leave(person);
    return { payload: { id: person.id } };
  },
  'group.created': makes('group', {
    prefix: 'group_',
    names: GROUPS,
    made: (thing, { world, dice }) => {
      const members = dice.shuffled(world.people).slice(0, dice.integer(1, 6));
      return { ...thing, facts: groupFacts(), members: new Set(members.map(({ id }) => id)) };
    },
    tell: ({ name }) => ({ data: { group_name: name } }),
  }),
  'group.updated': changes('group', (group, { dice }) => {
    group.name = dice.pick(GROUPS);
    return { changes_requested: { group_name: group.name } };
  }),
  'group.deleted': removes('group'),
  'role.created': makes('role', {
    prefix: 'role_',
    names: ROLES,
    made: (thing, { world, dice }) => {
      const project = dice.chance(0.3) ? dice.pick(world.activeProjects()) : undefined;
      const facts = roleFacts(project ? 'project' : 'organization', permissions(dice));
      return { ...thing, facts, ...(project && { project }) };
    },
    tell: ({ name, facts, project }, scene) => ({
      role_name: name,
      permissions: facts.permissions,
      ...resource(project, scene),
    }),
  }),
  'role.updated': changes('role', (role, { dice }) => {
    const before = role.facts.permissions as readonly string[];
    const added = permissions(dice).filter(each => !before.includes(each));
    const description = `${role.name} of the organization`;
    learn(role, { description, permissions: [...before, ...added] });
    const changed = { role_name: role.name, description, permissions_added: added, permissions_removed: [] };
    return { changes_requested: changed };
  }),
  'role.deleted': removes('role'),
  'role.assignment.created': makes('assignment', {
    prefix: 'ra_',
    names: ['assignment'],
    made: assign,
    tell: told,
  }),
  'role.assignment.deleted': removes('assignment', told),
  'role.bound_to_resource': binding(true),
  'role.unbound_from_resource': binding(false),
  'scim.enabled': ({ world }) => ({ payload: { id: world.organizationId } }),
  'scim.disabled': ({ world }) => ({ payload: { id: world.organizationId } }),
  'service_account.created': makes('service_account', {
    prefix: 'svc_acct_',
    names: ['batch worker', 'indexer', 'deployer'],
    scoped: true,
    made: (thing, { dice }) => ({ ...thing, facts: { role: dice.pick(ACCOUNT_ROLES) } }),
    tell: ({ facts }) => ({ data: { role: facts.role } }),
  }),
  'service_account.updated': changes('service_account', (account, { dice }) => {
    const role = dice.pick(ACCOUNT_ROLES);
    learn(account, { role });
    return { changes_requested: { role } };
  }),
  // Programs of the story act for the first one.
  'service_account.deleted': removes('service_account', () => ({}), 1),
} satisfies Record<string, Act>;

/** Most invites are accepted within two days; the others are taken back. */
function invite({ world, dice, nowS }: Scene): ReturnType<Act> {
  const person = world.newcomer(nowS, dice.chance(0.1) ? 'owner' : 'reader');
  const id = `invite-${dice.alphanumerics(24)}`;
  world.invited.set(id, person);
  const dates = { expires_at: nowS + INVITED_FOR_S, accepted_at: null };
  const facts = { role: person.role, status: 'pending', projects: [], ...dates };
  world.stock('invite').push({ id, name: person.email, createdAt: nowS, facts });
  const [type, latestS] = dice.chance(0.8) ? ['invite.accepted', 48 * HOUR_S] : ['invite.deleted', 96 * HOUR_S];
  const follows = [{ type, afterS: dice.integer(300, latestS) }];
  return { payload: { id, data: { email: person.email, role: person.role } }, follows };
}

function pendingInvites({ world }: Scene): readonly Thing[] {
  return world.stock('invite').filter(({ id }) => world.invited.has(id));
}

function acceptInvite(scene: Scene): ReturnType<Act> {
  const { world, dice, nowS } = scene;
  const [accepted] = pendingInvites(scene);
  const person = accepted && world.invited.get(accepted.id);
  if (accepted === undefined || person === undefined) return undefined;
  world.invited.delete(accepted.id);
  learn(accepted, { status: 'accepted', accepted_at: nowS });
  const newcomer = { ...person, addedAt: nowS };
  world.people.push(newcomer);
  const actor = signedIn(newcomer, nowS * 1000, dice);
  const joins = { type: 'user.added', act: join, afterS: 0, actor };
  return { payload: { id: accepted.id }, actor, follows: [joins] };
}

/** The event that follows an accepted invite: the person is there already. */
function join({ actor, world }: Scene): ReturnType<Act> {
  const { person } = actor;
  return person && { payload: { id: person.id, data: { role: person.role } }, follows: leaving(world.people.length) };
}

function welcome(person: Person, { world }: Scene): NonNullable<ReturnType<Act>> {
  world.people.push(person);
  return { payload: { id: person.id, data: { role: person.role } }, follows: leaving(world.people.length) };
}

function leaving(people: number): Consequence[] {
  return people > 2 * FEW ? [{ type: 'user.deleted', afterS: 6 * HOUR_S, actor: NOBODY }] : [];
}

/** Now and then somebody becomes an owner; somebody else then stops being one. */
function changeRole(scene: Scene): ReturnType<Act> {
  const { world, target } = scene;
  const owners = world.people.filter(({ role }) => role === 'owner');
  const some = owners.length <= 3 ? world.people.filter(({ role }) => role !== 'owner') : owners;
  const person = chosen(scene, target === undefined ? some : world.people);
  if (person === undefined) return undefined;
  person.role = person.role === 'owner' ? 'reader' : 'owner';
  return { payload: { id: person.id, changes_requested: { role: person.role } } };
}

/** Gives a role to a user or a group, in the organization or in a project that thereby gets a member. */
function assign(thing: Thing, { world, dice, nowS }: Scene): Assignment {
  const group = dice.pick([undefined, ...world.stock('group')]);
  const project = dice.pick([undefined, ...world.activeProjects()]);
  const { id } = group ?? dice.pick(world.people);
  const own = world.stock('role').filter(role => role.project === project);
  const role = dice.pick([...PREDEFINED_ROLES[project ? 'project' : 'organization'], ...own]);
  if (group !== undefined) project?.groups.set(id, project.groups.get(id) ?? nowS);
  else project?.members.set(id, project.members.get(id) ?? { role: 'member', addedAt: nowS });
  const principal = { type: group === undefined ? 'user' : 'group', id } as const;
  return { ...thing, principal, roleId: role.id, ...(project && { project }) };
}

/** The role itself is not told. */
function told({ principal: { type, id }, project }: Assignment, scene: Scene): object {
  return { principal_id: id, principal_type: type, ...resource(project, scene) };
}

function resource(project: Project | undefined, { world }: Scene): object {
  const type = project === undefined ? 'api.organization' : 'api.project';
  return { resource_id: project?.id ?? world.organizationId, resource_type: type };
}

function binding(enabled: boolean): Act {
  return ({ world, dice }) => {
    const role = world.stock('role')[0];
    if (role === undefined) return undefined;
    const connector = dice.integer(0, CONNECTORS.length - 1);
    const id = `${world.workspaceId}__connector_${connector}`;
    return {
      payload: {
        id,
        connector_id: `connector_${connector}`,
        connector_name: CONNECTORS[connector],
        enabled,
        permissions: ['read'],
        resource_id: id,
        resource_type: 'connector',
        role_id: role.id,
        source: dice.pick(SOURCES),
        workspace_id: world.workspaceId,
      },
    };
  };
}

function permissions(dice: Scene['dice']): string[] {
  return dice.shuffled(PERMISSIONS).slice(0, dice.integer(1, 3));
}
