import type { EventType } from './event-type.ts';
import { INFO, WARN } from './event-types.ts';
import { at, isMap, textAt } from './json.ts';

/**
 * What is a warning (13); all else is information (9). The table of types says which type is which, the conditions what
 * in a payload makes one grave; a type that is not in the table is judged by its name and by every condition.
 */
export const WARNING = [
  'what failed, a sign-in above all',
  'what takes away or changes a protection: allowlist, certificate, single sign-on, SCIM, Entra mapping, domains, policies, roles, the keys that data is encrypted with',
  'whom the organization trusts to say who somebody is: an identity provider, a single sign-on connection or a directory added or changed',
  'an admin key made',
  'what meets the condition beside its type in the table: a key without restriction, the role of an owner, logging or retention changed',
];

export type Condition = keyof typeof CONDITIONS;

/** What each condition is, in words, and whether a payload meets it. */
export const CONDITIONS = {
  full_scope: {
    says: 'a key is not restricted: its list of scopes is empty, or holds a scope for everything',
    holds: (payload: unknown) => places(payload).some(place => isFullScope(at(place, 'scopes'))),
  },
  owner_role: {
    says: 'the role is that of an owner',
    holds: (payload: unknown) => places(payload).some(namesOwner),
  },
  logging_or_retention: {
    says: 'logging or the retention of data is changed',
    holds: (payload: unknown) => places(payload).some(place => isMap(place) && Object.keys(place).some(isLogging)),
  },
} as const satisfies Record<string, { readonly says: string; readonly holds: (payload: unknown) => boolean }>;

const ANY: readonly Condition[] = ['full_scope', 'owner_role', 'logging_or_retention'];

/** The severity of an event of this type with this payload. */
export function severityOf({ severity, warnsWhen }: EventType, payload: unknown): number {
  if (warnsWhen === undefined || severity >= WARN || !isMap(payload)) return severity;
  const conditions = warnsWhen === 'any' ? ANY : [warnsWhen];
  return conditions.some(name => CONDITIONS[name].holds(payload)) ? WARN : severity;
}

const PROTECTION =
  /allowlist|audit_log|certificate|data_retention|domain|encryption|external_key|firewall|logging|mfa|policy|scim|sso|two_factor/;
const WEAKENED = /^(?:archived|deactivated|deleted|detached|disabled|migrated|paused|removed|stopped|updated)$/;

/** Of a type that nobody knows. */
export function impliedSeverity(name: string, action: string, failed: boolean): number {
  return failed || (PROTECTION.test(name) && WEAKENED.test(action)) ? WARN : INFO;
}

/** Where the API tells what was made or asked for. */
function places(payload: unknown): readonly unknown[] {
  return [payload, at(payload, 'data'), at(payload, 'changes_requested')];
}

/** That an empty list restricts nothing is not documented; a key without any permission would be of no use. */
function isFullScope(scopes: unknown): boolean {
  if (!Array.isArray(scopes)) return false;
  return scopes.length === 0 || scopes.some(scope => typeof scope === 'string' && EVERYTHING.test(scope));
}

/** `all`, `*`, `api.*`, `api.all.write`, `api.all_organization_admin`; but not what only reads, nor all of one thing. */
const EVERYTHING = /^(?:api\.)?(?:\*|all(?:_[a-z_]+)?)(?:$|\.(?!read$))/i;

function namesOwner(place: unknown): boolean {
  return ROLE_AT.some(path => /(?:^|[^a-z])owner(?:$|[^a-z])/i.test(textAt(place, ...path) ?? ''));
}

const ROLE_AT = [['role'], ['role_name'], ['role_id'], ['role', 'name'], ['role', 'id']];

function isLogging(field: string): boolean {
  return /audit_log|logging|retention/.test(field);
}
