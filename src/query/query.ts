import { type AdminClient, createAdminClient } from '../api/admin-client.ts';
import { ApiTime } from '../api/api-time.ts';
import { AUDIT_LOGS as AUDIT_ROUTE } from '../api/audit-log.ts';
import type { HttpClient } from '../api/http.ts';
import { readList } from '../api/inventory.ts';
import { leastTimeMs } from '../api/least-time.ts';
import type { Limiter } from '../api/limiter.ts';
import { createRouteLimiter } from '../api/route-limiter.ts';
import type { Clock, Random } from '../clock.ts';
import type { Config, OrganizationConfig } from '../config/config.ts';
import { organizationId } from '../inventory/entity.ts';
import type { List } from '../inventory/list.ts';
import { listRequest } from '../inventory/request.ts';
import type { Progress } from '../progress/progress.ts';
import type { Note } from './note.ts';
import { wantedOf } from './reading/audit-filters.ts';
import { LOOKED_AT, loadAuditLogs } from './reading/audit-loading.ts';
import type { AuditSource } from './reading/audit-source.ts';
import { Consent } from './reading/consent.ts';
import { readInventory, type WantedKind } from './reading/inventory-reading.ts';
import { Database } from './sql/database.ts';
import { doubtsOf } from './sql/doubts.ts';
import { firstRowsOf } from './sql/first-rows.ts';
import { ANYTHING, type Implied } from './sql/implied.ts';
import { neededOf } from './sql/push-down.ts';
import { readStatement, type Statement } from './sql/statement.ts';
import { createAuditRows } from './tables/audit-rows.ts';
import { AUDIT_LOGS } from './tables/audit-table.ts';
import { INVENTORY_TABLES, type InventoryTable, inventoryRows } from './tables/inventory-table.ts';
import { narrowed, type Table } from './tables/table.ts';

/** Everything that a query may read. */
export const TABLES: readonly Table[] = [AUDIT_LOGS, ...INVENTORY_TABLES];

/** A statement, and the database that answers it once its tables are filled. */
export interface Question {
  readonly statement: Statement;
  readonly database: Database;
}

/**
 * Reads a query. `now` stands still at `nowMs`, Unix milliseconds. The database must be closed.
 * @throws ExitError query-invalid that points at the place.
 */
export function openQuestion(sql: string, nowMs: number): Question {
  const whole = new Database(TABLES, nowMs);
  try {
    const { reads } = readStatement(sql, whole, TABLES);
    const tables = narrowed(TABLES, reads);
    const database = new Database(tables, nowMs);
    return { database, statement: readStatement(sql, database, tables) };
  } finally {
    whole.close();
  }
}

/** What a query needs of the outside world. */
export interface QueryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: HttpClient;
  readonly userAgent: string;
  readonly progress: Progress;
  /** What a collector has learned of an organization's limits, where one is kept. */
  readonly learned: (organization: string) => Promise<string | undefined>;
  /** Whether a person wants so many requests, which take at least so long. */
  readonly agree: (requests: number, leastMs: number) => Promise<boolean>;
  readonly note: Note;
}

interface Reader {
  readonly config: OrganizationConfig;
  readonly client: AdminClient;
  readonly limiter: Limiter;
}

/** All that a query is answered from. */
export interface Load extends Question {
  readonly config: Config;
  readonly ports: QueryPorts;
  /** Whether the API is asked only for what the conditions let through; else for everything. */
  readonly pushesDown: boolean;
}

/**
 * Fills the tables with what the statement needs of the configured organizations, so that it can be run.
 * @throws ExitError, and CollectorError for what the API says.
 */
export async function loadTables(load: Load, signal: AbortSignal): Promise<void> {
  const { statement, config, ports } = load;
  const needed = TABLES.filter(({ name }) => !statement.isExplained && statement.reads.has(name));
  if (needed.length === 0) return;
  const readers = await Promise.all(config.organizations.map(organization => openReader(organization, ports)));
  const consent = new Consent(requests => ports.agree(requests, leastFor(readers, requests, ports)));
  for (const reader of readers) await loadInventory(reader, load, consent, signal);
  if (needed.includes(AUDIT_LOGS)) await loadAudit(readers, load, consent, signal);
}

async function loadAudit(readers: readonly Reader[], load: Load, consent: Consent, signal: AbortSignal): Promise<void> {
  const { statement, database, config, ports, pushesDown } = load;
  const implied = impliedFor(AUDIT_LOGS, load);
  for (const doubt of doubtsOf(statement, AUDIT_LOGS)) ports.note(doubt, 'query-doubtful');
  const wanted = readers.filter(reader => isWanted(implied, reader));
  const limiters = new Map(wanted.map(({ config: { name }, limiter }) => [name, limiter]));
  const sources = wanted.flatMap(({ config: organization, client }) =>
    organization.auditLogs.streams
      .filter(stream => canBeIn(stream, implied))
      .map((stream): AuditSource => ({ organization: organization.name, stream, client, clock: ports.clock })),
  );
  if (sources.length === 0) return;
  const held = heldColumns(AUDIT_LOGS, statement);
  const options = {
    wanted: wantedOf(implied, hidesValues(config)),
    firstRows: pushesDown ? firstRowsOf(statement, AUDIT_LOGS, database) : undefined,
    rowOf: createAuditRows(config, new Set([...held, ...LOOKED_AT])),
    // What both streams list is the tenant's.
    insert: database.inserter(AUDIT_LOGS, held, { column: 'stream', value: 'tenant' }),
    consent,
    begin: ({ organization, stream }: AuditSource) =>
      ports.progress.begin({ kind: 'query', organization, stream, unit: 'requests' }),
    leastMs: ({ organization }: AuditSource, requests: number) => {
      const limiter = limiters.get(organization);
      return limiter === undefined ? 0 : leastTimeMs(limiter, AUDIT_ROUTE, requests, ports.clock.nowMs());
    },
    note: ports.note,
  };
  await loadAuditLogs(sources, options, signal);
}

function canBeIn(stream: 'organization' | 'tenant', { values }: Implied): boolean {
  const streams = values.get('stream');
  return stream === 'tenant' || streams === undefined || streams.has('organization');
}

async function loadInventory(reader: Reader, load: Load, consent: Consent, signal: AbortSignal): Promise<void> {
  const { config: organization, client } = reader;
  const { statement, database, config, ports } = load;
  const tables = INVENTORY_TABLES.filter(
    table => statement.reads.has(table.name) && isWanted(impliedFor(table, load), reader),
  );
  if (tables.length === 0) return;
  const task = ports.progress.begin({ kind: 'query', organization: organization.name, unit: 'requests' });
  const reach = { done: 0, total: 0 };
  const options = {
    organization: organizationId(organization.id ?? organization.name),
    wanted: tables.map(table => wantedKind(table, load)),
    read: ({ kind, parent }: List, stop: AbortSignal) =>
      readList(client, listRequest(kind, parent, { priority: 'inventory', caller: 'query' }), stop),
    planned: async (lists: number) => {
      // Nothing is drawn over a question.
      task.reached({ done: 0, total: 0 });
      await consent.need(lists);
      reach.total += lists;
      task.reached({ ...reach });
    },
    isRead: () => {
      reach.done += 1;
      task.reached({ ...reach });
    },
    note: ports.note,
  };
  try {
    const things = await readInventory(options, signal);
    for (const table of tables) {
      const rowOf = inventoryRows(table, organization.name, config.records.privacy);
      const insert = database.inserter(table, heldColumns(table, statement));
      insert(things.filter(({ entity }) => entity.kind === table.kind).map(rowOf));
    }
  } finally {
    task.end();
  }
}

/** Those ids of parents that the conditions ask for. What privacy hides is not what the API knows. */
function wantedKind(table: InventoryTable, load: Load): WantedKind {
  const { values } = hidesValues(load.config) ? ANYTHING : impliedFor(table, load);
  const wanted = [...table.parents].flatMap(([parent, column]) => {
    const ids = values.get(column);
    return ids === undefined ? [] : [[parent, ids] as const];
  });
  return { kind: table.kind, parents: new Map(wanted) };
}

function impliedFor(table: Table, { statement, database, pushesDown }: Load): Implied {
  return pushesDown ? neededOf(statement, table, database) : ANYTHING;
}

function heldColumns(table: Table, { reads }: Statement): readonly string[] {
  return narrowed([table], reads).flatMap(({ columns }) => columns.map(({ name }) => name));
}

function hidesValues({ records }: Config): boolean {
  return Object.values(records.privacy.rules).some(rule => rule !== 'keep');
}

/** Whether the conditions on a table let anything of this organization through. */
function isWanted(implied: Implied, { config: { name } }: Reader): boolean {
  if (implied.never) return false;
  return implied.values.get('organization')?.has(name) ?? true;
}

async function openReader(config: OrganizationConfig, ports: QueryPorts): Promise<Reader> {
  const { clock, random, http, userAgent } = ports;
  const limiter = createRouteLimiter({ clock, random, learned: await ports.learned(config.name) });
  const client = createAdminClient({ ...config, userAgent, http, limiter, time: new ApiTime(clock), clock });
  return { config, client, limiter };
}

/** By the limit of the audit log, which nearly all requests are for. */
function leastFor(readers: readonly Reader[], requests: number, { clock }: QueryPorts): number {
  return Math.max(0, ...readers.map(({ limiter }) => leastTimeMs(limiter, AUDIT_ROUTE, requests, clock.nowMs())));
}
