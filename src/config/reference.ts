import type { Section } from './key.ts';
import { organizationSchema, schema } from './schema.ts';

/** What the documentation says about one key. */
export interface ConfigurationKey {
  /** `organizations[].audit_logs.poll_interval`. */
  readonly key: string;
  /** As YAML; undefined where there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  /** Standard variables that speak where the YAML is silent, strongest first. */
  readonly variables: readonly string[];
  /** The accepted form in a few words. */
  readonly accepts: string;
  readonly doc: string;
}

/** Every key of the configuration file, in the order of the annotated default. */
export function configurationKeys(): readonly ConfigurationKey[] {
  return [...keysOf(organizationSchema, 'organizations[].'), ...keysOf(schema, '')];
}

function keysOf(section: Section, prefix: string): readonly ConfigurationKey[] {
  return Object.entries(section.entries).flatMap(([name, entry]) =>
    entry.kind === 'section'
      ? keysOf(entry, `${prefix}${name}.`)
      : [
          {
            key: `${prefix}${name}`,
            default:
              entry.missing === undefined && entry.default !== undefined
                ? asYaml(entry.default, entry.format.shape)
                : undefined,
            required: entry.missing !== undefined,
            variables: entry.variables ?? [],
            accepts: entry.format.accepts,
            doc: entry.doc,
          },
        ],
  );
}

/** In YAML's flow style. */
function asYaml(value: unknown, shape: 'scalar' | 'list' | 'map'): string {
  if (shape === 'map') return '{}';
  if (Array.isArray(value)) return `[${value.map(each => asYaml(each, 'scalar')).join(', ')}]`;
  if (!(value instanceof Map)) return String(value);
  return `{ ${[...value].map(([name, each]) => `${name}: ${each}`).join(', ')} }`;
}

/** The same as a Markdown table, without the form: its bounds are in the messages. */
export function configurationTable(): string {
  const rows = configurationKeys().map(({ key, default: fallback, required, variables, doc }) => {
    const shown = fallback === undefined ? (required ? 'required' : '') : code(fallback);
    return `| ${code(key)} | ${shown} | ${doc.replaceAll('|', '\\|')} | ${variables.map(code).join(', ')} |`;
  });
  return ['| Key | Default | Meaning | Where the YAML is silent |', '|---|---|---|---|', ...rows].join('\n');
}

/** The same with what each key accepts, for the page about the configuration. */
export function configurationReference(): string {
  const rows = configurationKeys().map(({ key, default: fallback, required, accepts, variables, doc }) => {
    const shown = fallback === undefined ? (required ? 'required' : '') : code(fallback);
    const cells = [code(key), accepts, shown, doc].map((cell, n) => (n === 0 ? cell : cell.replaceAll('|', '\\|')));
    return `| ${cells.join(' | ')} | ${variables.map(code).join(', ')} |`;
  });
  return ['| Key | Accepts | Default | Meaning | Where the YAML is silent |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
