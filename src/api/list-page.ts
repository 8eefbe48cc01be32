import { CollectorError } from '../errors.ts';
import { parseExactly } from '../exact-json.ts';
import type { Item, ListRequest } from './inventory.ts';

const MOST_DEPTH = 100;

/** One page of a list; a single object is one, too. */
export interface ListPage {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
  /** Where the next page begins. */
  readonly cursor: string | undefined;
}

/** Reads the JSON documents of an answer. Throws a CollectorError `malformed` when they are not what the schema says. */
export function readListPage(documents: readonly unknown[], request: ListRequest): ListPage {
  const [document] = documents;
  if (documents.length !== 1) throw malformed(`the answer is ${documents.length} documents`);
  if (request.pages === 'single') return { items: [readSingle(document)], hasMore: false, cursor: undefined };
  const { data, has_more: hasMore, last_id: lastId, next } = objectOf(document, 'the answer');
  if (!Array.isArray(data)) throw malformed('the answer has no `data`');
  if (typeof hasMore !== 'boolean') throw malformed('the answer has no `has_more`');
  const items = data.map(itemOf);
  const keys = items.map(item => keyOf(item, request));
  // By the documentation `after` takes an id where the cursor is `last_id`: the last item's is as good.
  const cursor = request.pages === 'next' ? textOf(next) : (textOf(lastId) ?? keys.at(-1));
  return { items, hasMore, cursor };
}

/** What tells an item from the others of its list; nothing where there are no others. */
export function keyOf(item: Item, { key, pages }: Pick<ListRequest, 'key' | 'pages'>): string {
  if (pages === 'single') return '';
  const text = textOf(item[key]);
  if (text === undefined) throw malformed(`an item has no \`${key}\``);
  return text;
}

function readSingle(document: unknown): Item {
  const item = itemOf(document);
  if (Object.keys(item).length === 0 || item.object === 'list') throw malformed('the answer is not one object');
  return item;
}

function itemOf(value: unknown): Item {
  const item = objectOf(value, 'an item');
  if (isDeep(item)) throw malformed(`an item is nested more than ${MOST_DEPTH} deep`);
  return parseExactly(JSON.stringify(item)) as Item;
}

/** Level by level, since what comes behind goes through an item by recursion. */
function isDeep(item: object): boolean {
  let level: readonly object[] = [item];
  for (let depth = 0; depth <= MOST_DEPTH && level.length > 0; depth += 1) {
    level = level.flatMap(each => Object.values(each).filter(inner => typeof inner === 'object' && inner !== null));
  }
  return level.length > 0;
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${what} is not an object`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function malformed(message: string): CollectorError {
  return new CollectorError('malformed', message, { code: 'api-malformed' });
}
