import { at, isMap, textAt } from './json.ts';
import { idsIn, type Target } from './target.ts';

/** A certificate list may be long; what is not told here stays in the Body, and is marked. */
export const MOST_RESOURCES = 100;

export interface Resources {
  /** The kind of each by its id: the target first. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly truncated: boolean;
}

/**
 * Everything that the event says it touched: the target, and every id that the payload, its `data` or its
 * `changes_requested` names: in `<kind>_id`, in `<kind>_ids` (a list, or a text with commas), as a thing with an id, or
 * as members of a list of such. What `principal_id` and `resource_id` are is told by `principal_type` and
 * `resource_type`, what `principal` and `resource` are by their `type`.
 */
export function resourcesOf(target: Target | undefined, payload: unknown): Resources {
  const kinds = new Map<string, string>();
  let truncated = false;
  const add = (kind: string, id: string) => {
    if (id === '' || kinds.has(id)) return;
    if (kinds.size < MOST_RESOURCES) kinds.set(id, kind);
    else truncated = true;
  };
  const kind = target?.type === 'resource' ? kindOf(payload, 'resource') : target?.type;
  for (const id of target?.ids ?? []) add(kind ?? '', id);
  for (const place of [payload, at(payload, 'data'), at(payload, 'changes_requested')]) addNamed(place, add);
  return { kinds, truncated };
}

type Add = (kind: string, id: string) => void;

function addNamed(place: unknown, add: Add): void {
  if (!isMap(place)) return;
  for (const key of Object.keys(place)) {
    const value = place[key];
    if (key.endsWith('_id') && typeof value === 'string') add(kindOf(place, key.slice(0, -3)), value);
    else if (key.endsWith('_ids')) for (const id of listed(value)) add(kindOf(place, key.slice(0, -4)), id);
    else if (isMap(value)) addThing(key, value, add);
    else for (const id of idsIn(value)) add(key.replace(/s$/, ''), id);
  }
}

/** What holds the rest of the payload is no thing of its own. */
const PLACES: ReadonlySet<string> = new Set(['data', 'changes_requested']);

function addThing(key: string, thing: unknown, add: Add): void {
  const id = textAt(thing, 'id');
  if (id === undefined || PLACES.has(key)) return;
  const type = key === 'principal' || key === 'resource' ? textAt(thing, 'type') : undefined;
  add(plainKind(type) ?? kindOf(thing, key), id);
}

/** `api.project` is a project, and `api_call_logging_project_ids` are projects'. */
export function kindOf(place: unknown, prefix: string): string {
  if (prefix === 'identity_provider') return 'workload_identity_provider';
  if (prefix !== 'principal' && prefix !== 'resource') return /_(project|user|group|role)$/.exec(prefix)?.[1] ?? prefix;
  return plainKind(textAt(place, `${prefix}_type`)) ?? prefix;
}

function plainKind(type: string | undefined): string | undefined {
  return type?.replace(/^api\./, '');
}

function listed(ids: unknown): readonly string[] {
  if (typeof ids === 'string') return ids.split(',').map(id => id.trim());
  return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
}
