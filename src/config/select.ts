import type { Tables, Tree } from './document.ts';
import { type Fault, joinPath, nameSuffix, unknownKey } from './format.ts';
import type { Key, Section } from './key.ts';
import { configurationKeys } from './reference.ts';

/** A section's values as convict can hold them: known keys only, no nulls, free maps as lists of pairs. */
export interface Raw {
  [name: string]: unknown;
}

/** An organization and its key as the person wrote it, `organizations[0]`. */
export interface RawOrganization {
  readonly path: string;
  readonly raw: Raw;
}

/** Reports a fault of the value at `path`; `key` is its setting, where there is one. */
export type Report = (path: string, fault: Fault, key?: Key<unknown>) => void;

/** What the file says about a section. Unknown keys and values of another shape are reported and left out. */
export function select(
  section: Section,
  tree: Tables,
  path: string,
  report: Report,
  alsoKnown: readonly string[] = [],
): Raw {
  const selected: Raw = {};
  for (const [name, value] of tree) {
    const childPath = joinPath(path, nameSuffix(name));
    const entry = Object.hasOwn(section.entries, name) ? section.entries[name] : undefined;
    if (entry === undefined) {
      if (alsoKnown.includes(name)) continue;
      report(childPath, unknownFault(name, [...alsoKnown, ...Object.keys(section.entries)]));
    } else if (entry.kind === 'section') {
      if (value instanceof Map) selected[name] = select(entry, value, childPath, report);
      else report(childPath, { at: '', message: `must be a map with ${Object.keys(entry.entries).join(', ')}` });
    } else if (shapeOf(value) === entry.format.shape) {
      selected[name] = value instanceof Map ? [...value] : value;
    } else {
      const fault = { at: '', message: `is not ${entry.format.accepts}`, subject: { value }, meant: name };
      report(childPath, fault, entry);
    }
  }
  return selected;
}

function unknownFault(name: string, known: readonly string[]): Fault {
  const fault = unknownKey(name, known);
  const elsewhere = configurationKeys().find(({ key }) => key.endsWith(`.${name}`));
  if (elsewhere === undefined || fault.meant !== undefined) return fault;
  return { ...fault, message: `unknown key; \`${name}\` belongs in \`${elsewhere.key.slice(0, -name.length - 1)}\`` };
}

function shapeOf(value: Tree): 'scalar' | 'list' | 'map' {
  if (value instanceof Map) return 'map';
  return Array.isArray(value) ? 'list' : 'scalar';
}
