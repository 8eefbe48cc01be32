import type { Value } from '../record.ts';

/**
 * Where something stands in an item: `owner.user.id`; in every member of a list, `projects[].id`; only in some of
 * them, `assignment_sources[principal_type=group].principal_id`. In braces it stands not in the item but in the route
 * of its list: `{project_id}`.
 */
export type Path = string;

/** What stands there: nothing, one value, or one for each member of a list. Null is nothing. */
export function valuesAt(value: Value | undefined, path: Path): readonly Value[] {
  return path
    .split('.')
    .reduce<readonly Value[]>((found, segment) => found.flatMap(each => inside(each, segment)), [value ?? null]);
}

/** The first text or number that stands there, as a text. */
export function textAt(value: Value | undefined, path: Path): string | undefined {
  const [first] = valuesAt(value, path);
  return typeof first === 'string' || typeof first === 'number' || typeof first === 'boolean'
    ? String(first)
    : undefined;
}

const SEGMENT = /^(?<name>\w+)(?<list>\[(?:(?<field>\w+)=(?<wanted>[^\]]+))?\])?$/;

function inside(value: Value, segment: string): readonly Value[] {
  const { name = '', list, field, wanted } = SEGMENT.exec(segment)?.groups ?? {};
  const found = isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (found === undefined || found === null) return [];
  if (list === undefined) return [found];
  const members: readonly Value[] = Array.isArray(found) ? found : [];
  return field === undefined ? members : members.filter(member => isMap(member) && member[field] === wanted);
}

function isMap(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
