import { ApiError, invalidValue } from './api-error.ts';
import type { AuditEvent, Dimension } from './audit-event.ts';
import { isTenantType } from './catalogue.ts';
import type { PageQuery } from './listing.ts';
import { Parameters } from './parameters.ts';
import type { Answer, RouteRequest } from './routes.ts';
import type { Filters, Place } from './shelf.ts';

const BOUNDS = ['effective_at[gt]', 'effective_at[gte]', 'effective_at[lt]', 'effective_at[lte]'] as const;
const FILTERS: Readonly<Record<string, Dimension>> = {
  'event_types[]': 'type',
  'project_ids[]': 'project',
  'actor_ids[]': 'actor',
  'actor_emails[]': 'email',
  'resource_ids[]': 'resource',
};
const KNOWN = [...BOUNDS, ...Object.keys(FILTERS), 'tenant_only', 'limit', 'after', 'before'];

/** The envelope of a list. `first_id` and `last_id` are null on an empty page. */
interface ListBody {
  readonly object: 'list';
  readonly data: readonly AuditEvent[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

const NOTHING: ListBody = { object: 'list', data: [], first_id: null, last_id: null, has_more: false };

/** GET /organization/audit_logs. */
export function listAuditLogs({ query, organization, settings }: RouteRequest): Answer {
  const parameters = new Parameters(query, KNOWN, settings.unknownParameters === 'ignore');
  const stream = parameters.flag('tenant_only') ? 'tenant' : 'organization';
  const limit = parameters.limit({ fallback: 20, most: 100 });
  const filters = readFilters(parameters, organization, stream === 'tenant');
  const span = readSpan(parameters);
  if (!settings.auditLogging) return { body: NOTHING };
  const after = readCursor('after', parameters, organization, settings);
  const before = readCursor('before', parameters, organization, settings);
  if (after === 'empty' || before === 'empty') return { body: NOTHING };
  const pageQuery: PageQuery = { ...span, filters, limit, ...(after && { after }), ...(before && { before }) };
  const { entries, hasMore, visited } = organization.events.page(stream, pageQuery, settings);
  const body: ListBody = {
    object: 'list',
    data: entries.map(({ event }) => event.content()),
    first_id: entries[0]?.event.id ?? null,
    last_id: entries.at(-1)?.event.id ?? null,
    has_more: hasMore,
  };
  return { body, visited };
}

function readFilters(parameters: Parameters, { events }: RouteRequest['organization'], tenantOnly: boolean): Filters {
  for (const type of parameters.texts('event_types[]') ?? []) {
    if (!events.knowsType(type)) throw invalidValue('event_types', `Invalid value: '${type}' is no event type.`);
    if (tenantOnly && !isTenantType(type)) {
      throw invalidValue('event_types', `'${type}' is not tenant-scoped, as all event types must be with tenant_only.`);
    }
  }
  const filters = new Map<Dimension, ReadonlySet<string>>();
  for (const [name, dimension] of Object.entries(FILTERS)) {
    const values = parameters.texts(name);
    if (values !== undefined) filters.set(dimension, new Set(values));
  }
  return filters;
}

/** The time filters as one half-open span of seconds. */
function readSpan(parameters: Parameters): Pick<PageQuery, 'from' | 'to'> {
  const [gt, gte, lt, lte] = BOUNDS.map(name => parameters.integer(name));
  const lows = [gte, gt === undefined ? undefined : gt + 1].filter(bound => bound !== undefined);
  const highs = [lt, lte === undefined ? undefined : lte + 1].filter(bound => bound !== undefined);
  return {
    ...(lows.length > 0 && { from: Math.max(...lows) }),
    ...(highs.length > 0 && { to: Math.min(...highs) }),
  };
}

function readCursor(
  name: 'after' | 'before',
  parameters: Parameters,
  { events }: RouteRequest['organization'],
  { vanishedCursor }: RouteRequest['settings'],
): Place | 'empty' | undefined {
  const id = parameters.text(name);
  if (id === undefined) return undefined;
  const found = events.place(id);
  if (found === undefined) throw invalidValue(name, `Invalid '${name}': there is no audit log with id '${id}'.`);
  if (!found.gone || vanishedCursor === 'place') return found.place;
  if (vanishedCursor === 'empty') return 'empty';
  throw new ApiError(vanishedCursor, `No audit log found with id '${id}'.`, { param: name });
}
