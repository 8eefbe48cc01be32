import { createProject } from '../estate.ts';
import { assign, furnishProject, PERMISSIONS } from './furnish-project.ts';
import {
  alertFacts,
  externalKeyFacts,
  groupFacts,
  identityProviderFacts,
  roleFacts,
  ruleFacts,
  storageFacts,
} from './furniture.ts';
import { DAY_S, past, type Site, some, thing } from './site.ts';

const GROUP_NAMES = ['Platform', 'Data science', 'Support', 'Finance', 'Contractors'];

/** Gives the world what the inventory lists: memberships, keys, groups, roles, limits, settings. */
export function furnish(site: Site): void {
  populate(site);
  makeGroups(site);
  makeRoles(site);
  for (const project of site.world.projects) furnishProject(site, project);
  furnishOrganization(site);
}

function populate(site: Site): void {
  const { world, dice, startS, size } = site;
  const { users = world.people.length, projects = world.projects.length } = size;
  while (world.people.length < users) world.people.push(world.newcomer(past(site), 'reader'));
  const add = (name: string) => {
    const project = createProject(`proj_${dice.alphanumerics(24)}`, name, past(site));
    world.projects.push(project);
    return project;
  };
  while (world.projects.length < projects) add(`Project ${world.projects.length}`);
  for (let left = Math.max(1, Math.floor(projects / 10)); left > 0; left -= 1) {
    add(`Retired pilot ${left}`).archivedAt = startS - DAY_S;
  }
}

function makeGroups(site: Site): void {
  const { world, size } = site;
  for (let number = 0; number < (size.groups ?? GROUP_NAMES.length); number += 1) {
    const name = GROUP_NAMES[number] ?? `Team ${number + 1}`;
    const members = some(site, world.people, 1, 12).map(({ id }) => id);
    world.stock('group').push({ ...thing(site, 'group_', name), facts: groupFacts(), members: new Set(members) });
  }
}

function makeRoles(site: Site): void {
  const { world } = site;
  const facts = roleFacts('organization', some(site, PERMISSIONS, 1, 3));
  world.stock('role').push({ ...thing(site, 'role_', 'Security reviewer'), facts });
  for (const group of some(site, world.stock('group'), 1, 3)) assign(site, { type: 'group', id: group.id });
  for (const person of some(site, world.people, 2, 6)) assign(site, { type: 'user', id: person.id });
}

function furnishOrganization(site: Site): void {
  const { world, dice, startS } = site;
  for (const name of ['gateway', 'build farm']) {
    const details = { valid_at: past(site), expires_at: startS + 200 * DAY_S };
    const certificate = { ...thing(site, 'cert_', name), facts: { certificate_details: details } };
    world.stock('certificate').push(certificate);
    const scopes = [world.settings, ...some(site, world.projects, 1, 3)];
    for (const { activeCertificates } of scopes) activeCertificates.add(certificate.id);
  }
  for (const name of ['provisioning', 'audit export']) {
    const owner = { type: 'user', id: dice.pick(world.people).id } as const;
    world.stock('admin_api_key').push({ ...thing(site, 'key_', name), facts: {}, owner, lastUsedAt: past(site) });
  }
  world.settings.spendLimit = 500_000;
  world.stock('spend_alert').push({ ...thing(site, 'alert_', 'alert'), facts: alertFacts(400_000) });
  world.stock('external_key').push({ ...thing(site, 'ek_', 'vault'), facts: externalKeyFacts(world, dice) });
  world.stock('external_storage').push({ ...thing(site, 'es_', 'archive'), facts: storageFacts(world, dice) });
  const provider = { ...thing(site, 'wip_', 'build system'), facts: identityProviderFacts(past(site)) };
  world.stock('identity_provider').push(provider);
  for (const account of some(site, world.stock('service_account'), 1, 3)) {
    const rule = { ...thing(site, 'wipm_', 'deploy'), facts: ruleFacts(provider, account, dice, past(site)) };
    world.stock('identity_mapping').push(rule);
  }
  invite(site, 'accepted', -200);
  invite(site, 'pending', -30);
}

/** An invite that nobody will answer any more: accepted long ago, or expired. */
function invite(site: Site, status: string, days: number): void {
  const { world, startS } = site;
  const createdAt = startS + days * DAY_S;
  const dates = { expires_at: createdAt + 7 * DAY_S, accepted_at: status === 'accepted' ? createdAt + DAY_S : null };
  const projects = [{ id: world.defaultProject().id, role: 'member' }];
  const facts = { role: 'reader', status, projects, ...dates };
  world.stock('invite').push({ ...thing(site, 'invite-', `${status}@example.com`), createdAt, facts });
}
