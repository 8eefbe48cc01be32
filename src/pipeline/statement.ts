import { SUMMARY } from '../processor/processor.ts';
import type { LogRecord } from '../record.ts';
import type { SettledInventory, WaitingInventory } from '../storage/inventory-storage.ts';
import type { Facts, FeedKey, InFlight, Settled, Statement } from '../storage/storage.ts';

/** What can be said of a feed as a whole. */
export interface FeedCondition {
  readonly state: 'live' | 'behind' | 'limited' | 'unauthorized' | 'failing' | 'not_available' | 'empty' | 'silent';
  /** For how long it has been behind, or would be. */
  readonly behindS?: number;
  /** For a person; never a secret. */
  readonly reason?: string;
}

/** What an event's fate makes true besides. What was said when it was parked first is not said again by its replay. */
export function settledStatements(row: InFlight, settled: Settled, record: LogRecord, atMs: number) {
  const late = row.delivery === 'late' && !isReplay(row) ? [lateStatement(row, record, atMs)] : [];
  return settled.parked === undefined ? late : [...late, parkedStatement(row, settled.parked)];
}

export function isReplay({ way }: { readonly way: string }): boolean {
  return way.startsWith('replay/');
}

export function feedStatement(
  feed: FeedKey,
  { state, behindS, reason }: FeedCondition,
  previous: string | undefined,
  atMs: number,
): Statement {
  return statement(feed, 'feed', `${feed.stream}/${state}/${isoTime(atMs)}`, atMs, {
    state,
    previous,
    behind: behindS === undefined ? undefined : Math.round(behindS),
    reason,
  });
}

function lateStatement(row: InFlight, record: LogRecord, atMs: number): Statement {
  const summary = record.attributes[SUMMARY];
  return statement(row.feed, 'late', row.uid, atMs, {
    ...eventFacts(row),
    severity: record.severityNumber,
    summary: typeof summary === 'string' ? summary : undefined,
    late_by: Math.max(0, Math.floor(row.observedAtMs / 1000 - row.effectiveAt)),
  });
}

function parkedStatement(row: InFlight, parked: NonNullable<Settled['parked']>): Statement {
  const { reason, message, certain, atMs } = parked;
  // Parked again by a replay, it is another statement: this time the backend may have said something else.
  const uid = isReplay(row) ? `${row.uid}/${row.way}` : row.uid;
  return statement(row.feed, 'parked', uid, atMs, { ...eventFacts(row), reason, message, certain });
}

/** The same of a change of the inventory, under the name of its record. */
export function parkedChangeStatement(
  { organization, seq, way, atMs: observedAtMs }: WaitingInventory,
  { uid, eventName }: { readonly uid: string; readonly eventName: string },
  { reason, message, certain, atMs }: NonNullable<SettledInventory['parked']>,
): Statement {
  const about = way.includes('/replay/') ? `inventory/${seq}/${way}` : `inventory/${seq}`;
  return statement({ organization, stream: 'inventory' }, 'parked', about, atMs, {
    event_uid: uid,
    event_type: eventName,
    event_time: isoTime(observedAtMs),
    reason,
    message,
    certain,
  });
}

function eventFacts(row: InFlight) {
  return { event_uid: row.uid, event_type: row.type, event_time: isoTime(row.effectiveAt * 1000) };
}

function statement(
  { organization, stream }: { readonly organization: string; readonly stream: string },
  name: Statement['name'],
  about: string,
  atMs: number,
  facts: Readonly<Record<string, Facts[string] | undefined>>,
): Statement {
  const known = Object.entries(facts).filter((fact): fact is [string, Facts[string]] => fact[1] !== undefined);
  return {
    uid: `${name}/${organization}/${about}`,
    organization,
    name,
    atMs,
    facts: { stream, ...Object.fromEntries(known) },
  };
}

/** RFC 3339, whole seconds where it is one; a time that no calendar holds stays a number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms / 1000) : date.toISOString().replace('.000Z', 'Z');
}
