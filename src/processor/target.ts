import type { Actor } from './actor.ts';
import type { EventType } from './event-type.ts';
import { at, isMap, textAt } from './json.ts';

/** What was acted upon. */
export interface Target {
  readonly type: string;
  readonly ids: readonly string[];
  /** What people call it; of a user, best the mail address. */
  readonly name: string | undefined;
}

/** Undefined when a type that nobody knows names nothing that was acted upon. A sign-in acts upon the account. */
export function targetOf({ target: type, targets }: EventType, payload: unknown, actor: Actor): Target | undefined {
  if (type === undefined) return undefined;
  const { id } = actor.user;
  if (targets === 'actor') return { type, ids: id === undefined ? [] : [id], name: undefined };
  const list = targets === undefined ? payload : at(payload, targets.list);
  const listed = idsIn(list, 'texts too');
  if (listed.length > 0) return { type, ids: listed, name: nameOfOnly(list) };
  const one = idIn(payload, type) ?? idIn(at(payload, 'data'), type) ?? textAt(payload, type, 'id');
  const name = nameIn(payload, type) ?? nameIn(at(payload, 'data'), type) ?? nameIn(at(payload, type), type);
  return { type, ids: one === undefined ? [] : [one], name };
}

/** Of a list of things that have ids. Where nothing but ids can be meant, a text is one. */
export function idsIn(items: unknown, texts?: 'texts too'): readonly string[] {
  if (!Array.isArray(items)) return [];
  const ids = items.map(
    item => textAt(item, 'id') ?? (texts && typeof item === 'string' && item !== '' ? item : undefined),
  );
  return ids.filter(id => id !== undefined);
}

function nameOfOnly(items: unknown): string | undefined {
  return Array.isArray(items) && items.length === 1 ? textAt(items[0], 'name') : undefined;
}

/** An id that is said to be that of the kind before one that may be the event's own, such as a membership's. */
function idIn(place: unknown, type: string): string | undefined {
  return isMap(place) ? (textAt(place, `${type}_id`) ?? textAt(place, 'id')) : undefined;
}

/** People, and whom an invite is for, are called by the mail address. */
function nameIn(place: unknown, type: string): string | undefined {
  if (!isMap(place)) return undefined;
  const email = type === 'user' || type.endsWith('invite') ? textAt(place, 'email') : undefined;
  return email ?? textAt(place, 'name') ?? textAt(place, `${type}_name`);
}
