import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { actorLink } from './actor.ts';
import { frame } from './frame.ts';
import { bars, log, number, ranking } from './panel.ts';
import { events, inventory, orZero, rate, shown, top, total } from './query.ts';

const SUMMARY = '{{.openai_audit_summary}}';

const type = (pattern: string): string => `openai_audit_type=~"${pattern}"`;

const KEYS = type('(tenant\\\\.)?(admin_api_key|project_api_key|api_key|service_account)\\\\..*');
const KEYS_MADE = type('(tenant\\\\.)?(admin_api_key|project_api_key|api_key)\\\\.created');
const CHANGED = 'openai_audit_read_only!="true"';
const ROLES = `${type('(tenant\\\\.)?(role|custom_role|role_assignment|resource_role_assignment|resource_access|resource_share_grant|group|user)\\\\..*')} | ${CHANGED}`;
const MEMBERS = `${type(
  '(tenant\\\\.)?(invite|api_organization_invite|chatgpt_workspace_invite|user|membership|group\\\\.member)\\\\..*',
)} | ${CHANGED}`;
const PROJECTS = type('(project|rate_limit)\\\\..*');
const GUARDS = type(
  '(ip_allowlist|certificate|certificates|scim|external_key|workload_identity_provider|tenant\\\\.(policy|session_policy|product_access_policy|third_party_app_policy|sso|sso_connection|domains|scim|microsoft_entra_mapping|workload_identity\\\\.provider))\\\\..*',
);
/** Of what else is changed there, such as a title, severity tells apart that logging or retention is. */
const SETTINGS = `${type('(organization|tenant\\\\.metadata)\\\\.updated')} and severity_number >= 13`;
const PROTECTION = `(${GUARDS} or (${SETTINGS}))`;

const CHANGES = inventory('event_name=~"openai\\\\.inventory\\\\..+\\\\.(added|changed|removed)"');

/** Keys, roles, members and projects, and how they change. */
export function access(): Dashboard {
  return frame('openai-access', 'OpenAI / Access', 'Keys, roles, members and projects, and how they change')
    .withPanel(number({ title: 'Keys made', width: 6 }, orZero(total(events(KEYS_MADE)))))
    .withPanel(number({ title: 'Changes of roles and groups', width: 6 }, orZero(total(events(ROLES)))))
    .withPanel(number({ title: 'Changes of members', width: 6 }, orZero(total(events(MEMBERS)))))
    .withPanel(number({ title: 'Changes of protection', width: 6 }, orZero(total(events(PROTECTION))), 'attention'))
    .withPanel(
      bars(
        { title: 'Keys and service accounts', width: 12 },
        rate(events(KEYS), ['openai_audit_type']),
        '{{openai_audit_type}}',
      ),
    )
    .withPanel(
      bars(
        { title: 'Roles, groups and users', width: 12 },
        rate(events(ROLES), ['openai_audit_type']),
        '{{openai_audit_type}}',
      ),
    )
    .withPanel(
      ranking(
        { title: 'Who made keys, in which project', width: 12 },
        top(50, total(events(KEYS_MADE), ['user_email', 'actor_id', 'project_name'])),
        { user_email: 'User', actor_id: 'Actor', project_name: 'Project' },
      ).overrideByRegexp('User|Actor', [actorLink()]),
    )
    .withPanel(
      ranking(
        { title: 'Who changed roles and groups', width: 12 },
        top(50, total(events(ROLES), ['user_email', 'actor_id', 'openai_audit_type'])),
        { user_email: 'User', actor_id: 'Actor', openai_audit_type: 'What' },
      ).overrideByRegexp('User|Actor', [actorLink()]),
    )
    .withPanel(log({ title: 'Protection', width: 12 }, shown(events(PROTECTION), SUMMARY)))
    .withPanel(log({ title: 'Roles and groups', width: 12 }, shown(events(ROLES), SUMMARY)))
    .withPanel(log({ title: 'Members and invitations', width: 12 }, shown(events(MEMBERS), SUMMARY)))
    .withPanel(log({ title: 'Projects and their limits', width: 12 }, shown(events(PROJECTS), SUMMARY)))
    .withPanel(log({ title: 'Keys', width: 24 }, shown(events(KEYS), SUMMARY)))
    .withRow(new RowBuilder('Inventory: what there is, and how it differs from the last reading'))
    .withPanel(
      bars(
        { title: 'Changes by kind', width: 12 },
        rate(CHANGES, ['openai_inventory_kind']),
        '{{openai_inventory_kind}}',
      ),
    )
    .withPanel(
      ranking(
        { title: 'Entities by type', width: 12, description: 'How many states were reported.' },
        total(inventory('event_name="entity.state"'), ['entity_type']),
        { entity_type: 'Type' },
      ),
    )
    .withPanel(log({ title: 'Changes', width: 12 }, CHANGES))
    .withPanel(
      log(
        {
          title: 'Changes that no audit event explains',
          width: 12,
          description: 'What changed without a trace in the log.',
        },
        `${CHANGES} | openai_inventory_explained_by=""`,
      ),
    )
    .withPanel(log({ title: 'Readings', width: 24 }, inventory('event_name="openai.inventory.snapshot"')))
    .build();
}
