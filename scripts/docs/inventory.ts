import type { FieldRule, Kind, Relation } from '../../src/inventory/kind.ts';
import { KINDS } from '../../src/inventory/kinds.ts';
import { code, table } from './table.ts';

/** What is read: one row a list. */
export function listTable(): string {
  const head = ['Kind', 'What it is', 'List', 'For each', 'Page', 'Id', 'Name', 'Family', 'Pace'];
  return table(
    head,
    KINDS.map(kind => [
      code(kind.name),
      kind.says,
      code(kind.route + queryOf(kind)),
      kind.parent,
      kind.pages === 'single' ? 'one object' : `${kind.pageSize ?? 100}, ${code(kind.pages)}`,
      Object.keys(kind.id).map(code).join(', '),
      kind.label === undefined ? '' : code(kind.label),
      kind.family,
      kind.pace,
    ]),
  );
}

/** What becomes of each field: one row a kind. */
export function fieldTable(): string {
  const named = (kind: Kind, rule: FieldRule) =>
    Object.entries(kind.fields)
      .filter(([, each]) => each === rule)
      .map(([path]) => (path === '*' ? 'all others' : code(path)))
      .join(', ');
  return table(
    ['Kind', 'A change is news', 'Kept, no news', 'Never kept'],
    perKind().map(kind => [code(kind.name), named(kind, 'change'), named(kind, 'state'), named(kind, 'secret')]),
  );
}

/** The edges: one row each. */
export function relationTable(): string {
  const rows = KINDS.flatMap(kind => kind.relations.map(relation => edgeRow(kind, relation)));
  return table(['From', '`relationship.type`', 'To', 'When'], distinct(rows));
}

/** After which audit events something is worth reading again: one row a kind. */
export function touchTable(): string {
  const rows = perKind().map(({ name }) => {
    const events = KINDS.filter(kind => kind.name === name).flatMap(kind => kind.events);
    return [code(name), [...new Set(events)].map(code).join(', ')];
  });
  return table(['Kind', 'Audit events'], rows);
}

function queryOf({ query = {} }: Kind): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}

function edgeRow({ name }: Kind, { type, from, to, when }: Relation): readonly string[] {
  const condition = when === undefined ? '' : `${code(when[0])} is ${code(when[1])}`;
  return [code(from?.kind ?? name), code(type), code(to?.kind ?? name), condition];
}

/** The first row of each kind: what the rows of one kind have in common. */
function perKind(): readonly Kind[] {
  return KINDS.filter((kind, index) => KINDS.findIndex(({ name }) => name === kind.name) === index);
}

function distinct(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(rows.map(row => [row.join(), row])).values()];
}
