import { EVENT_TYPES, TYPES_WITHOUT_PAYLOAD, type TypeWithPayload } from '../../catalogue.ts';
import type { Act } from '../act.ts';
import { CREDENTIAL_ACTS } from './credentials.ts';
import { ORGANIZATION_ACTS } from './organization.ts';
import { PEOPLE_ACTS } from './people.ts';
import { TENANT_ACTS } from './tenant.ts';

const DESCRIBED: Readonly<Record<TypeWithPayload, Act>> = { ...CREDENTIAL_ACTS, ...ORGANIZATION_ACTS, ...PEOPLE_ACTS };

/** What happens when an event of the type comes up: one act for each documented type. */
export function createActs(): ReadonlyMap<string, Act> {
  const acts = new Map<string, Act>(Object.entries(DESCRIBED));
  for (const type of TYPES_WITHOUT_PAYLOAD) acts.set(type, createUndescribedAct(type));
  return acts;
}

/** What must happen before: the type that makes what another one changes, names or removes. */
export function precursorOf(type: string): string | undefined {
  return PRECURSORS.get(type);
}

const PRECURSORS = new Map<string, string>([
  ...EVENT_TYPES.map(type => [type, type.replace(/[^.]+$/, 'created')] as const).filter(
    ([type, created]) => type !== created && created in DESCRIBED,
  ),
  ['certificates.activated', 'certificate.created'],
  ['certificates.deactivated', 'certificate.created'],
  ['external_key.removed', 'external_key.registered'],
  ['external_storage.removed', 'external_storage.registered'],
  ['invite.accepted', 'invite.sent'],
  ['invite.deleted', 'invite.sent'],
  ['ip_allowlist.config.activated', 'ip_allowlist.created'],
  ['ip_allowlist.config.deactivated', 'ip_allowlist.created'],
  ['project.deleted', 'project.archived'],
  ['role.bound_to_resource', 'role.created'],
  ['role.unbound_from_resource', 'role.created'],
  ['user.deleted', 'user.added'],
  ['workload_identity_provider_mapping.created', 'workload_identity_provider.created'],
]);

/** Of these types nothing but the name is published: in turn no payload, null, and an id. */
function createUndescribedAct(type: string): Act {
  let turn = 0;
  const kind = type.split('.').at(-2);
  return scene => {
    const id = TENANT_ACTS[type]?.(scene) ?? `${kind}_${scene.dice.alphanumerics(16)}`;
    turn += 1;
    if (turn % 3 === 1) return {};
    return { payload: turn % 3 === 2 ? null : { id } };
  };
}
