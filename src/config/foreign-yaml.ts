import { parse } from 'yaml';

/** What another program's YAML holds; undefined when it is none, or repeats itself without measure. */
export function parseForeignYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100, uniqueKeys: false, strict: false, logLevel: 'silent' });
  } catch {
    return undefined;
  }
}
