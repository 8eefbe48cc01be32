import { type Act, changes, makes, removes, type Scene } from '../act.ts';

const KEY_NAMES = ['production', 'staging', 'notebook', 'ci', 'evaluation', 'batch import'];
const SCOPES = [
  'model.request',
  'api.model.read',
  'api.files.read',
  'api.files.write',
  'api.usage.read',
  'api.audit_logs.read',
];
const MODELS = ['gpt-5-mini', 'gpt-5-nano', 'gpt-4.1-mini'];

/** Keys, certificates, storage and identity of programs. */
export const CREDENTIAL_ACTS = {
  'api_key.created': makes('api_key', 'key_', KEY_NAMES, (_, scene) => ({ data: { scopes: scopes(scene) } }), true),
  'api_key.updated': changes('api_key', (_, scene) => ({ changes_requested: keyChanges(scene) })),
  'api_key.deleted': removes('api_key'),
  'certificate.created': makes('certificate', 'cert_', ['gateway', 'build farm', 'office'], ({ name }) => ({ name })),
  'certificate.updated': changes('certificate', ({ name }) => ({ name })),
  'certificate.deleted': removes('certificate', ({ name }, { dice }) => ({
    name,
    certificate: `-----BEGIN CERTIFICATE-----\n${dice.alphanumerics(64)}\n-----END CERTIFICATE-----\n`,
  })),
  'certificates.activated': lists('certificate', 'certificates'),
  'certificates.deactivated': lists('certificate', 'certificates'),
  'checkpoint.permission.created': makes(
    'checkpoint',
    'cp_',
    ['checkpoint'],
    ({ project }, { dice }) => ({
      data: {
        fine_tuned_model_checkpoint: `ft:${dice.pick(MODELS)}:example::${dice.alphanumerics(8)}`,
        project_id: project?.id,
      },
    }),
    true,
  ),
  'checkpoint.permission.deleted': removes('checkpoint'),
  'external_key.registered': makes('external_key', 'ek_', ['vault'], (_, { dice }) => ({
    data: { type: 'aws', kms_arn: `arn:aws:kms:eu-central-1:123456789012:key/${dice.hex(32)}` },
  })),
  'external_key.removed': removes('external_key'),
  'external_storage.registered': makes('external_storage', 'es_', ['archive'], (_, { dice }) => ({
    data: { geography: 'EU', provider: dice.pick(STORAGE_PROVIDERS) },
  })),
  'external_storage.removed': removes('external_storage'),
  'workload_identity_provider.created': makes('identity_provider', 'wip_', ['build system', 'cluster'], ({ name }) => ({
    data: { name, issuer: 'https://identity.example.com', audience: 'https://api.example.com', enabled: true },
  })),
  'workload_identity_provider.updated': changes('identity_provider', () => ({ changes_requested: { enabled: true } })),
  'workload_identity_provider.deleted': removes('identity_provider', ({ name }) => ({ name })),
  'workload_identity_provider_mapping.created': ofProvider(
    makes('identity_mapping', 'wipm_', ['deploy'], (_, { dice }) => ({
      data: { attribute_matchers: { repository: dice.pick(['example/web', 'example/data']) } },
    })),
  ),
  'workload_identity_provider_mapping.updated': ofProvider(
    changes('identity_mapping', () => ({ changes_requested: { attribute_matchers: { branch: 'main' } } })),
  ),
  'workload_identity_provider_mapping.deleted': ofProvider(
    removes('identity_mapping', (_, { world, dice }) => ({
      project_id: dice.pick(world.activeProjects()).id,
      service_account_id: world.stock('service_account')[0]?.id,
    })),
  ),
} satisfies Record<string, Act>;

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

/** Names one or two things of a kind, by id and name. */
export function lists(kind: string, property: string): Act {
  return ({ world, dice }) => {
    const named = dice.shuffled(world.stock(kind)).slice(0, dice.integer(1, 2));
    if (named.length === 0) return undefined;
    return { payload: { [property]: named.map(({ id, name }) => ({ id, name })) } };
  };
}

function ofProvider(act: Act): Act {
  return scene => {
    const provider = scene.world.stock('identity_provider')[0];
    const deed = provider && act(scene);
    return deed && { ...deed, payload: { ...(deed.payload as object), identity_provider_id: provider.id } };
  };
}

function scopes({ dice }: Scene): string[] {
  return dice.chance(0.3) ? [] : dice.shuffled(SCOPES).slice(0, dice.integer(1, 3));
}

function keyChanges(scene: Scene): object {
  const { dice } = scene;
  return {
    ...(dice.chance(0.4) && { name: dice.pick(KEY_NAMES) }),
    ...(dice.chance(0.4) && { expires_in_seconds: dice.integer(1, 90) * 86_400 }),
    scopes: scopes(scene),
  };
}
