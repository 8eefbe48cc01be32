import { ApiError, invalidValue } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Settings } from '../settings.ts';
import type { Item } from './listed.ts';

/** How a list is read page by page. */
export interface Paging {
  /** Where the next page begins: `last_id` in the envelope, or an opaque `next`. */
  readonly style: 'last_id' | 'next';
  /** The field that a cursor names; `id` unless given. */
  readonly key?: string;
  readonly limit: { readonly fallback: number; readonly most: number };
  /** The order without a parameter; a list without one takes no such parameter. */
  readonly order?: 'asc' | 'desc';
}

/** What the API remembers of lists that somebody is in the middle of: where a thing stood that is gone now. */
export class OpenLists {
  readonly #keys = new Map<string, readonly string[]>();

  remember(list: string, keys: readonly string[]): void {
    this.#keys.set(list, keys);
  }

  /** The place behind a thing that is gone; undefined when the list never had it. */
  placeAfter(list: string, gone: string, keys: readonly string[]): number | undefined {
    const before = this.#keys.get(list) ?? [];
    const from = before.indexOf(gone);
    if (from < 0) return undefined;
    const next = before.slice(from + 1).find(key => keys.includes(key));
    return next === undefined ? keys.length : keys.indexOf(next);
  }
}

interface Wanted {
  /** Names the list among the open ones. */
  readonly list: string;
  readonly paging: Paging;
  readonly parameters: Parameters;
  readonly open: OpenLists;
  readonly vanishedCursor: Settings['vanishedCursor'];
  /** So many items later (or, negative, sooner) than the cursor says. */
  readonly moved: number;
}

/** One page of a list, in the envelope of its style. `items` are oldest first. */
export function listPage(items: readonly Item[], wanted: Wanted): object {
  const { paging, parameters, open, list } = wanted;
  const limit = parameters.limit(paging.limit);
  const ordered = orderOf(paging, parameters) === 'desc' ? items.toReversed() : items;
  const keys = ordered.map(item => String(item[paging.key ?? 'id']));
  const after = parameters.text('after');
  const start = after === undefined ? 0 : Math.max(0, placeAfter(readCursor(after), keys, wanted) + wanted.moved);
  const data = ordered.slice(start, start + limit);
  const hasMore = start + limit < ordered.length;
  if (hasMore) open.remember(list, keys);
  const last = keys[start + data.length - 1] ?? null;
  const head = { object: 'list', data };
  if (paging.style === 'next') return { ...head, has_more: hasMore, next: hasMore && last ? cursorAfter(last) : null };
  return {
    ...head,
    first_id: data.length > 0 ? keys[start] : null,
    last_id: data.length > 0 ? last : null,
    has_more: hasMore,
  };
}

function orderOf({ order }: Paging, parameters: Parameters): 'asc' | 'desc' | undefined {
  const asked = parameters.text('order') ?? order;
  if (asked === undefined || asked === 'asc' || asked === 'desc') return asked;
  throw invalidValue('order', `Invalid value for 'order': expected 'asc' or 'desc', but got '${asked}' instead.`);
}

function placeAfter(cursor: string, keys: readonly string[], { list, open, vanishedCursor }: Wanted): number {
  const place = keys.indexOf(cursor);
  if (place >= 0) return place + 1;
  const old = open.placeAfter(list, cursor, keys);
  if (old === undefined) throw invalidValue('after', `Invalid 'after': there is nothing with id '${cursor}'.`);
  if (vanishedCursor === 'place') return old;
  if (vanishedCursor === 'empty') return keys.length;
  throw new ApiError(vanishedCursor, `Nothing found with id '${cursor}'.`, { param: 'after' });
}

const OPAQUE = 'cursor_';

/** Says nothing to whoever reads it: only what a page gave as `next` leads on. */
function cursorAfter(key: string): string {
  return OPAQUE + Buffer.from(key).toString('base64url');
}

function readCursor(after: string): string {
  return after.startsWith(OPAQUE) ? Buffer.from(after.slice(OPAQUE.length), 'base64url').toString() : after;
}
