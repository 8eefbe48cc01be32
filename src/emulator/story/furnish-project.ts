import type { Project } from '../estate.ts';
import { PREDEFINED_ROLES } from '../inventory/roles.ts';
import { alertFacts, roleFacts } from './furniture.ts';
import { past, type Site, some, thing } from './site.ts';

export const PERMISSIONS = ['api.keys.read', 'api.keys.write', 'api.fine_tuning.write', 'api.usage.read'];

/** Gives a project members, groups, roles, keys and settings. */
export function furnishProject(site: Site, project: Project): void {
  const { world, dice, size } = site;
  const members = some(site, world.people, 3, size.membersPerProject ?? 12);
  for (const [index, { id }] of members.entries()) {
    project.members.set(id, { role: index === 0 ? 'owner' : 'member', addedAt: past(site) });
  }
  for (const { id } of some(site, world.stock('group'), 0, 2)) project.groups.set(id, past(site));
  setUp(site, project);
  if (project.archivedAt !== null) return;
  if (dice.chance(0.4)) {
    const facts = roleFacts('project', some(site, PERMISSIONS, 1, 2));
    world.stock('role').push({ ...thing(site, 'role_', 'Prompt editor'), facts, project });
  }
  for (const { id } of some(site, members, 1, 3)) assign(site, { type: 'user', id }, project);
  for (const id of project.groups.keys()) assign(site, { type: 'group', id }, project);
  makeKeys(site, project, members[0]?.id ?? '');
}

function setUp(site: Site, project: Project): void {
  const { world, dice } = site;
  if (dice.chance(0.5)) project.spendLimit = dice.integer(1, 20) * 10_000;
  if (dice.chance(0.3)) project.dataRetention = 'zero_data_retention';
  if (dice.chance(0.5)) project.modelPermissions = { mode: 'allow_list', model_ids: ['gpt-5-mini', 'o3'] };
  if (dice.chance(0.3)) project.hostedTools.set('mcp', false);
  if (dice.chance(0.3)) project.serviceTiers = { default: 'fast', enabled_tiers: ['fast', 'flex'] };
  if (dice.chance(0.4)) project.rateLimits.set('gpt-5', { max_requests_per_1_minute: 100 });
  if (dice.chance(0.5)) {
    const alert = { ...thing(site, 'alert_', 'alert'), facts: alertFacts(dice.integer(1, 9) * 10_000), project };
    world.stock('spend_alert').push(alert);
  }
}

/** A key of a member, one of somebody who is no member any more, and one of a service account with an id of old. */
function makeKeys(site: Site, project: Project, memberId: string): void {
  const { world, dice } = site;
  const stranger = world.people.find(({ id }) => !project.members.has(id));
  const old = {
    ...thing(site, '', 'nightly export'),
    id: `user-${dice.alphanumerics(24)}`,
    project,
    facts: { role: 'member' },
  };
  world.stock('service_account').push(old);
  const owners = [
    { type: 'user', id: memberId },
    ...(stranger ? [{ type: 'user', id: stranger.id } as const] : []),
    { type: 'service_account', id: old.id },
  ] as const;
  for (const owner of owners) {
    const head = { ...thing(site, 'key_', dice.pick(['notebook', 'evaluation', 'export'])), project, facts: {} };
    world.stock('api_key').push({ ...head, owner, lastUsedAt: dice.chance(0.3) ? null : past(site) });
  }
}

/** Gives a role of the organization, or of the project, to somebody. */
export function assign(
  site: Site,
  principal: { readonly type: 'user' | 'group'; readonly id: string },
  project?: Project,
): void {
  const { world, dice } = site;
  const own = world.stock('role').filter(role => role.project === project);
  const role = dice.pick([...PREDEFINED_ROLES[project ? 'project' : 'organization'], ...own]);
  const head = { ...thing(site, 'ra_', 'assignment'), facts: {}, ...(project && { project }) };
  world.stock('assignment').push({ ...head, principal, roleId: role.id });
}
