import { at, textAt } from './json.ts';

/** What was acted upon. */
export interface Target {
  readonly type: string;
  /** Several ids are joined with commas. */
  readonly id: string | undefined;
}

/** Undefined when nothing was acted upon, as in a login. `list` names the payload's property that lists several targets. */
export function targetOf(type: string | undefined, list: string | undefined, payload: unknown): Target | undefined {
  if (type === undefined) return undefined;
  const listed = list === undefined ? undefined : idsIn(at(payload, list));
  return { type, id: listed ?? textAt(payload, 'id') ?? textAt(payload, `${type}_id`) };
}

function idsIn(items: unknown): string | undefined {
  if (!Array.isArray(items)) return undefined;
  const ids = items.map(item => textAt(item, 'id')).filter(id => id !== undefined);
  return ids.length === 0 ? undefined : ids.join(',');
}
