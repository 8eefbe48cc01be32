import type { ListRequest } from '../api/inventory.ts';
import type { Id } from './entity.ts';
import type { Kind } from './kind.ts';

const PAGE_SIZE = 100;
const PLACEHOLDER = /\{(\w+)_id\}/g;

/** What a request is asked on behalf of. */
export type Lane = Pick<ListRequest, 'priority' | 'caller'>;

/** The request for one list of a kind, of the parent with this id. Throws a RangeError when a part of it is missing. */
export function listRequest(kind: Kind, parent: Id, lane: Lane): ListRequest {
  const { route, query = {}, pages, pageSize = PAGE_SIZE, key = 'id', notSet = false, refusesArchived = false } = kind;
  return {
    path: pathOf(kind, parent),
    route,
    query,
    pages,
    pageSize,
    key,
    notFoundIsNone: notSet,
    refusesArchived,
    ...lane,
  };
}

/** The path of one list below the base URL. Throws a RangeError when a part of the parent's id is missing. */
export function pathOf({ route }: Kind, parent: Id): string {
  return route.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(part(parent, name)));
}

function part(parent: Id, name: string): string {
  const text = parent[`${name}.id`];
  if (text === undefined) throw new RangeError(`nothing says which ${name} is meant`);
  return text;
}
