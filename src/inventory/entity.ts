import type { Item } from '../api/inventory.ts';
import type { Value } from '../record.ts';
import type { End, FieldRule, Kind, KindName, Relation, RelationType } from './kind.ts';
import { KINDS } from './kinds.ts';
import { type Path, textAt, valuesAt } from './path.ts';

/** What identifies a thing among its kind, such as `{ 'project.id': 'proj_1', 'rate_limit.id': 'rl-o3' }`. */
export type Id = Readonly<Record<string, string>>;

export interface Reference {
  readonly kind: KindName | 'organization';
  readonly id: Id;
}

export interface Edge {
  readonly from: Reference;
  readonly type: RelationType;
  /** Perhaps of something that is not listed any more: a key outlives its owner. */
  readonly to: Reference;
}

/** An item of a list, as part of the graph. */
export interface Entity {
  readonly kind: KindName;
  readonly form: Kind['form'];
  readonly id: Id;
  readonly name: string | undefined;
  /** The item, without what is secret. */
  readonly description: Readonly<Record<string, Value>>;
  readonly relations: readonly Edge[];
}

/** The organization itself, which no list holds. `id` is the configured one, or else the configured name. */
export function organizationId(id: string): Id {
  return { 'organization.id': id };
}

/**
 * What an item of a list is. `parent` holds what fills the placeholders of the list's route, and the organization's id.
 * Undefined when the item lacks what identifies it.
 */
export function readEntity(kind: Kind, parent: Id, item: Item): Entity | undefined {
  const id = identify(kind, parent, item);
  if (id === undefined) return undefined;
  const self: Reference = { kind: kind.name, id };
  return {
    ...self,
    kind: kind.name,
    form: kind.form,
    name: kind.label === undefined ? undefined : textAt(item, kind.label),
    description: withoutSecrets(item, kind),
    relations: kind.relations.flatMap(relation => edgesOf(relation, self, parent, item)),
  };
}

/** What becomes of a field: the most particular rule that names it or something above it; else of `*`; else `state`. */
export function ruleOf(kind: Kind, path: Path): FieldRule {
  const { fields } = kind;
  for (let name = path; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (rule !== undefined) return rule;
  }
  return fields['*'] ?? 'state';
}

/** Names a thing in one text, such as `rate_limit proj_1/rl-o3`. */
export function referenceText({ kind, id }: Reference): string {
  return `${kind} ${Object.values(id).join('/')}`;
}

function identify(kind: Kind, parent: Id, item: Item): Id | undefined {
  const parts = Object.entries(kind.id).map(([part, path]) => [part, partOf(path, parent, item)[0]] as const);
  return parts.every(([, text]) => text !== undefined) ? (Object.fromEntries(parts) as Id) : undefined;
}

const PLACEHOLDER = /^\{(\w+)_id\}$/;

/** What stands at a path, of the item or of the route: several texts where the path goes through a list. */
function partOf(path: Path, parent: Id, item: Item): readonly string[] {
  const above = PLACEHOLDER.exec(path)?.[1];
  const found = above === undefined ? valuesAt(item, path) : [parent[`${above}.id`] ?? ''];
  return found.filter((value): value is string => typeof value === 'string' && value !== '');
}

function edgesOf(relation: Relation, self: Reference, parent: Id, item: Item): readonly Edge[] {
  const { type, when } = relation;
  if (when !== undefined && textAt(item, when[0]) !== when[1]) return [];
  const froms = relation.from === undefined ? [self] : referencesTo(relation.from, parent, item);
  const tos = relation.to === undefined ? [self] : referencesTo(relation.to, parent, item);
  return froms.flatMap(from => tos.map(to => ({ from, type, to })));
}

/** The things that an end points to: none where a part of the id is missing. Only its last part may be a list's. */
function referencesTo({ kind, by }: End, parent: Id, item: Item): readonly Reference[] {
  const names = partsOf(kind);
  const texts = by.map(path => partOf(path, parent, item));
  const first = texts.slice(0, -1).map(([text]) => text);
  if (first.includes(undefined)) return [];
  return (texts.at(-1) ?? []).map(last => {
    const parts = [...first, last].map((text, index) => [names[index], text]);
    return { kind, id: Object.fromEntries(parts) as Id };
  });
}

function partsOf(kind: End['kind']): readonly string[] {
  if (kind === 'organization') return Object.keys(organizationId(''));
  return Object.keys(KINDS.find(({ name }) => name === kind)?.id ?? {});
}

/** A whole key, as opposed to one that the API redacted. */
const WHOLE_KEY = /\bsk-[\w-]{20,}/g;

function withoutSecrets(item: Item, kind: Kind): Readonly<Record<string, Value>> {
  return cleaned(item, '') as Record<string, Value>;

  function cleaned(value: Value, path: Path): Value {
    if (typeof value === 'string') return value.replace(WHOLE_KEY, '[key]');
    if (Array.isArray(value)) return value.map(each => cleaned(each, path));
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([name, inner]) => [name, inner, path === '' ? name : `${path}.${name}`]);
    return Object.fromEntries(
      (fields as [string, Value, Path][])
        .filter(([, , where]) => ruleOf(kind, where) !== 'secret')
        .map(([name, inner, where]) => [name, cleaned(inner, where)]),
    );
  }
}
