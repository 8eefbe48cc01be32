import { createProject, dropOfProject } from '../../estate.ts';
import { type Act, changes, chosen, makes, removes, type Scene } from '../act.ts';
import { lists } from './credentials.ts';

const LISTS = ['Offices', 'Build farm', 'Remote workers'];
const NETWORKS = ['192.0.2.0/26', '198.51.100.0/25', '198.51.100.128/25', '203.0.113.0/25', '2001:db8:17::/48'];
const TITLES = [
  'Meeting notes',
  'Invoice reader',
  'Churn study',
  'Translation desk',
  'Catalogue search',
  'Onboarding guide',
];
const MODELS = ['gpt-5', 'gpt-5-mini', 'gpt-image-1', 'gpt-realtime'];
const FAILURES = [
  { error_code: 'invalid_credentials', error_message: 'Wrong email or password.' },
  { error_code: 'mfa_failed', error_message: 'The one-time code was not accepted.' },
  { error_code: 'sso_required', error_message: 'Sign in through the identity provider of your organization.' },
];

/** The organization itself: its doors, its projects and their limits. */
export const ORGANIZATION_ACTS = {
  'login.succeeded': () => ({}),
  'login.failed': ({ dice }) => ({ payload: dice.pick(FAILURES) }),
  'logout.succeeded': ({ dice }) => (dice.chance(0.5) ? {} : { payload: {} }),
  'logout.failed': () => ({
    payload: { error_code: 'session_expired', error_message: 'The session had ended before.' },
  }),
  'ip_allowlist.created': makes('ip_allowlist', {
    prefix: 'ipal_',
    names: LISTS,
    made: thing => thing,
    tell: ({ name }, scene) => ({ name, ...addresses(scene) }),
  }),
  'ip_allowlist.updated': changes('ip_allowlist', (_, scene) => addresses(scene)),
  'ip_allowlist.deleted': removes('ip_allowlist', ({ name }, scene) => ({ name, ...addresses(scene) })),
  'ip_allowlist.config.activated': lists('ip_allowlist', 'configs'),
  'ip_allowlist.config.deactivated': lists('ip_allowlist', 'configs'),
  'organization.updated': ({ world, dice }) => ({
    payload: { id: world.organizationId, changes_requested: dice.pick(organizationChanges(world.projects[1]?.id)) },
  }),
  'project.created': beginProject,
  'project.updated': scene => {
    const { world, dice } = scene;
    const project = chosen(scene, world.activeProjects());
    if (project === undefined) return undefined;
    if (project !== world.defaultProject()) project.name = dice.pick(TITLES);
    return { payload: { id: project.id, changes_requested: { title: project.name } }, project };
  },
  'project.archived': scene => {
    const [, ...others] = scene.world.activeProjects();
    const project = others.length < 4 ? undefined : chosen(scene, others);
    if (project === undefined) return undefined;
    project.archivedAt = scene.nowS;
    dropOfProject(scene.world, project, ['api_key', 'service_account', 'checkpoint']);
    return { payload: { id: project.id }, project };
  },
  'project.deleted': scene => {
    const { world } = scene;
    const archived = world.projects.filter(({ archivedAt }) => archivedAt !== null);
    const project = scene.target === undefined ? archived[0] : chosen(scene, world.projects.slice(1));
    if (project === undefined) return undefined;
    world.projects.splice(world.projects.indexOf(project), 1);
    const kinds = ['api_key', 'service_account', 'checkpoint', 'assignment', 'role', 'spend_alert'] as const;
    dropOfProject(world, project, kinds);
    return { payload: { id: project.id }, project };
  },
  'rate_limit.updated': scene => {
    const { world, dice } = scene;
    const model = dice.pick(MODELS);
    const limits = {
      max_requests_per_1_minute: dice.integer(1, 50) * 100,
      max_tokens_per_1_minute: dice.integer(1, 40) * 25_000,
    };
    const project = chosen(scene, world.activeProjects());
    project?.rateLimits.set(model, { ...project.rateLimits.get(model), ...limits });
    return project && { payload: { id: `rl-${model}`, changes_requested: limits }, project };
  },
  'rate_limit.deleted': scene => {
    const model = scene.dice.pick(MODELS);
    const project = chosen(scene, scene.world.activeProjects());
    project?.rateLimits.delete(model);
    return project && { payload: { id: `rl-${model}` }, project };
  },
} satisfies Record<string, Act>;

function beginProject({ world, dice, nowS, actor }: Scene): ReturnType<Act> {
  const project = createProject(`proj_${dice.alphanumerics(24)}`, dice.pick(TITLES), nowS);
  if (actor.person) project.members.set(actor.person.id, { role: 'owner', addedAt: nowS });
  world.projects.push(project);
  return { payload: { id: project.id, data: { name: project.name, title: project.name } }, project };
}

function organizationChanges(projectId: string | undefined): object[] {
  return [
    { title: 'Example Industries', description: 'Everything that Example Industries builds' },
    { name: 'example-industries' },
    { threads_ui_visibility: 'NONE', usage_dashboard_visibility: 'OWNERS' },
    { api_call_logging: 'enabled_for_selected_projects', api_call_logging_project_ids: projectId ?? '' },
  ];
}

function addresses({ dice }: Scene): { readonly allowed_ips: string[] } {
  return { allowed_ips: dice.shuffled(NETWORKS).slice(0, dice.integer(1, 3)) };
}
