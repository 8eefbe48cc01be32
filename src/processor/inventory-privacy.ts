import type { LogRecord, Value } from '../record.ts';
import { ATTRIBUTE } from './attribute-names.ts';
import { HiddenValues, protect } from './hidden-values.ts';
import { valuesOfThing } from './inventory-values.ts';
import { isMap } from './json.ts';
import { type Privacy, rulesOf } from './privacy-rules.ts';
import type { InventoryProcessor, ObservedChange } from './processor.ts';

/**
 * The same mapping, and then the values of ruled attributes are taken out or replaced, wherever in the records they
 * stand: mail addresses, ids, and the names of people, projects, accounts and keys.
 */
export function withInventoryPrivacy(
  map: InventoryProcessor,
  { rules, key = '' }: Privacy = { rules: {}, key: undefined },
): InventoryProcessor {
  const all = rulesOf(rules);
  if ([...all.values()].every(rule => rule === 'keep')) return map;
  return change => {
    const records = map(change);
    const values = new HiddenValues(key);
    for (const [name, rule] of all) {
      for (const { attributes } of records) for (const text of textsIn(attributes[name])) values.add(text, rule);
    }
    for (const [text, rule] of valuesOf(change, all)) values.add(text, rule);
    return records.map(record => masked(record, values, key));
  };
}

function valuesOf({ kind, name, before, after }: ObservedChange, rules: ReturnType<typeof rulesOf>) {
  return [before, after].flatMap(thing => (thing === undefined ? [] : valuesOfThing(kind, name, thing, rules)));
}

function textsIn(value: Value | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(item => textsIn(item as Value));
  return typeof value === 'string' ? [value] : [];
}

/** Without these nothing else could be read, and none of them tells of anybody. */
const STRUCTURE: ReadonlySet<string> = new Set([
  ATTRIBUTE.eventName,
  'entity.type',
  'relationship.type',
  'relationship.direction',
  'relationship.source.type',
  'openai.inventory.kind',
  'openai.inventory.change.paths',
  'openai.inventory.explained_by.type',
]);

function masked(record: LogRecord, values: HiddenValues, key: string): LogRecord {
  const attributes = maskedValue(record.attributes, values) as LogRecord['attributes'];
  const { body: whole, ...others } = record;
  const body = whole === undefined ? undefined : maskedValue(whole, values);
  const uid = record.attributes[ATTRIBUTE.uid];
  return {
    ...others,
    ...(body === undefined ? {} : { body }),
    attributes: typeof uid === 'string' ? { ...attributes, [ATTRIBUTE.uid]: maskedUid(uid, values, key) } : attributes,
  };
}

/** Two records must not have one uid because what tells them apart is hidden. */
function maskedUid(uid: string, values: HiddenValues, key: string): string {
  if (values.mask(uid) === uid) return uid;
  return `${uid.slice(0, uid.indexOf('/'))}/${protect('hash', uid, key)}`;
}

function maskedValue(value: Value, values: HiddenValues): Value | undefined {
  if (typeof value === 'string') return values.mask(value);
  if (typeof value !== 'object' || value === null) return value;
  if (!isMap(value)) return (value as readonly Value[]).flatMap(item => maskedValue(item, values) ?? []);
  const kept = Object.entries(value).map(
    ([name, inner]) => [name, STRUCTURE.has(name) ? inner : maskedValue(inner, values)] as const,
  );
  return Object.fromEntries(kept.filter((each): each is [string, Value] => each[1] !== undefined));
}
