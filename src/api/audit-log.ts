import { createHash } from 'node:crypto';
import { CollectorError } from '../errors.ts';
import { nearestNumber } from '../exact-json.ts';
import { jsonText } from '../json-text.ts';
import type { Value } from '../record.ts';
import type { AdminClient } from './admin-client.ts';
import type { Priority } from './limiter.ts';

/** The route of the audit log, by which its limit is kept. */
export const AUDIT_LOGS = '/organization/audit_logs';

type Stream = 'organization' | 'tenant';

/** An event as a page lists it. */
export interface ListedEvent {
  /** The event's id; for one without, `sha256:` and the digest of its JSON text. */
  readonly uid: string;
  /** Empty when the event has none. */
  readonly type: string;
  /** Unix seconds; a neighbour's on the page when the event has none itself. */
  readonly effectiveAt: number;
  readonly timeIsNeighbours: boolean;
  /** The event's JSON text. */
  readonly text: string;
}

export interface AuditLogQuery {
  readonly stream: Stream;
  /** Unix seconds, both inclusive. */
  readonly gte?: number | undefined;
  readonly lte?: number | undefined;
  readonly after?: string | undefined;
  /** More of the API's filters, such as `['event_types[]', 'api_key.created']`. */
  readonly filters?: readonly (readonly [name: string, value: string])[];
  /** Most events wanted, 1 to 100. */
  readonly limit: number;
  readonly priority: Priority;
}

export interface AuditLogPage {
  /** In the order of the page. */
  readonly events: readonly ListedEvent[];
  /** Events of a second document in the same body: true, but no proof of order or completeness. */
  readonly extra: readonly ListedEvent[];
  readonly hasMore: boolean;
  readonly lastId: string | undefined;
}

/** One page of one stream. Throws CollectorError; `malformed` when the body is not what the schema says. */
export async function listAuditLogs(
  client: AdminClient,
  query: AuditLogQuery,
  signal: AbortSignal,
): Promise<AuditLogPage> {
  const documents = await client.get(
    { path: AUDIT_LOGS, route: AUDIT_LOGS, query: parameters(query), priority: query.priority, caller: query.stream },
    signal,
  );
  const [first, ...others] = documents.map(envelope);
  if (first === undefined) throw malformed('the body is empty');
  const fallback = query.lte ?? query.gte ?? 0;
  return {
    events: listedEvents(first.data, fallback),
    extra: others.flatMap(other => listedEvents(other.data, fallback)),
    hasMore: first.has_more,
    lastId: first.last_id,
  };
}

function parameters(query: AuditLogQuery): [string, string][] {
  const pairs: [string, string][] = [['limit', String(query.limit)]];
  if (query.stream === 'tenant') pairs.push(['tenant_only', 'true']);
  if (query.gte !== undefined) pairs.push(['effective_at[gte]', String(query.gte)]);
  if (query.lte !== undefined) pairs.push(['effective_at[lte]', String(query.lte)]);
  if (query.after !== undefined) pairs.push(['after', query.after]);
  return [...pairs, ...(query.filters ?? []).map(([name, value]): [string, string] => [name, value])];
}

interface Envelope {
  readonly data: readonly unknown[];
  readonly has_more: boolean;
  readonly last_id: string | undefined;
}

function envelope(document: unknown): Envelope {
  if (!isObject(document)) throw malformed('the answer is not an object');
  const { data, has_more, last_id } = document;
  if (!Array.isArray(data)) throw malformed('the answer has no `data`');
  if (typeof has_more !== 'boolean') throw malformed('the answer has no `has_more`');
  return { data, has_more, last_id: typeof last_id === 'string' && last_id !== '' ? last_id : undefined };
}

function listedEvents(data: readonly unknown[], fallback: number): readonly ListedEvent[] {
  const times = data.map(timeOf);
  return data.map((event, i) => {
    const own = times[i];
    const fields = isObject(event) ? event : {};
    const text = textOf(event);
    return {
      uid: typeof fields.id === 'string' && fields.id !== '' ? fields.id : `sha256:${sha256(text)}`,
      type: typeof fields.type === 'string' ? fields.type : '',
      effectiveAt: own ?? neighbour(times, i) ?? fallback,
      timeIsNeighbours: own === undefined,
      text,
    };
  });
}

/** JSON.stringify overflows the stack where an event is nested some thousands deep. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event);
  } catch {
    return jsonText(event as Value);
  }
}

function timeOf(event: unknown): number | undefined {
  const at = isObject(event) ? nearestNumber(event.effective_at) : undefined;
  return typeof at === 'number' && Number.isFinite(at) && at >= 0 && at < 2 ** 40 ? Math.floor(at) : undefined;
}

/** The nearest time before it on the page, else after it. */
function neighbour(times: readonly (number | undefined)[], i: number): number | undefined {
  return times.slice(0, i).findLast(time => time !== undefined) ?? times.slice(i).find(time => time !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function malformed(what: string): CollectorError {
  return new CollectorError('malformed', `not an answer of the audit log: ${what}`, { code: 'api-malformed' });
}
