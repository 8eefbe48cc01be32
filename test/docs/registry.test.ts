import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import {
  inventoryGroups,
  type RegistryAttribute,
  registryEvents,
  registryGroups,
} from '../../scripts/docs/registry.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { EVENT_TYPES } from '../../src/processor/event-types.ts';
import type { LogRecord, Value } from '../../src/record.ts';
import { auditRecords, ownRecords } from '../support/every-record.ts';
import { inventoryRecords } from '../support/inventory-records.ts';

const DETAILS = 'openai.audit.details';
const registry = new Map(registryGroups().flatMap(group => group.attributes.map(each => [each.name, each] as const)));
const standard = new Set<unknown>(Object.values(conventions).filter(value => typeof value === 'string'));
const own = await ownRecords();
const records: readonly LogRecord[] = [...auditRecords(), ...own];

/** Of each attribute, the kinds of values that records have: `details` is one, whatever it is called in full. */
const emitted = new Map<string, Set<string>>();
for (const { attributes, resource } of records) {
  for (const [name, value] of Object.entries({ ...resource, ...attributes })) {
    const known = name.startsWith(`${DETAILS}.`) ? DETAILS : name;
    emitted.set(known, (emitted.get(known) ?? new Set()).add(kindOf(value)));
  }
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return value.every(item => typeof item === 'string') ? 'string[]' : 'any[]';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return typeof value;
}

/** A double without a fraction travels as an integer. */
function allows({ type }: RegistryAttribute, kind: string): boolean {
  if (type.startsWith('template[any]')) return true;
  return kind === type || (type === 'double' && kind === 'int');
}

describe('the registry', () => {
  it('is compared with records of every type', () => {
    const told = new Set(records.map(({ attributes }) => attributes['openai.audit.type']));
    expect(Object.keys(EVENT_TYPES).filter(type => !told.has(type))).toEqual([]);
  });

  it('has every attribute of every record, with its type', () => {
    const foreign = Array.from(emitted, ([name, kinds]) => {
      const known = registry.get(name);
      return known !== undefined && [...kinds].every(kind => allows(known, kind)) ? [] : [name, ...kinds];
    });
    expect(foreign.filter(each => each.length > 0)).toEqual([]);
  });

  it('has nothing that no record has', () => {
    expect([...registry.keys()].filter(name => !emitted.has(name))).toEqual([]);
  });

  it('calls standard what the semantic conventions name, and nothing else', () => {
    const misjudged = [...registry.values()].filter(({ name, isStandard }) => standard.has(name) !== isStandard);
    expect(misjudged.map(({ name }) => name)).toEqual([]);
  });

  it('names each attribute once, with an example of its type and, where there are few values, with all of them', () => {
    const all = registryGroups().flatMap(group => group.attributes);
    expect(all.length).toBe(registry.size);
    for (const { name, type, example, brief, values } of all) {
      expect([name, brief !== '', type === 'template[any]' || kindOf(example as Value)]).toEqual([
        name,
        true,
        type === 'template[any]' || type,
      ]);
      const seen = new Set(records.flatMap(({ attributes }) => String(attributes[name] ?? values[0])));
      if (values.length > 0) expect([...seen].toSorted()).toEqual([...values].toSorted());
    }
  });

  it('has the events that the collector says of itself, with their attributes', () => {
    expect(
      registryEvents()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(own.map(({ eventName }) => eventName).toSorted());
    for (const { name, attributes } of registryEvents()) {
      const record = own.find(({ eventName }) => eventName === name);
      const said = Object.keys(record?.attributes ?? {}).filter(each => each.startsWith('openai.'));
      expect(said.toSorted()).toEqual(attributes.map(({ ref }) => ref).toSorted());
    }
  });
});

describe('the registry of the inventory', () => {
  const groups = inventoryGroups().flatMap(group => group.attributes);
  const known = new Map(groups.map(each => [each.name, each]));
  const shared = new Set([...registry.keys(), ...KINDS.flatMap(({ id }) => Object.keys(id))]);
  const templates = groups.filter(({ type }) => type.startsWith('template')).map(({ name }) => name);
  const sent = inventoryRecords().flatMap(({ attributes }) =>
    Object.entries(attributes).map(
      ([name, value]) => [templates.find(each => name.startsWith(`${each}.`)) ?? name, value] as const,
    ),
  );

  it('has every attribute of every record, with its type, unless records of events have it too', () => {
    const foreign = sent.filter(([name, value]) => {
      const type = known.get(name)?.type;
      return type === undefined ? !shared.has(name) : !(/any|template/.test(type) || type === kindOf(value));
    });
    expect(foreign).toEqual([]);
  });

  it('has nothing that no record has', () => {
    const names = new Set(sent.map(([name]) => name));
    expect([...known.keys()].filter(name => !names.has(name))).toEqual([]);
  });

  it('names nothing that the semantic conventions name', () => {
    expect([...known.keys()].filter(name => standard.has(name))).toEqual([]);
  });
});
