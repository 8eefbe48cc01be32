import { stringify } from 'yaml';
import type { Key, Section } from './key.ts';
import { organizationSchema, schema } from './schema.ts';
import type { Raw } from './select.ts';

const HIDDEN = '[hidden]';

/** The configuration with all its defaults, variables and references resolved, as YAML that a person can compare. No secret. */
export function resolvedYaml(organizations: readonly Raw[], rest: Raw): string {
  return stringify({
    organizations: organizations.map(raw => ofSection(organizationSchema, raw)),
    ...ofSection(schema, rest),
  });
}

function ofSection({ entries }: Section, raw: Raw): Readonly<Record<string, unknown>> {
  const known = Object.entries(entries).map(([name, entry]) => [
    name,
    entry.kind === 'section' ? ofSection(entry, (raw[name] ?? {}) as Raw) : ofKey(entry, raw[name]),
  ]);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function ofKey({ default: fallback, format, secret, missing }: Key<unknown>, own: unknown): unknown {
  const value = own ?? (missing === undefined ? fallback : undefined);
  if (format.shape !== 'map') return secret && value !== undefined ? HIDDEN : withoutQuery(value);
  const pairs = (value ?? []) as readonly (readonly [string, unknown])[];
  return Object.fromEntries(pairs.map(([name, each]) => [name, secret ? HIDDEN : each]));
}

/** The query of an endpoint may hold a token. */
function withoutQuery(value: unknown): unknown {
  return typeof value === 'string' && URL.canParse(value) ? value.replace(/\?.*$/, `?${HIDDEN}`) : value;
}
