import { type Act, changes, makes, removes, type Scene } from '../act.ts';
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
  'ip_allowlist.created': makes('ip_allowlist', 'ipal_', LISTS, ({ name }, scene) => ({ name, ...addresses(scene) })),
  'ip_allowlist.updated': changes('ip_allowlist', (_, scene) => addresses(scene)),
  'ip_allowlist.deleted': removes('ip_allowlist', ({ name }, scene) => ({ name, ...addresses(scene) })),
  'ip_allowlist.config.activated': lists('ip_allowlist', 'configs'),
  'ip_allowlist.config.deactivated': lists('ip_allowlist', 'configs'),
  'organization.updated': ({ world, dice }) => ({
    payload: { id: world.organizationId, changes_requested: dice.pick(organizationChanges(world.projects[1]?.id)) },
  }),
  'project.created': createProject,
  'project.updated': ({ world, dice }) => {
    const project = dice.pick(world.activeProjects());
    if (project !== world.defaultProject()) project.name = dice.pick(TITLES);
    return { payload: { id: project.id, changes_requested: { title: project.name } }, project };
  },
  'project.archived': ({ world, dice, nowS }) => {
    const [, ...others] = world.activeProjects();
    if (others.length < 4) return undefined;
    const project = dice.pick(others);
    project.archivedAt = nowS;
    for (const kind of ['api_key', 'service_account', 'checkpoint']) world.forget(kind, project);
    return { payload: { id: project.id }, project };
  },
  'project.deleted': ({ world }) => {
    const index = world.projects.findIndex(project => project.archivedAt !== null);
    const [project] = index < 0 ? [] : world.projects.splice(index, 1);
    return project && { payload: { id: project.id }, project };
  },
  'rate_limit.updated': ({ world, dice }) => ({
    payload: {
      id: `rl-${dice.pick(MODELS)}`,
      changes_requested: {
        max_requests_per_1_minute: dice.integer(1, 50) * 100,
        max_tokens_per_1_minute: dice.integer(1, 40) * 25_000,
      },
    },
    project: dice.pick(world.activeProjects()),
  }),
  'rate_limit.deleted': ({ world, dice }) => ({
    payload: { id: `rl-${dice.pick(MODELS)}` },
    project: dice.pick(world.activeProjects()),
  }),
} satisfies Record<string, Act>;

function createProject({ world, dice, nowS }: Scene): ReturnType<Act> {
  const project = { id: `proj_${dice.alphanumerics(24)}`, name: dice.pick(TITLES), createdAt: nowS, archivedAt: null };
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
