import type { NameOf, Names } from './context.ts';
import { textAt } from './json.ts';

const ANY: readonly NameOf[] = [
  'project.name',
  'user.email',
  'user.full_name',
  'service_account.name',
  'api_key.name',
  'name',
];

/** What the inventory calls a thing: the first that there is of these names, of all unless given. */
export function nameOf(names: Names | undefined, id: string | undefined, ...of: NameOf[]): string | undefined {
  if (names === undefined || id === undefined) return undefined;
  for (const each of of.length === 0 ? ANY : of) {
    const name = textAt(names, each, id);
    if (name !== undefined) return name;
  }
  return undefined;
}

const BY_KIND: Readonly<Record<string, NameOf>> = {
  user: 'user.full_name',
  invite: 'user.email',
  project: 'project.name',
  api_key: 'api_key.name',
  admin_api_key: 'api_key.name',
  service_account: 'service_account.name',
};

/** What the name of a thing of this kind is. What has no rule of its own in privacy is a `name`. */
export function nameOfKind(kind: string): NameOf {
  return Object.hasOwn(BY_KIND, kind) ? (BY_KIND[kind] ?? 'name') : 'name';
}
