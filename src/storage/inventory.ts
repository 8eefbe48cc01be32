import type { Session } from './connection.ts';
import type {
  InventoryChange,
  InventoryItem,
  InventoryList,
  ParkedInventory,
  RememberedItem,
  SettledInventory,
  WaitingInventory,
} from './inventory-storage.ts';
import { nextPlace } from './place.ts';
import { sealRows } from './seal.ts';
import { addStatement } from './statement.ts';

interface ItemRow extends Omit<InventoryItem, 'name'> {
  readonly name: string | null;
}

interface RememberedRow {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly content: string | null;
  readonly goneAtMs: number | null;
}

interface ChangeRow extends Omit<WaitingInventory, 'name' | 'before' | 'content' | 'delivered'> {
  readonly delivered: string | null;
  readonly name: string | null;
  readonly before: string | null;
  readonly content: string | null;
}

interface ParkedRow extends ChangeRow {
  readonly reason: string;
  readonly message: string;
  readonly certain: number;
  readonly parkedAtMs: number;
}

const ITEM = 'kind, id, list, inventory.name, content, first_seen_ms AS firstSeenMs, reported_ms AS reportedMs';
const CHANGE = `seq, organization.name AS organization, kind, inventory_change.id, list, inventory_change.name, change,
  at_ms AS atMs, first_seen_ms AS firstSeenMs, before, content, facts, way, delivered`;
const REFUSAL = 'reason, message, certain, parked_at_ms AS parkedAtMs';
const FROM = 'FROM inventory_change JOIN organization ON organization.id = inventory_change.organization';
const THING = 'organization = ? AND id = ? AND kind = ?';

/** What was acknowledged, of one kind or of all. */
export function listInventory(session: Session, organization: number, kind?: string): InventoryItem[] {
  const sql = `SELECT ${ITEM} FROM inventory WHERE organization = ? AND gone_at_ms IS NULL`;
  const rows =
    kind === undefined
      ? session.all<ItemRow>(`${sql} ORDER BY id, kind`, organization)
      : session.all<ItemRow>(`${sql} AND kind = ? ORDER BY id`, organization, kind);
  return rows.map(toItem);
}

/** The same with what is in flight. */
export function listKnownInventory(
  session: Session,
  organization: number,
  of: { readonly list: string } | { readonly kind: string },
): InventoryItem[] {
  const [column, value] = 'list' in of ? ['list', of.list] : ['kind', of.kind];
  const items = session.all<ItemRow>(
    `SELECT ${ITEM} FROM inventory WHERE organization = ? AND ${column} = ? AND gone_at_ms IS NULL`,
    organization,
    value,
  );
  const known = new Map(items.map(row => [`${row.kind} ${row.id}`, toItem(row)]));
  for (const change of listWaiting(session, organization, `${column} = ?`, value)) {
    const key = `${change.kind} ${change.id}`;
    if (change.content === undefined) known.delete(key);
    else if (change.change !== 'snapshot') known.set(key, itemOf(change, change.content));
  }
  return [...known.values()];
}

/** What is known under these ids, also of what is gone. */
export function listInventoryUnder(session: Session, organization: number, ids: readonly string[]): RememberedItem[] {
  const rows = session.all<RememberedRow>(
    `SELECT id, kind, name, content, gone_at_ms AS goneAtMs FROM inventory
     WHERE organization = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY id, kind`,
    organization,
    JSON.stringify(ids),
  );
  return rows.map(({ id, kind, name, content, goneAtMs }) => ({
    ...{ id, kind },
    ...(name === null ? {} : { name }),
    ...(content === null ? {} : { content }),
    ...(goneAtMs === null ? {} : { goneAtMs }),
  }));
}

export function isInventoryEmpty(session: Session, organization: number): boolean {
  return session.get('SELECT 1 FROM inventory WHERE organization = ? LIMIT 1', organization) === undefined;
}

export function listInventoryLists(session: Session, organization: number) {
  return session
    .all<{ list: string; state: string }>(
      'SELECT list, state FROM inventory_list WHERE organization = ? ORDER BY list',
      organization,
    )
    .map(row => ({ ...row }));
}

export function recordChanges(
  session: Session,
  organization: number,
  changes: readonly InventoryChange[],
  lists: readonly InventoryList[],
): void {
  const find = 'SELECT state FROM inventory_list WHERE organization = ? AND list = ?';
  const isKnown = ({ list, state }: InventoryList) =>
    session.get<{ state: string }>(find, organization, list)?.state === state;
  if (lists.every(isKnown)) return;
  for (const change of changes) addChange(session, organization, change);
  for (const list of lists) saveList(session, organization, list);
}

/** What waits, in its order. */
export function listWaitingInventory(
  session: Session,
  organization: number,
  limit: number,
  afterSeq: number,
): WaitingInventory[] {
  return listWaiting(session, organization, 'seq > ?', afterSeq, limit);
}

export function settleChange(session: Session, organization: number, settled: SettledInventory): void {
  const { seq, fate, parked, delivered, statement } = settled;
  const [change] = listWaiting(session, organization, 'seq = ?', seq);
  if (change === undefined) return;
  if (change.change !== 'snapshot') applyChange(session, organization, change);
  if (fate === 'acknowledged') {
    session.run('DELETE FROM inventory_change WHERE seq = ?', seq);
    return;
  }
  if (parked === undefined) throw new Error(`inventory change ${seq} is parked without a reason`);
  const { reason, message, certain, atMs } = parked;
  session.run(
    `UPDATE inventory_change SET reason = ?, message = ?, certain = ?, parked_at_ms = ?, delivered = ?
     WHERE seq = ? AND reason IS NULL`,
    reason,
    message,
    certain ? 1 : 0,
    atMs,
    delivered ?? null,
    seq,
  );
  sealRows(session, 'inventory_change', 'seq = ?', seq);
  if (statement !== undefined) addStatement(session, statement);
}

export function listParkedInventory(session: Session, organization: number): ParkedInventory[] {
  const where = 'WHERE inventory_change.organization = ? AND reason IS NOT NULL ORDER BY seq';
  const rows = session.all<ParkedRow>(`SELECT ${CHANGE}, ${REFUSAL} ${FROM} ${where}`, organization);
  return rows.map(row => ({
    ...toChange(row),
    reason: row.reason,
    message: row.message,
    certain: row.certain === 1,
    parkedAtMs: row.parkedAtMs,
  }));
}

export function unparkChange(session: Session, organization: number, seq: number, way: string): number {
  const unparked = session.run(
    `UPDATE inventory_change SET reason = NULL, message = NULL, certain = NULL, parked_at_ms = NULL, way = ?
     WHERE organization = ? AND seq = ? AND reason IS NOT NULL`,
    way,
    organization,
    seq,
  );
  sealRows(session, 'inventory_change', 'seq = ?', seq);
  return unparked;
}

function listWaiting(
  session: Session,
  organization: number,
  which: string,
  value: string | number,
  limit = -1,
): WaitingInventory[] {
  const where = `WHERE inventory_change.organization = ? AND reason IS NULL AND ${which} ORDER BY seq LIMIT ?`;
  return session.all<ChangeRow>(`SELECT ${CHANGE} ${FROM} ${where}`, organization, value, limit).map(toChange);
}

function addChange(session: Session, organization: number, change: InventoryChange): void {
  const place = nextPlace(session, 'listed', organization, change.atMs);
  session.run(
    `INSERT INTO inventory_change
     (organization, kind, id, list, name, change, at_ms, first_seen_ms, before, content, facts, way)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    organization,
    change.kind,
    change.id,
    change.list,
    change.name ?? null,
    change.change,
    place.atMs,
    change.firstSeenMs,
    change.before ?? null,
    change.content ?? null,
    change.facts,
    `inventory/${place.n}`,
  );
  sealRows(session, 'inventory_change', 'seq = last_insert_rowid()');
}

function saveList(session: Session, organization: number, { list, state }: InventoryList): void {
  if (state === undefined) {
    session.run('DELETE FROM inventory_list WHERE organization = ? AND list = ?', organization, list);
    return;
  }
  const sql = 'INSERT OR REPLACE INTO inventory_list (organization, list, state) VALUES (?, ?, ?)';
  session.run(sql, organization, list, state);
  sealRows(session, 'inventory_list', 'organization = ? AND list = ?', organization, list);
}

/** What was said later counts: a change that was replayed must not take its place. */
function applyChange(session: Session, organization: number, change: WaitingInventory): void {
  const { kind, id, list, name, before, content, atMs, firstSeenMs, seq } = change;
  const find = `SELECT applied, name FROM inventory WHERE ${THING}`;
  const known = session.get<{ applied: number; name: string | null }>(find, organization, id, kind);
  if ((known?.applied ?? 0) >= seq) return;
  session.run(
    `INSERT OR REPLACE INTO inventory
     (organization, id, kind, list, name, content, first_seen_ms, reported_ms, gone_at_ms, applied)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    organization,
    id,
    kind,
    list,
    name ?? known?.name ?? null,
    content ?? before ?? null,
    firstSeenMs,
    atMs,
    content === undefined ? atMs : null,
    seq,
  );
  sealRows(session, 'inventory', THING, organization, id, kind);
}

function toItem({ name, ...row }: ItemRow): InventoryItem {
  return { ...row, ...(name === null ? {} : { name }) };
}

function itemOf({ kind, id, list, name, firstSeenMs, atMs }: WaitingInventory, content: string): InventoryItem {
  return { kind, id, list, content, firstSeenMs, reportedMs: atMs, ...(name === undefined ? {} : { name }) };
}

function toChange(row: ChangeRow): WaitingInventory {
  const { seq, organization, kind, id, list, change, atMs, firstSeenMs, facts, way } = row;
  const { name, before, content, delivered } = row;
  return {
    ...{ seq, organization, kind, id, list, change, atMs, firstSeenMs, facts, way },
    ...(name === null ? {} : { name }),
    ...(before === null ? {} : { before }),
    ...(delivered === null ? {} : { delivered }),
    ...(content === null ? {} : { content }),
  };
}
