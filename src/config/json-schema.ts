import type { JsonSchema } from './format.ts';
import type { Key, Section } from './key.ts';
import { organizationSchema, schema } from './schema.ts';

/** The configuration file as JSON Schema (draft 2020-12), by which editors complete and explain it. */
export function configurationJsonSchema(): object {
  const { properties, ...rest } = ofSection(schema);
  const organizations = {
    type: 'array',
    minItems: 1,
    description: 'Whose audit logs to collect. Without it OPENAI_ADMIN_KEY makes one of the name `default`.',
    items: ofSection(organizationSchema),
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'openai-audit-collector',
    ...rest,
    properties: { organizations, ...properties },
  };
}

interface Described {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, object>>;
}

/** A missing key may come from a variable, and a key without a value is silent: neither is an error here. */
function ofSection({ entries }: Section): JsonSchema & Described {
  const properties = Object.entries(entries).map(([name, entry]) => [
    name,
    entry.kind === 'section' ? orNothing(ofSection(entry)) : ofKey(entry),
  ]);
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

function ofKey({ doc, format, default: fallback, missing }: Key<unknown>): object {
  const hasDefault = missing === undefined && fallback !== undefined;
  return {
    description: `${doc} Write ${format.accepts}.`,
    ...(hasDefault ? { default: plain(fallback, format.shape) } : {}),
    ...orNothing(format.json),
  };
}

function orNothing(json: JsonSchema & Described): object {
  return { anyOf: [json, { type: 'null' }] };
}

/** Defaults stand in the schema as convict can hold them. */
function plain(value: unknown, shape: Key<unknown>['format']['shape']): unknown {
  if (shape === 'map') return {};
  if (Array.isArray(value)) return value.map(each => plain(each, 'scalar'));
  return value instanceof Map ? Object.fromEntries(value) : value;
}
