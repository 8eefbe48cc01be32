import { joinPath, nameSuffix } from './format.ts';
import type { Key, Section } from './key.ts';
import { OWN_ATTRIBUTES } from './own-attributes.ts';
import type { Raw, Report } from './select.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Completes `raw` in place with what the standard variables say where it is silent. `origins` receives the variable of each
 * path that was set so. An empty variable is an unset one.
 */
export function fillFromVariables(
  section: Section,
  raw: Raw,
  path: string,
  env: Environment,
  origins: Map<string, string>,
  report: Report,
): void {
  const spoken = new Set(groupsOf(section, raw));
  for (const [name, entry] of Object.entries(section.entries)) {
    const childPath = joinPath(path, nameSuffix(name));
    if (entry.kind === 'section') {
      const child = isRaw(raw[name]) ? raw[name] : {};
      fillFromVariables(entry, child, childPath, env, origins, report);
      if (Object.keys(child).length > 0) raw[name] = child;
      continue;
    }
    const variable = entry.variables?.find(each => isSet(env, each));
    if (variable === undefined || entry.adds || raw[name] !== undefined || spoken.has(entry.group ?? '')) continue;
    origins.set(childPath, variable);
    const reading = entry.fromVariable?.(env[variable] ?? '') ?? { value: env[variable] };
    if ('value' in reading) raw[name] = reading.value;
    else for (const fault of reading.faults) report(childPath, fault, entry);
  }
}

export function isSet(env: Environment, variable: string): boolean {
  return env[variable] !== undefined && env[variable] !== '';
}

function groupsOf(section: Section, raw: Raw): readonly string[] {
  return Object.entries(section.entries).flatMap(([name, entry]) =>
    entry.kind === 'key' && entry.group !== undefined && raw[name] !== undefined ? [entry.group] : [],
  );
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Pair = readonly [string, unknown];

/**
 * Pairs of OTEL_RESOURCE_ATTRIBUTES that may join those of the YAML. One bad pair voids all of it, with a warning, as
 * OpenTelemetry specifies; names that the collector sets itself are left out, since platforms inject them.
 */
export function pairsFromVariable(
  key: Key<unknown>,
  env: Environment,
  own: readonly Pair[],
  warn: (message: string) => void,
): readonly Pair[] {
  const variable = key.variables?.find(each => isSet(env, each));
  if (variable === undefined) return [];
  const decoded = key.fromVariable?.(env[variable] ?? '');
  const pairs = decoded !== undefined && 'value' in decoded ? (decoded.value as readonly Pair[]) : undefined;
  const usable = pairs?.filter(([name]) => !OWN_ATTRIBUTES.includes(name));
  if (usable === undefined || 'faults' in key.format.read(usable)) {
    warn(`${variable} is ignored: it is not a list of pairs such as name=value,name2=value2, percent-encoded`);
    return [];
  }
  const left = (pairs ?? []).filter(([name]) => OWN_ATTRIBUTES.includes(name)).map(([name]) => name);
  if (left.length > 0) warn(`${variable}: ${left.join(' and ')} is left out, since the collector sets it itself`);
  const names = new Set(own.map(([name]) => name));
  return usable.filter(([name]) => !names.has(name));
}
