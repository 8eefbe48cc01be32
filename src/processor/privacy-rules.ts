import { ATTRIBUTE } from './attribute-names.ts';
import type { Geo, NameOf } from './context.ts';

export const PRIVACY_RULES = ['keep', 'drop', 'hash', 'truncate'] as const;

/** What becomes of a value: it stays, goes, is replaced by a keyed hash, or is an address without its last part. */
export type PrivacyRule = (typeof PRIVACY_RULES)[number];

export interface Privacy {
  /** Rule by attribute; `openai.audit.details` and what is below it name parts of the payload. */
  readonly rules: Readonly<Record<string, PrivacyRule>>;
  /** Secret of the keyed hash. */
  readonly key: string | undefined;
}

/** An attribute that a rule may name. Its values are hidden wherever else in the record they stand, too. */
export interface Ruled {
  /** Beside `keep`. */
  readonly rules: readonly Exclude<PrivacyRule, 'keep'>[];
  /** Where the event holds it, for what must go from there even where it is too short to be looked for elsewhere. */
  readonly paths?: readonly string[];
  /** What of a database says the same. */
  readonly geo?: keyof Geo;
}

const TEXT = ['drop', 'hash'] as const;
const ADDRESS = ['drop', 'hash', 'truncate'] as const;
/** A number has no hash that is a number, and a hashed place is soon guessed: there are few. */
const PLACE = ['drop'] as const;
const DETAILS = 'actor.session.ip_address_details';

/** The attributes that hold what an event says of people and things. All others are made by the collector. */
export const RULED: Readonly<Record<string, Ruled>> = {
  [ATTRIBUTE.userId]: { rules: TEXT, paths: ['actor.session.user.id', 'actor.api_key.user.id'] },
  [ATTRIBUTE.userEmail]: { rules: TEXT, paths: ['actor.session.user.email', 'actor.api_key.user.email'] },
  [ATTRIBUTE.userFullName]: { rules: TEXT },
  [ATTRIBUTE.actorId]: { rules: TEXT },
  [ATTRIBUTE.actorApiKeyId]: { rules: TEXT, paths: ['actor.api_key.id'] },
  [ATTRIBUTE.actorApiKeyName]: { rules: TEXT },
  [ATTRIBUTE.actorServiceAccountId]: { rules: TEXT, paths: ['actor.api_key.service_account.id'] },
  [ATTRIBUTE.actorServiceAccountName]: { rules: TEXT },
  [ATTRIBUTE.actorIp]: { rules: ADDRESS, paths: ['actor.session.ip_address'] },
  [ATTRIBUTE.clientAddress]: { rules: ADDRESS, paths: ['actor.session.ip_address'] },
  [ATTRIBUTE.userAgent]: { rules: TEXT, paths: ['actor.session.user_agent'] },
  [ATTRIBUTE.ja3]: { rules: TEXT, paths: ['actor.session.ja3'] },
  [ATTRIBUTE.actorJa4]: { rules: TEXT, paths: ['actor.session.ja4'] },
  [ATTRIBUTE.projectId]: { rules: TEXT, paths: ['project.id'] },
  [ATTRIBUTE.projectName]: { rules: TEXT, paths: ['project.name'] },
  [ATTRIBUTE.targetId]: { rules: TEXT },
  [ATTRIBUTE.targetName]: { rules: TEXT },
  [ATTRIBUTE.country]: { rules: PLACE, paths: [`${DETAILS}.country`], geo: 'country' },
  [ATTRIBUTE.region]: { rules: PLACE, paths: [`${DETAILS}.region`, `${DETAILS}.region_code`], geo: 'region' },
  [ATTRIBUTE.city]: { rules: PLACE, paths: [`${DETAILS}.city`], geo: 'city' },
  [ATTRIBUTE.latitude]: { rules: PLACE, paths: [`${DETAILS}.latitude`], geo: 'latitude' },
  [ATTRIBUTE.longitude]: { rules: PLACE, paths: [`${DETAILS}.longitude`], geo: 'longitude' },
  [ATTRIBUTE.clientAsNumber]: { rules: PLACE, paths: [`${DETAILS}.asn`], geo: 'asNumber' },
  [ATTRIBUTE.clientAsOrganization]: { rules: PLACE, geo: 'asOrganization' },
  [ATTRIBUTE.clientIsp]: { rules: PLACE, geo: 'isp' },
  [ATTRIBUTE.clientConnectionType]: { rules: PLACE, geo: 'connectionType' },
  [ATTRIBUTE.clientUserType]: { rules: PLACE, geo: 'userType' },
  [ATTRIBUTE.clientIsAnonymous]: { rules: PLACE, geo: 'isAnonymous' },
  [ATTRIBUTE.clientAnonymity]: { rules: PLACE, geo: 'anonymity' },
  /** All of the payload, unless a rule names a part of it. */
  [ATTRIBUTE.details]: { rules: ADDRESS },
};

/** Two names of one value: a rule for one is a rule for the other. */
export const SAME_VALUE: readonly (readonly [string, string])[] = [[ATTRIBUTE.actorIp, ATTRIBUTE.clientAddress]];

/** What hides somebody's mail address hides their name, unless a rule says otherwise of that. */
const FOLLOWS: readonly (readonly [string, string])[] = [[ATTRIBUTE.userFullName, ATTRIBUTE.userEmail]];

/** Whose rule holds for what the inventory calls a thing, in whatever part of the record: the first that has one. */
const NAMES_RULED_BY: Readonly<Record<NameOf, readonly string[]>> = {
  'user.email': [ATTRIBUTE.userEmail],
  'user.full_name': [ATTRIBUTE.userFullName],
  'project.name': [ATTRIBUTE.projectName],
  'service_account.name': [ATTRIBUTE.actorServiceAccountName, ATTRIBUTE.targetName],
  'api_key.name': [ATTRIBUTE.actorApiKeyName, ATTRIBUTE.targetName],
  name: [ATTRIBUTE.targetName],
};

/** All that a name may be. */
export const NAMES = Object.keys(NAMES_RULED_BY) as readonly NameOf[];

/** The rules by attribute, with those that follow from another one. */
export function rulesOf(configured: Privacy['rules']): ReadonlyMap<string, PrivacyRule> {
  const rules = new Map(Object.entries(configured));
  for (const [one, other] of SAME_VALUE) {
    const rule = rules.get(one) ?? rules.get(other);
    if (rule !== undefined) rules.set(one, rule).set(other, rule);
  }
  for (const [follower, leader] of FOLLOWS) {
    const rule = rules.get(follower) ?? rules.get(leader);
    if (rule !== undefined) rules.set(follower, rule);
  }
  return rules;
}

/** The rule for what the inventory calls a thing. */
export function ruleOfName(rules: ReadonlyMap<string, PrivacyRule>, of: NameOf): PrivacyRule | undefined {
  return NAMES_RULED_BY[of].map(name => rules.get(name)).find(rule => rule !== undefined);
}

/** The rules that an attribute may have; undefined for one that may have none. Parts of the payload have any name. */
export function rulesFor(attribute: string): readonly PrivacyRule[] | undefined {
  if (attribute.startsWith(`${ATTRIBUTE.details}.`)) return PRIVACY_RULES;
  const ruled = Object.hasOwn(RULED, attribute) ? RULED[attribute] : undefined;
  return ruled === undefined ? undefined : ['keep', ...ruled.rules];
}

/** The attributes that may have no rule: the collector makes them, after those of others. */
export const MADE: ReadonlySet<string> = new Set(Object.values(ATTRIBUTE).filter(name => rulesFor(name) === undefined));
