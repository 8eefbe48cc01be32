import type { Value } from '../record.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import { isMap, textAt } from './json.ts';
import { nameOfKind } from './name-of.ts';
import { type PrivacyRule, ruleOfName } from './privacy-rules.ts';
import type { ObservedThing } from './processor.ts';

/** By the kind of a thing, the attribute of an audit record that holds its id. */
const IDS: Readonly<Record<string, string>> = {
  user: ATTRIBUTE.userId,
  project: ATTRIBUTE.projectId,
  service_account: ATTRIBUTE.actorServiceAccountId,
  api_key: ATTRIBUTE.actorApiKeyId,
  admin_api_key: ATTRIBUTE.actorApiKeyId,
};
/** A mail address, in whatever field. */
const MAIL_ADDRESS = /^[^\s@]+@[^\s@]+$/;
/** Fields that hold somebody's id as a text. */
const SOMEBODY = /(?:^|_)(?:user_id|created_by|updated_by|invited_by)$/;
/** A thing's own name is what its list calls it; a membership says the name of its member. */
const MEMBERS: Readonly<Record<string, string>> = { project_member: 'user', group_member: 'user' };

type Rules = ReadonlyMap<string, PrivacyRule>;
type Ruled = readonly [value: string, rule: PrivacyRule];

/** What a thing of the inventory says that rules may hide, with its rule. */
export function valuesOfThing(
  kind: string,
  name: string | undefined,
  { id, description, relations }: ObservedThing,
  rules: Rules,
): readonly Ruled[] {
  const self = MEMBERS[kind] ?? kind;
  const found: Ruled[] = [];
  const add = (value: unknown, rule: PrivacyRule | undefined) => {
    if (typeof value === 'string' && rule !== undefined) found.push([value, rule]);
  };
  add(name, ruleOfName(rules, nameOfKind(self)));
  for (const end of [{ id }, ...relations.flatMap(({ from, to }) => [from, to])]) {
    for (const [part, text] of Object.entries(end.id)) add(text, ruleOfId(part.replace(/\.id$/, '')));
  }
  collect(description as Value, self);
  return found;

  function ruleOfId(of: string): PrivacyRule | undefined {
    return Object.hasOwn(IDS, of) ? rules.get(IDS[of] ?? '') : undefined;
  }

  function collect(value: Value, of: string): void {
    if (typeof value === 'string' && MAIL_ADDRESS.test(value)) add(value, rules.get(ATTRIBUTE.userEmail));
    if (typeof value !== 'object' || value === null) return;
    if (isMap(value)) {
      add(value.name, ruleOfName(rules, nameOfKind(of)));
      add(value.id, ruleOfId(of));
    }
    for (const [field, inner] of Object.entries(value)) {
      if (SOMEBODY.test(field)) add(inner, rules.get(ATTRIBUTE.userId));
      collect(inner, isMap(inner) ? kindOf(field, inner) : of);
    }
  }
}

/** Of what kind a thing inside another one is: `{ owner: { type: 'user', id, name } }`, `{ user: { id, email, name } }`. */
function kindOf(field: string, value: Value): string {
  if (textAt(value, 'email') !== undefined) return 'user';
  const type = textAt(value, 'type') ?? textAt(value, 'object')?.split('.').at(-1);
  return type !== undefined && Object.hasOwn(IDS, type) ? type : field;
}
