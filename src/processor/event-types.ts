import type { Condition } from './severity.ts';

/** What a type of event is known to be. */
export interface KnownType {
  /** Kind of what was acted upon. */
  readonly target: string;
  /**
   * What the actor did, for the summary. `{target}` is kind, id and name of the target, `{noun}` the kind alone,
   * `{changed}` the changed fields with what they are now, `{changes.x}` one of them, `{scopes}` and `{expiry}` those of
   * a key, `{principal}` and `{resource}` kind and id of what the payload names so, any other `{path}` a value of the
   * payload. What stands in `[...]` is left out when a placeholder inside has nothing to say. Whatever else the payload
   * names by an id follows in parentheses, for every type.
   */
  readonly says: string;
  /** What the API documents of the payload: paths below `openai.audit.details`. Empty where it documents none. */
  readonly details: readonly string[];
  /** OTLP severity number; `severity.ts` has the rule. */
  readonly severity: number;
  /** What in an event makes its severity WARN, whatever its type's is. */
  readonly warnsWhen?: Condition;
  /** The action changed nothing. */
  readonly readOnly: boolean;
  /** Where the ids of the target stand: in this list of the payload, or with the actor; else the payload names one. */
  readonly targets?: { readonly list: string } | 'actor';
}

export const INFO = 9;
export const WARN = 13;

type More = Partial<Pick<KnownType, 'severity' | 'warnsWhen' | 'readOnly' | 'targets'>>;

function row(target: string, says: string, details = '', more: More = {}): KnownType {
  return { target, says, details: details.split(' ').filter(Boolean), severity: INFO, readOnly: false, ...more };
}

/** Names below one path. */
function under(path: string, names: string): string {
  return names.replace(/\S+/g, `${path}.$&`);
}

const BINDING =
  'id connector_id connector_name enabled permissions resource_id resource_type role_id source workspace_id';
const PROVIDER =
  'account_id account_name audience bucket container external_id region resource_group role_arn subscription_id ' +
  'tenancy_ocid tenant_id type workload_identity_pool_id workload_identity_project_number workload_identity_provider_id';
const SETTINGS =
  'api_call_logging api_call_logging_project_ids description name threads_ui_visibility title usage_dashboard_visibility';
const LIMITS =
  'batch_1_day_max_input_tokens max_audio_megabytes_per_1_minute max_images_per_1_minute max_requests_per_1_day ' +
  'max_requests_per_1_minute max_tokens_per_1_minute';
const ROLE = 'description metadata permissions_added permissions_removed resource_id resource_type role_name';

/**
 * The documented types, one row each. They tell what is known and admit nothing: a type that is not here gets its record
 * by rule. The tenant stream lists those of `TENANT`, of whose payloads the API says nothing, but for the first two.
 */
// biome-ignore format: one type, one line
const ORGANIZATION: Readonly<Record<string, KnownType>> = {
  'api_key.created': row('api_key', 'created {target}[ with {scopes}]', 'id data.scopes', { warnsWhen: 'full_scope' }),
  'api_key.updated': row('api_key', 'updated {target}[, now named "{changes.name}"][, expiring in {expiry}][, now with {scopes}]', 'id changes_requested.expires_in_seconds changes_requested.scopes', { warnsWhen: 'full_scope' }),
  'api_key.deleted': row('api_key', 'deleted {target}', 'id'),

  'certificate.created': row('certificate', 'created {target}', 'id name'),
  'certificate.updated': row('certificate', 'updated {target}', 'id name', { severity: WARN }),
  'certificate.deleted': row('certificate', 'deleted {target}', 'id certificate name', { severity: WARN }),
  'certificates.activated': row('certificate', 'activated {target}', 'certificates', { targets: { list: 'certificates' } }),
  'certificates.deactivated': row('certificate', 'deactivated {target}', 'certificates', { targets: { list: 'certificates' }, severity: WARN }),

  'checkpoint.permission.created': row('checkpoint_permission', 'created {target}[ for {data.fine_tuned_model_checkpoint}][ in project {data.project_id}]', 'id data.fine_tuned_model_checkpoint data.project_id'),
  'checkpoint.permission.deleted': row('checkpoint_permission', 'deleted {target}', 'id'),
  'external_key.registered': row('external_key', 'registered {target}', 'id data'),
  'external_key.removed': row('external_key', 'removed {target}', 'id', { severity: WARN }),
  'external_storage.registered': row('external_storage', 'registered external storage[ {id}][ in {data.geography}][ at {data.provider.type}][ bucket {data.provider.bucket}][ container {data.provider.container}]', `id data.geography ${under('data.provider', PROVIDER)}`),
  'external_storage.removed': row('external_storage', 'removed external storage[ {id}]', 'id'),

  'group.created': row('group', 'created {target}', 'id data.group_name'),
  'group.updated': row('group', 'updated {target}[, now named "{changes.group_name}"]', 'id changes_requested.group_name'),
  'group.deleted': row('group', 'deleted {target}', 'id'),
  'invite.sent': row('invite', 'sent {target}[ to {data.email}][ as {data.role}]', 'id data.email data.role', { warnsWhen: 'owner_role' }),
  'invite.accepted': row('invite', 'accepted {target}', 'id'),
  'invite.deleted': row('invite', 'deleted {target}', 'id'),

  'ip_allowlist.created': row('ip_allowlist', 'created {target}[ allowing {allowed_ips}]', 'id allowed_ips name'),
  'ip_allowlist.updated': row('ip_allowlist', 'updated {target}[, now allowing {allowed_ips}]', 'id allowed_ips', { severity: WARN }),
  'ip_allowlist.deleted': row('ip_allowlist', 'deleted {target}[ ({allowed_ips})]', 'id allowed_ips name', { severity: WARN }),
  'ip_allowlist.config.activated': row('ip_allowlist', 'activated {target}', 'configs', { targets: { list: 'configs' } }),
  'ip_allowlist.config.deactivated': row('ip_allowlist', 'deactivated {target}', 'configs', { targets: { list: 'configs' }, severity: WARN }),

  'login.succeeded': row('user', 'logged in', '', { targets: 'actor', readOnly: true }),
  'login.failed': row('user', 'failed to log in', 'error_code error_message', { targets: 'actor', readOnly: true, severity: WARN }),
  'logout.succeeded': row('user', 'logged out', '', { targets: 'actor', readOnly: true }),
  'logout.failed': row('user', 'failed to log out', 'error_code error_message', { targets: 'actor', readOnly: true, severity: WARN }),

  'organization.updated': row('organization', 'updated the organization[ {id}][, now with {changed}]', `id ${under('changes_requested', SETTINGS)}`, { warnsWhen: 'logging_or_retention' }),
  'project.created': row('project', 'created {target}', 'id data.name data.title'),
  'project.updated': row('project', 'updated {target}[, now with {changed}]', 'id changes_requested.title', { warnsWhen: 'logging_or_retention' }),
  'project.archived': row('project', 'archived {target}', 'id'),
  'project.deleted': row('project', 'deleted {target}', 'id'),
  'rate_limit.updated': row('rate_limit', 'updated {target}[, now with {changed}]', `id ${under('changes_requested', LIMITS)}`),
  'rate_limit.deleted': row('rate_limit', 'deleted {target}', 'id'),
  'resource.deleted': row('resource', 'deleted {target}'),
  'tunnel.created': row('tunnel', 'created {target}'),
  'tunnel.updated': row('tunnel', 'updated {target}[, now with {changed}]'),
  'tunnel.deleted': row('tunnel', 'deleted {target}'),

  'workload_identity_provider.created': row('workload_identity_provider', 'created {target}', 'id data', { severity: WARN }),
  'workload_identity_provider.updated': row('workload_identity_provider', 'updated {target}[, now with {changed}]', 'id changes_requested', { severity: WARN }),
  'workload_identity_provider.deleted': row('workload_identity_provider', 'deleted {target}', 'id name'),
  'workload_identity_provider_mapping.created': row('workload_identity_provider_mapping', 'created {target}[ of provider {identity_provider_id}]', 'id data identity_provider_id'),
  'workload_identity_provider_mapping.updated': row('workload_identity_provider_mapping', 'updated {target}[ of provider {identity_provider_id}][, now with {changed}]', 'id changes_requested identity_provider_id'),
  'workload_identity_provider_mapping.deleted': row('workload_identity_provider_mapping', 'deleted {target}[ of provider {identity_provider_id}][ to service account {service_account_id}][ in project {project_id}]', 'id identity_provider_id project_id service_account_id'),

  'role.created': row('role', 'created {target}[ with permissions {permissions}][ on {resource}]', 'id permissions resource_id resource_type role_name', { warnsWhen: 'owner_role' }),
  'role.updated': row('role', 'updated {target}[, now named "{changes.role_name}"][, adding permissions {changes.permissions_added}][, removing permissions {changes.permissions_removed}]', `id ${under('changes_requested', ROLE)}`, { severity: WARN }),
  'role.deleted': row('role', 'deleted {target}', 'id', { severity: WARN }),
  'role.assignment.created': row('role_assignment', 'created {target}[ for {principal}][ as {role_id}][ on {resource}]', 'id principal_id principal_type resource_id resource_type', { warnsWhen: 'owner_role' }),
  'role.assignment.deleted': row('role_assignment', 'deleted {target}[ of {principal}][ on {resource}]', 'id principal_id principal_type resource_id resource_type'),
  'scim.enabled': row('scim', 'enabled SCIM[ for {id}]', 'id'),
  'scim.disabled': row('scim', 'disabled SCIM[ for {id}]', 'id', { severity: WARN }),
  'service_account.created': row('service_account', 'created {target}[ as {data.role}]', 'id data.role', { warnsWhen: 'owner_role' }),
  'service_account.updated': row('service_account', 'updated {target}[, now {changes.role}]', 'id changes_requested.role', { warnsWhen: 'owner_role' }),
  'service_account.deleted': row('service_account', 'deleted {target}', 'id'),
  'user.added': row('user', 'added {target}[ as {data.role}]', 'id data.role', { warnsWhen: 'owner_role' }),
  'user.updated': row('user', 'updated {target}[, now {changes.role}]', 'id changes_requested.role', { warnsWhen: 'owner_role' }),
  'user.deleted': row('user', 'deleted {target}', 'id'),
};

// biome-ignore format: one type, one line
const TENANT: Readonly<Record<string, KnownType>> = {
  'role.bound_to_resource': row('resource', 'bound a role[ ({role_id})] to {target}[ ({connector_name})][ with permissions {permissions}]', BINDING),
  'role.unbound_from_resource': row('resource', 'unbound a role[ ({role_id})] from {target}[ ({connector_name})][ with permissions {permissions}]', BINDING),

  'tenant.metadata.updated': row('tenant', 'updated the metadata of the tenant[ {id}][, now with {changed}]', '', { warnsWhen: 'logging_or_retention' }),
  'tenant.microsoft_entra_mapping.upserted': row('microsoft_entra_mapping', 'created or updated {target}', '', { severity: WARN }),
  'tenant.microsoft_entra_mapping.deleted': row('microsoft_entra_mapping', 'deleted {target}', '', { severity: WARN }),

  'tenant.workload_identity.provider.created': row('workload_identity_provider', 'created {target}', '', { severity: WARN }),
  'tenant.workload_identity.provider.updated': row('workload_identity_provider', 'updated {target}[, now with {changed}]', '', { severity: WARN }),
  'tenant.workload_identity.provider.archived': row('workload_identity_provider', 'archived {target}'),
  'tenant.workload_identity.mapping.created': row('workload_identity_provider_mapping', 'created {target}'),
  'tenant.workload_identity.mapping.updated': row('workload_identity_provider_mapping', 'updated {target}[, now with {changed}]'),
  'tenant.workload_identity.mapping.archived': row('workload_identity_provider_mapping', 'archived {target}'),
  'tenant.workload_identity.binding.created': row('workload_identity_binding', 'created {target}[ of workload identity {workload_identity_id}]'),
  'tenant.workload_identity.principal.provisioned': row('workload_identity_principal', 'provisioned {target}'),
  'tenant.workload_identity.access_token.issued': row('workload_identity_access_token', 'was issued {target}', '', { readOnly: true }),

  'tenant.admin_api_key.created': row('admin_api_key', 'created {target}[ with {scopes}]', '', { severity: WARN }),
  'tenant.admin_api_key.updated': row('admin_api_key', 'updated {target}[, now named "{changes.name}"][, now with {scopes}]', '', { warnsWhen: 'full_scope' }),
  'tenant.admin_api_key.deleted': row('admin_api_key', 'deleted {target}'),
  'tenant.project_api_key.created': row('api_key', 'created {target}[ with {scopes}][ in project {project_id}]', '', { warnsWhen: 'full_scope' }),
  'tenant.trusted_access.business_verification.started': row('trusted_access_business_verification', 'started the business verification for trusted access[ {id}]'),
  'tenant.trusted_access.application.submitted': row('trusted_access_application', 'submitted {target}'),
  'tenant.chatgpt_access_token.revoked': row('chatgpt_access_token', 'revoked {target}'),
  'tenant.migration.completed': row('migration', 'completed the migration of the tenant'),

  'tenant.sso.migrated': row('sso', 'migrated single sign-on', '', { severity: WARN }),
  'tenant.domains.migrated': row('domain', 'migrated the domains of the tenant', '', { severity: WARN }),
  'tenant.sso_connection.created': row('sso_connection', 'created {target}', '', { severity: WARN }),
  'tenant.sso_connection.updated': row('sso_connection', 'updated {target}[, now with {changed}]', '', { severity: WARN }),
  'tenant.sso_connection.deleted': row('sso_connection', 'deleted {target}', '', { severity: WARN }),
  'tenant.sso_connection.setup.started': row('sso_connection', 'started the setup of {target}'),
  'tenant.policy.created': row('policy', 'created {target}'),
  'tenant.policy.updated': row('policy', 'updated {target}[, now with {changed}]', '', { severity: WARN }),
  'tenant.policy.deleted': row('policy', 'deleted {target}', '', { severity: WARN }),
  'tenant.policy.attached': row('policy', 'attached {target}[ to {principal}]'),
  'tenant.policy.detached': row('policy', 'detached {target}[ from {principal}]', '', { severity: WARN }),
  'tenant.principal_authentication_policy.resolved': row('principal_authentication_policy', 'resolved {target}[ of {principal}]', '', { readOnly: true }),
  'tenant.scim.setup.started': row('scim', 'started the setup of SCIM'),
  'tenant.scim.deletion.requested': row('scim', 'requested the deletion of SCIM', '', { severity: WARN }),
  'tenant.scim.directory.created': row('scim_directory', 'created {target}', '', { severity: WARN }),
  'tenant.product_access_policy.updated': row('product_access_policy', 'updated {target}[, now with {changed}]', '', { severity: WARN }),

  'tenant.resource_share_grant.created': row('resource_share_grant', 'created {target}[ of {resource}]', '', { warnsWhen: 'owner_role' }),
  'tenant.resource_share_grant.updated': row('resource_share_grant', 'updated {target}[, now with {changed}]', '', { warnsWhen: 'owner_role' }),
  'tenant.resource_share_grant.accepted': row('resource_share_grant', 'accepted {target}'),
  'tenant.resource_share_grant.declined': row('resource_share_grant', 'declined {target}'),
  'tenant.resource_share_grant.revoked': row('resource_share_grant', 'revoked {target}'),
  'tenant.resource_share_grant.deleted': row('resource_share_grant', 'deleted {target}'),
  'tenant.service_account.updated': row('service_account', 'updated {target}[, now with {changed}]', '', { warnsWhen: 'owner_role' }),
  'tenant.service_account.deleted': row('service_account', 'deleted {target}'),
  'tenant.service_account.token.revoked': row('service_account_token', 'revoked {target}[ of service account {service_account_id}]'),
  'tenant.billing.overage_limit.updated': row('billing_overage_limit', 'updated the billing overage limit[, now with {changed}]'),
  'tenant.billing.alerts.updated': row('billing_alert', 'updated the billing alerts[, now with {changed}]'),
  'tenant.billing.info.updated': row('billing_info', 'updated the billing information[, now with {changed}]'),
  'tenant.usage_limit.workspace.updated': row('workspace_usage_limit', 'updated {target}[ of workspace {workspace_id}][, now with {changed}]'),
  'tenant.usage_limit.group.updated': row('group_usage_limit', 'updated {target}[ of group {group_id}][, now with {changed}]'),
  'tenant.usage_limit.user.updated': row('user_usage_limit', 'updated {target}[ of user {user_id}][, now with {changed}]'),
  'tenant.usage_limit.increase_request.updated': row('usage_limit_increase_request', 'updated {target}[, now with {changed}]'),
  'tenant.usage_limit.increase_request.resolved': row('usage_limit_increase_request', 'resolved {target}'),

  'tenant.group.created': row('group', 'created {target}'),
  'tenant.group.updated': row('group', 'updated {target}[, now with {changed}]'),
  'tenant.group.deleted': row('group', 'deleted {target}'),
  'tenant.group.member.added': row('group', 'added a member to {target}'),
  'tenant.group.member.removed': row('group', 'removed a member from {target}'),
  'tenant.migration_rollout.status.updated': row('migration_rollout', 'updated the status of {target}'),
  'tenant.migration_rollout.tier.updated': row('migration_rollout', 'updated the tier of {target}'),
  'tenant.role.metadata.updated': row('role', 'updated the metadata of {target}'),
  'tenant.custom_role.created': row('custom_role', 'created {target}[ with permissions {permissions}]', '', { warnsWhen: 'owner_role' }),
  'tenant.custom_role.updated': row('custom_role', 'updated {target}[, now with {changed}]', '', { severity: WARN }),
  'tenant.custom_role.deleted': row('custom_role', 'deleted {target}', '', { severity: WARN }),
  'tenant.role_assignment.created': row('role_assignment', 'created {target}[ for {principal}][ as {role_id}][ on {resource}]', '', { warnsWhen: 'owner_role' }),
  'tenant.role_assignment.deleted': row('role_assignment', 'deleted {target}[ of {principal}][ as {role_id}][ on {resource}]'),
  'tenant.resource_role_assignment.created': row('resource_role_assignment', 'created {target}[ for {principal}][ as {role_id}][ on {resource}]', '', { warnsWhen: 'owner_role' }),
  'tenant.resource_role_assignment.deleted': row('resource_role_assignment', 'deleted {target}[ of {principal}][ as {role_id}][ on {resource}]'),
  'tenant.resource_access.updated': row('resource', 'updated the access[ of {principal}] to {target}', '', { warnsWhen: 'owner_role' }),
  'tenant.resource_access.deleted': row('resource', 'deleted the access[ of {principal}] to {target}'),
  'tenant.ads_account.onboarding.redemption': row('ads_account', 'redeemed the onboarding of {target}'),
  'tenant.session_policy.created': row('session_policy', 'created {target}'),
  'tenant.session_policy.updated': row('session_policy', 'updated {target}[, now with {changed}]', '', { severity: WARN }),
  'tenant.session_policy.deleted': row('session_policy', 'deleted {target}', '', { severity: WARN }),
  'tenant.session_revocation.started': row('session_revocation', 'started {target}'),
  'tenant.third_party_app_policy.updated': row('third_party_app_policy', 'updated {target}[, now with {changed}]', '', { severity: WARN }),

  'tenant.user.added': row('user', 'added {target}[ as {role}]', '', { warnsWhen: 'owner_role' }),
  'tenant.user.updated': row('user', 'updated {target}[, now with {changed}]', '', { warnsWhen: 'owner_role' }),
  'tenant.user.removed': row('user', 'removed {target}'),
  'tenant.user.looked_up': row('user', 'looked up {target}', '', { readOnly: true }),
  'tenant.user.invited': row('user', 'invited {target}[ as {role}]', '', { warnsWhen: 'owner_role' }),
  'tenant.membership.revoked': row('membership', 'revoked {target}[ of user {user_id}]'),
  'tenant.api_organization_invite.upserted': row('api_organization_invite', 'created or updated {target}[ to {email}][ as {role}]', '', { warnsWhen: 'owner_role' }),
  'tenant.api_organization_invite.deleted': row('api_organization_invite', 'deleted {target}'),
  'tenant.chatgpt_workspace_invite.upserted': row('chatgpt_workspace_invite', 'created or updated {target}[ to {email}][ as {role}]', '', { warnsWhen: 'owner_role' }),
  'tenant.membership.accepted': row('membership', 'accepted {target}[ of user {user_id}]', '', { warnsWhen: 'owner_role' }),
  'tenant.membership.declined': row('membership', 'declined {target}[ of user {user_id}]'),
  'tenant.workspace_invite_email_settings.updated': row('workspace_invite_email_settings', 'updated the email settings of workspace invites'),
};

/** All documented types, in the API's order within each stream. */
export const EVENT_TYPES: Readonly<Record<string, KnownType>> = { ...ORGANIZATION, ...TENANT };

/** Whether only the tenant stream is sure to list the type. */
export function isTenantType(type: string): boolean {
  return Object.hasOwn(TENANT, type) || type.startsWith('tenant.');
}
