import type { Thing } from '../estate.ts';
import type { Dice } from '../random.ts';
import type { World } from './world.ts';

/** Facts of a new thing, in the form of the API. */
type Facts = Thing['facts'];

const STORAGE_PROVIDERS = [
  {
    type: 'aws',
    account_id: '123456789012',
    bucket: 'example-archive',
    external_id: 'example',
    region: 'eu-central-1',
    role_arn: 'arn:aws:iam::123456789012:role/archive',
  },
  {
    type: 'azure',
    account_name: 'examplearchive',
    container: 'archive',
    region: 'westeurope',
    resource_group: 'example',
    subscription_id: '00000000-0000-4000-8000-000000000001',
    tenant_id: '00000000-0000-4000-8000-000000000002',
  },
  {
    type: 'gcp',
    audience: 'https://iam.example.com/archive',
    bucket: 'example-archive',
    region: 'europe-west3',
    workload_identity_pool_id: 'archive',
    workload_identity_project_number: '123456789012',
    workload_identity_provider_id: 'archive',
  },
  { type: 'oci', bucket: 'example-archive', region: 'eu-frankfurt-1', tenancy_ocid: 'ocid1.tenancy.oc1..example' },
];

export function storageFacts(world: World, dice: Dice): Facts {
  const provider = dice.pick(STORAGE_PROVIDERS);
  return { geography: 'EU', provider, project_id: dice.pick(world.activeProjects()).id, status: 'validated' };
}

export function externalKeyFacts(world: World, dice: Dice): Facts {
  return {
    type: 'aws',
    purpose: 'ekm',
    workspace_id: world.workspaceId,
    api_project_ids: [dice.pick(world.activeProjects()).id],
    kms_arn: `arn:aws:kms:eu-central-1:123456789012:key/${dice.hex(32)}`,
    region: 'eu-central-1',
    role_arn: 'arn:aws:iam::123456789012:role/vault',
  };
}

export function identityProviderFacts(nowS: number): Facts {
  return {
    type: 'oidc',
    description: null,
    enabled: true,
    issuer: 'https://identity.example.com',
    audience: 'https://api.example.com',
    attribute_transformations: [],
    verification: { type: 'discovery', discovery_url: null },
    updated_at: nowS,
  };
}

export function ruleFacts(provider: Thing, account: Thing, dice: Dice, nowS: number): Facts {
  return {
    description: null,
    enabled: true,
    attribute_matchers: attributeMatchers(dice),
    permissions: { type: 'service_account_default' },
    project_id: account.project?.id,
    service_account_id: account.id,
    workload_identity_provider_id: provider.id,
    updated_at: nowS,
  };
}

export function attributeMatchers(dice: Dice): Facts {
  return { repository: dice.pick(['example/web', 'example/data']), branch: dice.pick(['main', 'release']) };
}

export function groupFacts(): Facts {
  return { group_type: 'group', is_scim_managed: false };
}

export function roleFacts(scope: 'organization' | 'project', permissions: readonly string[]): Facts {
  return { description: null, permissions, predefined_role: false, resource_type: `api.${scope}` };
}

export function alertFacts(amount: number): Facts {
  const channel = { type: 'email', recipients: ['finance@example.com'], subject_prefix: null };
  return { threshold_amount: amount, currency: 'USD', interval: 'month', notification_channel: channel };
}
