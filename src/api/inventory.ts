import type { Value } from '../record.ts';
import type { AdminClient } from './admin-client.ts';
import type { Priority } from './limiter.ts';
import { ListWalk } from './list-walk.ts';

/** How a list goes on: with the envelope's `last_id`, with its `next`, or not at all, since it is one object. */
export type Pages = 'last_id' | 'next' | 'single';

/** One list of the inventory, such as the keys of one project. */
export interface ListRequest {
  /** Below the base URL, every placeholder filled: `/organization/projects/proj_1/api_keys`. */
  readonly path: string;
  /** The path with placeholders, by which limits are kept. */
  readonly route: string;
  readonly query: Readonly<Record<string, string>>;
  readonly pages: Pages;
  /** Most items wanted at once. */
  readonly pageSize: number;
  /** The field that tells items apart, mostly `id`. */
  readonly key: string;
  /** A 404 means that there is none, which is a complete answer. */
  readonly notFoundIsNone: boolean;
  /** A 400 means that its project is archived. */
  readonly refusesArchived: boolean;
  readonly priority: Priority;
  /** Who takes turns with others of the same priority. */
  readonly caller: string;
}

/** One item as the API has it; no number is rounded. */
export type Item = Readonly<Record<string, Value>>;

/** What reading one list came to. Only `complete` says that what is not among the items is not there. */
export type ListOutcome =
  | {
      readonly state: 'complete';
      readonly items: readonly Item[];
      /** Pages of the reading. An API whose cursors are places may have skipped an item between two of them. */
      readonly pages: number;
      readonly requests: number;
    }
  | {
      readonly state: 'unavailable';
      readonly why: Unavailable;
      /** What the API says. */
      readonly message: string;
      readonly requests: number;
    }
  | {
      readonly state: 'incomplete';
      readonly why: Incomplete;
      readonly message: string;
      /** What was read all the same: true, but not all. */
      readonly items: readonly Item[];
      readonly requests: number;
    };

/** Why a list is not to be had, however often it is asked for. */
type Unavailable =
  /** 403: the plan lacks it, or the key may not read it. */
  | 'forbidden'
  /** 404: the plan lacks it, or its parent is gone. */
  | 'not_found'
  /** 404 or 405: the API has no such route, as before or behind something that is not the API. */
  | 'no_such_route'
  /** 400: its project is archived. */
  | 'archived';

/** Why a list that is to be had was not read to its end; later it may be. */
export type Incomplete =
  /** 429 again and again. */
  | 'limited'
  /** 5xx or no answer, again and again. */
  | 'failed'
  /** The body is not what the schema says, is cut off, or too large. */
  | 'malformed'
  /** 400 or the like: the API does not take the request. */
  | 'refused'
  /** More follows, but nothing says where. */
  | 'no_cursor'
  /** The next page begins where a page before began, or holds nothing new. */
  | 'repeated_cursor'
  /** A page without items says that more follows. */
  | 'empty_page'
  /** Items came again: the list changed faster than it could be read. */
  | 'moved'
  /** The API does not take the cursor that it gave. */
  | 'lost_cursor'
  /** It goes on and on. */
  | 'endless';

/** Why a list was not read to its end. */
export interface Stop {
  readonly why: Unavailable | Incomplete;
  readonly message: string;
}

/** How often a list that leads nowhere, or moved under its reader, is read from its beginning. */
const MOST_BEGINNINGS = 3;
const MOVED: Stop = { why: 'moved', message: 'items were listed twice: the list changed while it was read' };
const UNAVAILABLE = ['forbidden', 'not_found', 'no_such_route', 'archived'] as const satisfies readonly Unavailable[];
const BEGIN_AGAIN = ['moved', 'lost_cursor', 'repeated_cursor', 'no_cursor', 'empty_page'] as const;
/**
 * Reads one list to its end, page by page.
 * @throws CollectorError `misconfigured` for a refused key or a redirect, which are nobody's list; the signal's reason.
 */
export async function readList(client: AdminClient, request: ListRequest, signal: AbortSignal): Promise<ListOutcome> {
  const counter = { requests: 0 };
  let before: ListWalk | undefined;
  for (let beginning = 1; ; beginning += 1) {
    const walk = new ListWalk(client, request, counter);
    const ending = await walk.toItsEnd(signal);
    const { requests } = counter;
    const isWhole = ending === 'complete' && (!walk.sawTwice || walk.isLike(before));
    if (isWhole) return { state: 'complete', items: walk.items, pages: walk.pages, requests };
    const { why, message } = ending === 'complete' ? MOVED : ending;
    if (why === 'not_found' && request.notFoundIsNone) return { state: 'complete', items: [], pages: 1, requests };
    if (isOneOf(UNAVAILABLE, why)) return { state: 'unavailable', why, message, requests };
    if (beginning === MOST_BEGINNINGS || !isOneOf(BEGIN_AGAIN, why)) {
      return { state: 'incomplete', why, message, items: walk.items, requests };
    }
    before = walk;
  }
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}
