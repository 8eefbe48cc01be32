import type { Key, Thing } from '../../estate.ts';
import { type Act, changes, chosen, learn, makes, removes, type Scene } from '../act.ts';
import { attributeMatchers, externalKeyFacts, identityProviderFacts, ruleFacts, storageFacts } from '../furniture.ts';

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
const DAY_S = 86_400;

/** Keys, certificates, storage and identity of programs. */
export const CREDENTIAL_ACTS = {
  'api_key.created': makes('api_key', {
    prefix: 'key_',
    names: KEY_NAMES,
    scoped: true,
    made: (thing, scene) => ({ ...thing, owner: keyOwner(thing, scene), lastUsedAt: null }),
    tell: (_, scene) => ({ data: { scopes: scopes(scene) } }),
  }),
  'api_key.updated': changes('api_key', (key, scene) => ({ changes_requested: changeKey(key, scene) })),
  'api_key.deleted': removes('api_key'),
  'certificate.created': makes('certificate', {
    prefix: 'cert_',
    names: ['gateway', 'build farm', 'office'],
    made: (thing, { nowS }) => ({
      ...thing,
      facts: { certificate_details: { valid_at: nowS, expires_at: nowS + 365 * DAY_S } },
    }),
    tell: ({ name }) => ({ name }),
  }),
  'certificate.updated': changes('certificate', (thing, { dice }) => {
    thing.name = dice.pick(['gateway', 'build farm', 'office', 'branch office']);
    return { name: thing.name };
  }),
  'certificate.deleted': removes('certificate', ({ name }, { dice }) => ({
    name,
    certificate: `-----BEGIN CERTIFICATE-----\n${dice.alphanumerics(64)}\n-----END CERTIFICATE-----\n`,
  })),
  'certificates.activated': switchesCertificates(true),
  'certificates.deactivated': switchesCertificates(false),
  'checkpoint.permission.created': makes('checkpoint', {
    prefix: 'cp_',
    names: ['checkpoint'],
    scoped: true,
    made: thing => thing,
    tell: ({ project }, { dice }) => ({
      data: {
        fine_tuned_model_checkpoint: `ft:${dice.pick(MODELS)}:example::${dice.alphanumerics(8)}`,
        project_id: project?.id,
      },
    }),
  }),
  'checkpoint.permission.deleted': removes('checkpoint'),
  'external_key.registered': makes('external_key', {
    prefix: 'ek_',
    names: ['vault'],
    made: (thing, scene) => ({ ...thing, facts: externalKeyFacts(scene.world, scene.dice) }),
    tell: ({ facts }) => ({ data: { type: facts.type, kms_arn: facts.kms_arn } }),
  }),
  'external_key.removed': removes('external_key'),
  'external_storage.registered': makes('external_storage', {
    prefix: 'es_',
    names: ['archive'],
    made: (thing, scene) => ({ ...thing, facts: storageFacts(scene.world, scene.dice) }),
    tell: ({ facts }) => ({ data: { geography: facts.geography, provider: facts.provider } }),
  }),
  'external_storage.removed': removes('external_storage'),
  'workload_identity_provider.created': makes('identity_provider', {
    prefix: 'wip_',
    names: ['build system', 'cluster'],
    made: (thing, { nowS }) => ({ ...thing, facts: identityProviderFacts(nowS) }),
    tell: ({ name, facts: { issuer, audience, enabled } }) => ({ data: { name, issuer, audience, enabled } }),
  }),
  'workload_identity_provider.updated': changes('identity_provider', (thing, { nowS }) => {
    const enabled = thing.facts.enabled !== true;
    learn(thing, { enabled, updated_at: nowS });
    return { changes_requested: { enabled } };
  }),
  'workload_identity_provider.deleted': removes('identity_provider', ({ name }) => ({ name })),
  'workload_identity_provider_mapping.created': scene => {
    const provider = scene.world.stock('identity_provider')[0];
    const account = scene.world.stock('service_account')[0];
    return provider && account && makeRule(provider, account)(scene);
  },
  'workload_identity_provider_mapping.updated': changes('identity_mapping', (rule, { dice, nowS }) => {
    const matchers = attributeMatchers(dice);
    learn(rule, { attribute_matchers: matchers, updated_at: nowS });
    return { changes_requested: { attribute_matchers: matchers }, ...providerOf(rule) };
  }),
  'workload_identity_provider_mapping.deleted': removes('identity_mapping', rule => ({
    project_id: rule.facts.project_id,
    service_account_id: rule.facts.service_account_id,
    ...providerOf(rule),
  })),
} satisfies Record<string, Act>;

/** Names one or two things of a kind, by id and name. */
export function lists(kind: 'certificate' | 'ip_allowlist', property: string): Act {
  return ({ world, dice }) => {
    const named = dice.shuffled(world.stock(kind)).slice(0, dice.integer(1, 2));
    if (named.length === 0) return undefined;
    return { payload: { [property]: named.map(({ id, name }) => ({ id, name })) } };
  };
}

/** In the organization, or in one project of it. */
function switchesCertificates(active: boolean): Act {
  return scene => {
    const { world, dice } = scene;
    const project = dice.chance(0.5) ? dice.pick(world.activeProjects()) : undefined;
    const { activeCertificates } = project ?? world.settings;
    const deed = lists('certificate', 'certificates')(scene);
    if (deed === undefined) return undefined;
    const { certificates } = deed.payload as { readonly certificates: readonly { readonly id: string }[] };
    for (const { id } of certificates) {
      if (active) activeCertificates.add(id);
      else activeCertificates.delete(id);
    }
    return { ...deed, ...(project && { project }) };
  };
}

function makeRule(provider: Thing, account: Thing): Act {
  return makes('identity_mapping', {
    prefix: 'wipm_',
    names: ['deploy'],
    made: (thing, { dice, nowS }) => ({ ...thing, facts: ruleFacts(provider, account, dice, nowS) }),
    tell: rule => ({ data: { attribute_matchers: rule.facts.attribute_matchers }, ...providerOf(rule) }),
  });
}

function providerOf({ facts }: Thing): object {
  return { identity_provider_id: facts.workload_identity_provider_id };
}

/** Whoever makes the key, or without them a service account of the project. */
function keyOwner({ project }: Thing, scene: Scene): Key['owner'] {
  const { person } = scene.actor;
  if (person !== undefined) return { type: 'user', id: person.id };
  const { target: _, ...anything } = scene;
  const account = chosen(
    anything,
    scene.world.stock('service_account').filter(each => each.project === project),
  );
  if (account !== undefined) return { type: 'service_account', id: account.id };
  return { type: 'user', id: scene.dice.pick(scene.world.people).id };
}

function scopes({ dice }: Scene): string[] {
  return dice.chance(0.3) ? [] : dice.shuffled(SCOPES).slice(0, dice.integer(1, 3));
}

function changeKey(key: Key, scene: Scene): object {
  const { dice, nowS } = scene;
  const change = {
    ...(dice.chance(0.4) && { name: dice.pick(KEY_NAMES) }),
    ...(dice.chance(0.4) && { expires_in_seconds: dice.integer(1, 90) * DAY_S }),
    scopes: scopes(scene),
  };
  if (change.name !== undefined) key.name = change.name;
  if (change.expires_in_seconds !== undefined) learn(key, { expires_at: nowS + change.expires_in_seconds });
  return change;
}
