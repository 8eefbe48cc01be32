/** What a type of event is known to be, beyond what its name tells. */
export interface KnownType {
  /** Kind of what was acted upon, when it is not the type without `tenant.` and its last part; null when nothing was. */
  readonly target?: string | null;
  /** Property of the payload that lists what was acted upon, when that is several at once. */
  readonly list?: string;
  /**
   * What the actor did, for the summary. `{target}` is kind and id, `{noun}` the kind alone, `{changed}` the names of
   * the changed fields, `{changes.x}` a requested change, any other `{path}` a value of the payload. What stands in
   * `[...]` is left out when a placeholder inside has nothing to say.
   */
  readonly says?: string;
  /** OTLP severity number, when it is not INFO. */
  readonly severity?: number;
}

export const INFO = 9;
export const WARN = 13;

/**
 * Types whose name does not tell all. Enrichment only: a type that is not here gets its record by rule.
 * WARN marks what weakens protection: it takes away an allowlist, a certificate, a policy, single sign-on, the
 * identity provider's control over accounts, or a key that data is encrypted with.
 */
export const EVENT_TYPES: Readonly<Record<string, KnownType>> = {
  'api_key.created': { says: 'created {target}[ with scopes {data.scopes}]' },
  'certificate.created': { says: 'created {target}[ named "{name}"]' },
  'certificate.updated': { says: 'updated {target}[ named "{name}"]' },
  'certificate.deleted': { says: 'deleted {target}[ named "{name}"]', severity: WARN },
  'certificates.activated': {
    target: 'certificate',
    list: 'certificates',
    says: 'activated certificates[ {certificates}]',
  },
  'certificates.deactivated': {
    target: 'certificate',
    list: 'certificates',
    says: 'deactivated certificates[ {certificates}]',
    severity: WARN,
  },
  'checkpoint.permission.created': {
    says: 'created {target}[ for {data.fine_tuned_model_checkpoint}][ in project {data.project_id}]',
  },
  'external_key.removed': { severity: WARN },
  'external_storage.registered': { says: 'registered external storage[ {id}][ in {data.geography}]' },
  'external_storage.removed': { says: 'removed external storage[ {id}]' },
  'group.created': { says: 'created {target}[ named "{data.group_name}"]' },
  'group.updated': { says: 'updated {target}[, now named "{changes.group_name}"]' },
  'invite.sent': { says: 'sent {target}[ to {data.email}][ as {data.role}]' },
  'ip_allowlist.created': { says: 'created {target}[ named "{name}"][ with {allowed_ips}]' },
  'ip_allowlist.updated': { says: 'updated {target}[, now {allowed_ips}]' },
  'ip_allowlist.deleted': { says: 'deleted {target}[ named "{name}"][ with {allowed_ips}]', severity: WARN },
  'ip_allowlist.config.activated': {
    target: 'ip_allowlist',
    list: 'configs',
    says: 'activated IP allowlists[ {configs}]',
  },
  'ip_allowlist.config.deactivated': {
    target: 'ip_allowlist',
    list: 'configs',
    says: 'deactivated IP allowlists[ {configs}]',
    severity: WARN,
  },
  'login.succeeded': { target: null, says: 'logged in' },
  'login.failed': { target: null, says: 'failed to log in' },
  'logout.succeeded': { target: null, says: 'logged out' },
  'logout.failed': { target: null, says: 'failed to log out' },
  'organization.updated': { says: 'updated [{changed} of ]the organization[ {id}]' },
  'project.created': { says: 'created {target}[ named "{data.name}"]' },
  'project.updated': { says: 'updated {target}[, now titled "{changes.title}"]' },
  'workload_identity_provider.deleted': { says: 'deleted {target}[ named "{name}"]' },
  'workload_identity_provider_mapping.created': { says: 'created {target}[ of provider {identity_provider_id}]' },
  'workload_identity_provider_mapping.updated': {
    says: 'updated [{changed} of ]{target}[ of provider {identity_provider_id}]',
  },
  'workload_identity_provider_mapping.deleted': {
    says: 'deleted {target}[ of provider {identity_provider_id}][ to service account {service_account_id}]',
  },
  'role.created': { says: 'created {target}[ named "{role_name}"][ with permissions {permissions}]' },
  'role.assignment.created': {
    says: 'created {target}[ for {principal_type} {principal_id}][ on {resource_type} {resource_id}]',
  },
  'role.assignment.deleted': {
    says: 'deleted {target}[ of {principal_type} {principal_id}][ on {resource_type} {resource_id}]',
  },
  'role.bound_to_resource': { target: 'resource', says: 'bound a role[ ({role_id})] to {target}[ ({connector_name})]' },
  'role.unbound_from_resource': {
    target: 'resource',
    says: 'unbound a role[ ({role_id})] from {target}[ ({connector_name})]',
  },
  'scim.enabled': { says: 'enabled SCIM[ for {id}]' },
  'scim.disabled': { says: 'disabled SCIM[ for {id}]', severity: WARN },
  'service_account.created': { says: 'created {target}[ as {data.role}]' },
  'service_account.updated': { says: 'updated {target}[, now {changes.role}]' },
  'user.added': { says: 'added {target}[ as {data.role}]' },
  'user.updated': { says: 'updated {target}[, now {changes.role}]' },

  'tenant.metadata.updated': { target: 'tenant', says: 'updated the metadata of the tenant' },
  'tenant.microsoft_entra_mapping.deleted': { severity: WARN },
  'tenant.workload_identity.mapping.created': { target: 'workload_identity_provider_mapping' },
  'tenant.workload_identity.mapping.updated': { target: 'workload_identity_provider_mapping' },
  'tenant.workload_identity.mapping.archived': { target: 'workload_identity_provider_mapping' },
  'tenant.workload_identity.access_token.issued': { says: 'was issued {target}' },
  'tenant.project_api_key.created': { target: 'api_key' },
  'tenant.migration.completed': { says: 'completed the migration of the tenant' },
  'tenant.sso.migrated': { says: 'migrated single sign-on' },
  'tenant.domains.migrated': { target: 'domain', says: 'migrated the domains of the tenant' },
  'tenant.sso_connection.deleted': { severity: WARN },
  'tenant.sso_connection.setup.started': { target: 'sso_connection', says: 'started the setup of {target}' },
  'tenant.policy.deleted': { severity: WARN },
  'tenant.policy.detached': { severity: WARN },
  'tenant.scim.setup.started': { target: 'scim', says: 'started the setup of SCIM' },
  'tenant.scim.deletion.requested': { target: 'scim', says: 'requested the deletion of SCIM', severity: WARN },
  'tenant.billing.overage_limit.updated': { says: 'updated [{changed} of ]the billing overage limit' },
  'tenant.billing.alerts.updated': { target: 'billing_alert', says: 'updated [{changed} of ]the billing alerts' },
  'tenant.billing.info.updated': { says: 'updated [{changed} of ]the billing information' },
  'tenant.usage_limit.workspace.updated': { target: 'workspace_usage_limit' },
  'tenant.usage_limit.group.updated': { target: 'group_usage_limit' },
  'tenant.usage_limit.user.updated': { target: 'user_usage_limit' },
  'tenant.migration_rollout.status.updated': {
    target: 'migration_rollout',
    says: 'updated the status of {target}',
  },
  'tenant.migration_rollout.tier.updated': {
    target: 'migration_rollout',
    says: 'updated the tier of {target}',
  },
  'tenant.role.metadata.updated': { target: 'role', says: 'updated the metadata of {target}' },
  'tenant.resource_access.updated': { says: 'updated the access to a resource' },
  'tenant.resource_access.deleted': { says: 'deleted the access to a resource' },
  'tenant.ads_account.onboarding.redemption': { target: 'ads_account', says: 'redeemed the onboarding of {target}' },
  'tenant.session_policy.deleted': { severity: WARN },
  'tenant.workspace_invite_email_settings.updated': {
    says: 'updated the email settings of workspace invites',
  },
};
