import { ApiError } from './api-error.ts';
import type { Fault } from './fault.ts';
import type { Message } from './reply.ts';

/** The query that the API acts upon when it ignores part of what was asked. */
export function damageQuery(query: string, fault: Fault | undefined): string {
  if (fault?.kind === 'ignored_cursor') return without(query, name => name === 'after' || name === 'before');
  if (fault?.kind === 'ignored_span') return without(query, name => name.startsWith('effective_at['));
  return query;
}

function without(query: string, drop: (name: string) => boolean): string {
  return new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => !drop(name))).toString();
}

/** The body that is sent instead of a list. `next` answers the same query with another cursor. */
export function damageBody(
  body: unknown,
  fault: Fault | undefined,
  after: string | null,
  next: (after: string) => unknown,
): string {
  const whole = JSON.stringify(body);
  if (fault === undefined || !isList(body)) return whole;
  const cursor = body.next ?? body.last_id ?? null;
  switch (fault.kind) {
    case 'two_documents':
      return whole + JSON.stringify(cursor !== null && body.has_more ? next(cursor) : emptied(body, null, false));
    case 'repeated_cursor':
      return JSON.stringify(withNext(body, after ?? body.first_id ?? cursor));
    case 'no_cursor':
      return JSON.stringify(withNext(body, null));
    case 'empty_page':
      return JSON.stringify(emptied(body, fault.cursor ? (cursor ?? after) : null, true));
    default:
      return whole;
  }
}

/** A list as any route answers it: the audit log and some of the inventory with `last_id`, the rest with `next`. */
interface AnyList {
  readonly object: 'list';
  readonly data: readonly unknown[];
  readonly first_id?: string | null;
  readonly last_id?: string | null;
  readonly next?: string | null;
  readonly has_more: boolean;
}

function withNext(body: AnyList, cursor: string | null): AnyList {
  return { ...body, [cursorField(body)]: cursor, has_more: true };
}

function emptied(body: AnyList, cursor: string | null, hasMore: boolean): AnyList {
  const first = body.first_id === undefined ? {} : { first_id: null };
  return { object: 'list', data: [], ...first, [cursorField(body)]: cursor, has_more: hasMore };
}

function cursorField({ next }: AnyList): 'last_id' | 'next' {
  return next === undefined ? 'last_id' : 'next';
}

function isList(body: unknown): body is AnyList {
  return typeof body === 'object' && body !== null && 'object' in body && body.object === 'list';
}

/** The answer with what a fault does to its headers, length or text. */
export function damageMessage(message: Message, fault: Fault | undefined): Message {
  switch (fault?.kind) {
    case 'body':
      return {
        status: 200,
        headers: { ...message.headers, 'content-type': fault.contentType ?? 'application/json' },
        body: fault.body,
      };
    case 'oversized':
      return { ...message, body: message.body.padEnd(fault.bytes) };
    case 'headers':
      return { ...message, headers: changedHeaders(message.headers, fault.headers) };
    default:
      return message;
  }
}

function changedHeaders(
  headers: Message['headers'],
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const changed = new Map<string, string | null>(Object.entries(headers));
  for (const [name, value] of Object.entries(changes)) changed.set(name.toLowerCase(), value);
  return Object.fromEntries([...changed].filter((entry): entry is [string, string] => entry[1] !== null));
}

/** What the API says with a status of its own accord. */
export function errorOf(status: number): ApiError {
  const known = ERRORS[status];
  if (known !== undefined) return new ApiError(status, known.message, known);
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return new ApiError(status, `The emulated organization answers ${status}.`, { type });
}

const ERRORS: Readonly<Record<number, { readonly message: string; readonly type: string; readonly code?: string }>> = {
  429: {
    message: "You're making too many requests, please slow down.",
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  500: { message: 'The server had an error while processing your request. Sorry about that!', type: 'server_error' },
  503: { message: 'The service is overloaded or not ready yet.', type: 'server_error' },
};
