import type { Entity } from './entity.ts';
import { KINDS } from './kinds.ts';

const EXCEPTIONS = new Map(
  KINDS.flatMap(({ name, except }) => (except === undefined ? [] : [[name, except] as const])),
);

/**
 * Without those that their list names as something else than they are: the API lists projects' keys among the admin
 * keys. All entities of both kinds must be there, or what is really a project's key counts as an admin key.
 */
export function genuine(entities: readonly Entity[]): readonly Entity[] {
  const really = new Set(entities.map(({ kind, id }) => textOf(kind, id)));
  return entities.filter(({ kind, id }) => {
    const other = EXCEPTIONS.get(kind);
    return other === undefined || !really.has(textOf(other, id));
  });
}

function textOf(kind: string, id: Entity['id']): string {
  return [kind, ...Object.values(id)].join('/');
}
