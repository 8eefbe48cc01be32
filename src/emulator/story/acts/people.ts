import { type Act, type Consequence, changes, makes, removes, type Scene } from '../act.ts';
import { NOBODY, signedIn } from '../actor.ts';
import type { Person } from '../cast.ts';

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

/** Who belongs to the organization, and what they may do. */
export const PEOPLE_ACTS = {
  'invite.sent': invite,
  'invite.accepted': acceptInvite,
  'invite.deleted': ({ world, dice }) => {
    const invites = world.stock('invite');
    const [withdrawn] = invites.splice(dice.integer(0, invites.length - 1), 1);
    if (withdrawn === undefined) return undefined;
    world.invited.delete(withdrawn.id);
    return { payload: { id: withdrawn.id } };
  },
  'user.added': scene => {
    const person = scene.world.newcomer(scene.nowS, 'reader');
    return { ...welcome(person, scene), actor: NOBODY };
  },
  'user.updated': changeRole,
  'user.deleted': ({ world, dice }) => {
    const leavers = world.people.filter(person => person.role !== 'owner');
    if (world.people.length <= FEW || leavers.length === 0) return undefined;
    const { id } = dice.pick(leavers);
    world.people.splice(
      world.people.findIndex(person => person.id === id),
      1,
    );
    return { payload: { id } };
  },
  'group.created': makes('group', 'group_', GROUPS, ({ name }) => ({ data: { group_name: name } })),
  'group.updated': changes('group', (_, { dice }) => ({ changes_requested: { group_name: dice.pick(GROUPS) } })),
  'group.deleted': removes('group'),
  'role.created': makes('role', 'role_', ROLES, ({ name }, { world, dice }) => ({
    role_name: name,
    permissions: permissions(dice),
    resource_id: world.organizationId,
    resource_type: 'api.organization',
  })),
  'role.updated': changes('role', ({ name }, { dice }) => ({
    changes_requested: {
      role_name: name,
      description: `${name} of the organization`,
      permissions_added: permissions(dice),
      permissions_removed: [],
    },
  })),
  'role.deleted': removes('role'),
  'role.assignment.created': makes('assignment', 'ra_', ['assignment'], (_, scene) => assignment(scene)),
  'role.assignment.deleted': removes('assignment', (_, scene) => assignment(scene)),
  'role.bound_to_resource': binding(true),
  'role.unbound_from_resource': binding(false),
  'scim.enabled': ({ world }) => ({ payload: { id: world.organizationId } }),
  'scim.disabled': ({ world }) => ({ payload: { id: world.organizationId } }),
  'service_account.created': makes(
    'service_account',
    'svc_acct_',
    ['batch worker', 'indexer', 'deployer'],
    (_, { dice }) => ({ data: { role: dice.pick(ACCOUNT_ROLES) } }),
    true,
  ),
  'service_account.updated': changes('service_account', (_, { dice }) => ({
    changes_requested: { role: dice.pick(ACCOUNT_ROLES) },
  })),
  'service_account.deleted': removes('service_account'),
} satisfies Record<string, Act>;

/** Most invites are accepted within two days; the others are taken back. */
function invite({ world, dice, nowS }: Scene): ReturnType<Act> {
  const person = world.newcomer(nowS, dice.chance(0.1) ? 'owner' : 'reader');
  const id = `invite-${dice.alphanumerics(24)}`;
  world.invited.set(id, person);
  world.stock('invite').push({ id, name: person.email });
  const [type, latestS] = dice.chance(0.8) ? ['invite.accepted', 48 * HOUR_S] : ['invite.deleted', 96 * HOUR_S];
  const follows = [{ type, afterS: dice.integer(300, latestS) }];
  return { payload: { id, data: { email: person.email, role: person.role } }, follows };
}

function acceptInvite({ world, dice, nowS }: Scene): ReturnType<Act> {
  const accepted = world.stock('invite').shift();
  if (accepted === undefined) return undefined;
  const person = world.invited.get(accepted.id);
  if (person === undefined) return undefined;
  world.invited.delete(accepted.id);
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
function changeRole({ world, dice }: Scene): ReturnType<Act> {
  const owners = world.people.filter(person => person.role === 'owner');
  const promotes = owners.length <= 3;
  const person = promotes ? dice.pick(world.people.filter(({ role }) => role !== 'owner')) : dice.pick(owners);
  person.role = promotes ? 'owner' : 'reader';
  return { payload: { id: person.id, changes_requested: { role: person.role } } };
}

function assignment({ world, dice }: Scene): object {
  const group = dice.pick([undefined, ...world.stock('group')]);
  const project = dice.pick([undefined, ...world.activeProjects()]);
  return {
    principal_id: group?.id ?? dice.pick(world.people).id,
    principal_type: group === undefined ? 'user' : 'group',
    resource_id: project?.id ?? world.organizationId,
    resource_type: project === undefined ? 'api.organization' : 'api.project',
  };
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
