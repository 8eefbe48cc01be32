import type { Kind, KindName } from '../../inventory/kind.ts';
import { KINDS } from '../../inventory/kinds.ts';
import { idText } from '../../inventory/thing.ts';
import { withInventoryPrivacy } from '../../processor/inventory-privacy.ts';
import { at } from '../../processor/json.ts';
import type { Privacy } from '../../processor/privacy-rules.ts';
import type { ObservedChange } from '../../processor/processor.ts';
import type { LogRecord, Value } from '../../record.ts';
import type { Found } from '../reading/inventory-reading.ts';
import { cellOf } from './audit-table.ts';
import type { Column, Row, Table } from './table.ts';

/** A table for each kind of thing that there is in an organization. */
export interface InventoryTable extends Table {
  readonly kind: KindName;
  /** The columns whose cells stand in the route of the list, by the kind that the list is read for. */
  readonly parents: ReadonlyMap<KindName, string>;
}

/** Fields that hold lists or maps. */
const NESTED =
  /^(?:api_project_ids|assignment_sources|attribute_matchers|certificate_details|code_interpreter|enabled_tiers|file_search|image_generation|mcp|model_ids|notification_channel|owner|permissions|projects|provider|web_search)$/;

export const INVENTORY_TABLES: readonly InventoryTable[] = [...new Set(KINDS.map(({ name }) => name))].map(tableOf);

function tableOf(name: KindName): InventoryTable {
  const kinds = KINDS.filter(kind => kind.name === name);
  const [{ says } = { says: name }] = kinds;
  const columns = [
    { name: 'organization', type: 'TEXT', says: "the configuration's name of the organization" },
    { name: 'id', type: 'TEXT', says: `what tells one from another: ${idParts(kinds)}` },
    ...parentColumns(kinds),
    ...fieldColumns(kinds),
    { name: 'raw', type: 'JSON TEXT', says: 'all of it, as the API has it' },
  ] satisfies Column[];
  const distinct = [...new Map(columns.toReversed().map(column => [column.name, column])).values()].toReversed();
  const parents = new Map(kinds.flatMap(({ parent }) => (parent === 'organization' ? [] : [[parent, `${parent}_id`]])));
  return {
    name: plural(name),
    kind: name,
    says: kinds.length === 1 ? says : kinds.map(kind => kind.says).join('; '),
    columns: distinct,
    // No list has anything twice, and what privacy hides may be the same in two rows.
    key: [],
    kept: ['id'],
    parents: parents as ReadonlyMap<KindName, string>,
  };
}

function plural(name: string): string {
  return name.endsWith('s') ? name : `${name}s`;
}

function idParts(kinds: readonly Kind[]): string {
  return [...new Set(kinds.map(({ id }) => Object.keys(id).map(flat).join('/')))].join(', or ');
}

/** What the list is read for, and what else is a part of the id. */
function parentColumns(kinds: readonly Kind[]): readonly Column[] {
  const parts = kinds.flatMap(({ route, id }) => [
    ...[...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    ...(Object.keys(id).length > 1 ? Object.keys(id).map(flat) : []),
  ]);
  return [...new Set(parts)].map(name => ({
    name,
    type: 'TEXT',
    says: `the ${name.replace(/_id$/, '').replaceAll('_', ' ')} that it belongs to`,
  }));
}

function fieldColumns(kinds: readonly Kind[]): readonly Column[] {
  const paths = kinds.flatMap(({ fields, label }) => [
    ...(label === undefined ? [] : [label]),
    ...Object.entries(fields).flatMap(([path, rule]) => (path === '*' || rule === 'secret' ? [] : [path])),
  ]);
  return [...new Set(paths)].map(path => ({ name: flat(path), ...contentOf(path) }));
}

function contentOf(path: string): Omit<Column, 'name'> {
  if (path.endsWith('_at')) return { type: 'ANY', says: 'Unix seconds' };
  return {
    type: NESTED.test(path) ? 'JSON TEXT' : 'ANY',
    says: path.includes('.') ? `\`${path}\` of the API` : 'as the API has it',
  };
}

/** `owner.user.id` as `owner_user_id`. */
function flat(path: string): string {
  return path.replaceAll('.', '_');
}

/** Makes rows of things, in which is hidden what the privacy rules hide. */
export function inventoryRows(
  { columns, kind }: InventoryTable,
  organization: string,
  privacy: Privacy,
): (found: Found) => Row {
  const fields = KINDS.filter(({ name }) => name === kind).flatMap(({ fields, label = '' }) => [
    label,
    ...Object.keys(fields),
  ]);
  const paths = new Map(fields.map(path => [flat(path), path]));
  const mapping = withInventoryPrivacy(change => [recordOf(change)], privacy);
  return ({ entity, parent }) => {
    const change: ObservedChange = {
      organization,
      way: 'query',
      change: 'state',
      kind,
      id: idText(entity.id),
      atMs: 0,
      firstSeenMs: 0,
      after: { ...entity, id: { ...parent, ...entity.id } },
      facts: {},
    };
    const { thing, parts } = (mapping(change)[0]?.attributes ?? {}) as Partial<Shown>;
    const ids = Object.entries(parts ?? {}).filter(([name]) => name !== ORGANIZATION);
    const own = Object.keys(entity.id).flatMap(part => parts?.[part] ?? []);
    const cells = columns.map(({ name, type }) => {
      const path = paths.get(name);
      const found = path === undefined ? undefined : at(thing, ...path.split('.'));
      return [name, cellOf(found, type)] as const;
    });
    return {
      ...Object.fromEntries(cells),
      ...Object.fromEntries(ids.map(([name, text]) => [flat(name), text])),
      organization,
      id: own.join('/') || undefined,
      raw: cellOf(thing, 'JSON TEXT'),
    };
  };
}

const ORGANIZATION = 'organization.id';

interface Shown {
  readonly thing: Value;
  readonly parts: Readonly<Record<string, string>>;
}

function recordOf({ after }: ObservedChange): LogRecord {
  const shown = { thing: after?.description ?? {}, parts: after?.id ?? {} } satisfies Shown;
  return { resource: {}, timestamp: 0, observedAtMs: 0, eventName: '', severityNumber: 0, attributes: shown };
}
