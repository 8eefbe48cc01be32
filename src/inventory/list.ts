import type { Id } from './entity.ts';
import type { Kind, KindName } from './kind.ts';
import { KINDS } from './kinds.ts';
import { pathOf } from './request.ts';

/** One list of one organization, such as the keys of one project. */
export interface List {
  /** Its path below the base URL: no other list has it. */
  readonly path: string;
  readonly kind: Kind;
  /** What fills the placeholders of its route, and the organization's id. */
  readonly parent: Id;
}

/** The lists that are read once, not for each of something. */
export function topLists(kinds: readonly Kind[], organization: Id): readonly List[] {
  return kinds.filter(({ parent }) => parent === 'organization').map(kind => listOf(kind, organization));
}

/** The lists that are read for one thing. */
export function listsBelow(
  kinds: readonly Kind[],
  { kind: name, id }: { readonly kind: string; readonly id: Id },
  organization: Id,
): readonly List[] {
  return kinds.filter(({ parent }) => parent === name).map(kind => listOf(kind, { ...organization, ...id }));
}

/** Kinds below which other lists are read. */
export const PARENTS: ReadonlySet<KindName> = new Set(
  KINDS.flatMap(({ parent }) => (parent === 'organization' ? [] : [parent])),
);

function listOf(kind: Kind, parent: Id): List {
  return { path: pathOf(kind, parent), kind, parent };
}
