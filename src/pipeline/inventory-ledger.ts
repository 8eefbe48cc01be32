import type { Finding, Known } from '../inventory/difference.ts';
import type { KindName } from '../inventory/kind.ts';
import type { List } from '../inventory/list.ts';
import { idText, packed, type Thing, unpacked } from '../inventory/thing.ts';
import type { ChangeFacts, ObservedChange } from '../processor/processor.ts';
import type { LogRecord } from '../record.ts';
import type { InventoryChange, InventoryItem, WaitingInventory } from '../storage/inventory-storage.ts';

/** A thing as the state has it. */
export function knownOf({ kind, name, content, firstSeenMs, reportedMs }: InventoryItem): Known {
  const thing: Thing = { ...unpacked(content), kind: kind as KindName, name };
  return { thing, firstSeenMs, reportedMs };
}

/** What is recorded of a finding in a list. */
export function changeOf(list: string, finding: Finding, atMs: number, facts: ChangeFacts): InventoryChange {
  const { change, thing, before, paths, firstSeenMs } = finding;
  return {
    kind: thing.kind,
    id: idText(thing.id),
    list,
    ...(thing.name === undefined ? {} : { name: thing.name }),
    change,
    atMs,
    firstSeenMs,
    ...(before === undefined ? {} : { before: packed(before) }),
    ...(change === 'removed' ? {} : { content: packed(thing) }),
    facts: JSON.stringify({ ...facts, ...(paths === undefined ? {} : { paths }) }),
  };
}

/** What a processor is given: a pure function of the row. */
export function observedChange(row: WaitingInventory): ObservedChange {
  const { organization, way, kind, id, name, change, atMs, firstSeenMs, before, content, facts } = row;
  return {
    ...{ organization, way, kind, id, change, atMs, firstSeenMs },
    facts: JSON.parse(facts),
    ...(name === undefined ? {} : { name }),
    ...(before === undefined ? {} : { before: unpacked(before) }),
    ...(content === undefined ? {} : { after: unpacked(content) }),
  };
}

/** What a change is called where it is refused: by the record that tells of it in words, or else its only one. */
export function calledBy(records: readonly LogRecord[]): { readonly uid: string; readonly eventName: string } {
  const last = records.at(-1);
  return { uid: String(last?.attributes['log.record.uid']), eventName: last?.eventName ?? '' };
}

/** A list in the words of a log. */
export function nameOf({ kind, path }: List): string {
  return `${kind.name} (${path})`;
}
