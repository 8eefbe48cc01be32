import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type Document as YamlDocument,
} from 'yaml';
import { joinPath, nameSuffix } from './format.ts';
import type { Problem } from './problem.ts';
import { type References, substitute } from './substitute.ts';

/** A place in the file, both counted from one. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Tree = string | number | boolean | readonly Tree[] | Tables;
export type Tables = ReadonlyMap<string, Tree>;

/** A YAML file after substitution, without its nulls, and where everything in it stands. */
export interface Document {
  readonly root: Tables;
  /** By path, such as `organizations[0].name`. */
  readonly keys: ReadonlyMap<string, Position>;
  readonly values: ReadonlyMap<string, Position>;
  /** What the person wrote, where a reference was replaced. */
  readonly written: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

export const EMPTY_DOCUMENT: Document = {
  root: new Map(),
  keys: new Map(),
  values: new Map(),
  written: new Map(),
  problems: [],
};

/** No configuration needs more; YAML aliases can make a small file huge, or endless. */
const MOST_NODES = 20_000;
const LONGEST_PATH = 1_000;

/** Never throws for what the file says: what is wrong is in `problems`, which repeat nothing of the file but keys. */
export async function readDocument(text: string, references: References): Promise<Document> {
  const lines = new LineCounter();
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const syntax = firstOfLines(
    [...yaml.errors, ...yaml.warnings].map(error => ({
      key: '',
      message: syntaxMessage(error),
      at: positionOf(error.pos[0]),
    })),
  );
  if (syntax.length > 0) return { ...EMPTY_DOCUMENT, problems: syntax };
  return new Reader(yaml, positionOf, references).read();
}

/** What follows on the same line is mostly a consequence. */
function firstOfLines(problems: readonly Required<Problem>[]): readonly Problem[] {
  return problems.filter(({ at }, index) => problems.findIndex(other => other.at?.line === at?.line) === index);
}

/** These messages of the parser quote the file, which may hold a secret just there. */
const OWN_SYNTAX_MESSAGES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  UNEXPECTED_TOKEN: `something stands here that YAML does not expect; put text with special characters in quotes, and \${...} within { } too`,
  TAG_RESOLVE_FAILED: 'a YAML tag (!...) is not possible here; put text that starts with ! in quotes',
  BAD_COLLECTION_TYPE: 'a YAML tag (!...) is not possible here',
  BAD_DIRECTIVE: 'a YAML directive (%...) is not possible here',
  MULTIPLE_DOCS: 'a second document (---) is not possible; one file holds one configuration',
  BAD_DQ_ESCAPE: 'this backslash sequence does not exist; put the text in single quotes',
};

function syntaxMessage(error: YAMLError): string {
  return `not valid YAML: ${OWN_SYNTAX_MESSAGES[error.code] ?? error.message}`;
}

class Reader {
  readonly #yaml: YamlDocument;
  readonly #positionOf: (offset: number) => Position;
  readonly #references: References;
  readonly #keys = new Map<string, Position>();
  readonly #values = new Map<string, Position>();
  readonly #written = new Map<string, string>();
  readonly #problems: Problem[] = [];
  #nodes = 0;

  constructor(yaml: YamlDocument, positionOf: (offset: number) => Position, references: References) {
    this.#yaml = yaml;
    this.#positionOf = positionOf;
    this.#references = references;
  }

  async read(): Promise<Document> {
    const contents = this.#yaml.contents;
    const tree = contents === null ? undefined : await this.#tree(contents as Node, '');
    if (tree !== undefined && !(tree instanceof Map))
      this.#report('', 'must be a map of settings, such as `organizations:` and `exporter:`');
    if (this.#nodes > MOST_NODES)
      this.#problems.splice(0, Infinity, { key: '', message: 'too large: its aliases repeat too much' });
    return {
      root: tree instanceof Map ? tree : new Map(),
      keys: this.#keys,
      values: this.#values,
      written: this.#written,
      problems: this.#problems,
    };
  }

  async #tree(node: unknown, path: string): Promise<Tree | undefined> {
    this.#nodes += 1;
    if (path.length > LONGEST_PATH) this.#nodes = MOST_NODES + 1;
    if (this.#nodes > MOST_NODES) return undefined;
    const range = (node as Partial<Node> | null)?.range;
    if (range) this.#values.set(path, this.#positionOf(range[0]));
    if (isAlias(node)) {
      const target = node.resolve(this.#yaml);
      if (target === undefined)
        this.#report(path, 'an alias (*...) without an anchor (&...) before it; put text that starts with * in quotes');
      return target === undefined ? undefined : this.#tree(target, path);
    }
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) return this.#list(node.items, path);
    return isScalar(node) ? this.#scalar(node.value, path) : undefined;
  }

  async #map(pairs: readonly { readonly key: unknown; readonly value: unknown }[], path: string): Promise<Tables> {
    const map = new Map<string, Tree>();
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.#report(path, 'a key must be plain text');
        continue;
      }
      const name = String(key.value);
      const childPath = joinPath(path, nameSuffix(name));
      if (key.range) this.#keys.set(childPath, this.#positionOf(key.range[0]));
      const child = await this.#tree(value, childPath);
      if (child !== undefined) map.set(name, child);
    }
    return map;
  }

  async #list(items: readonly unknown[], path: string): Promise<readonly Tree[]> {
    const list: Tree[] = [];
    for (const item of items) {
      const child = await this.#tree(item, `${path}[${list.length}]`);
      if (child === undefined) this.#reportEmpty(`${path}[${list.length}]`);
      list.push(child ?? '');
    }
    return list;
  }

  async #scalar(value: unknown, path: string): Promise<Tree | undefined> {
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    const substitution = await substitute(value, this.#references);
    if ('faults' in substitution) {
      for (const fault of substitution.faults) this.#report(path, fault);
      return undefined;
    }
    if (!substitution.replaced) return substitution.text;
    this.#written.set(path, value);
    return substitution.text === '' ? undefined : substitution.text;
  }

  /** An element whose reference did not resolve was reported with its reason. */
  #reportEmpty(path: string): void {
    if (!this.#problems.some(({ key }) => key === path)) this.#report(path, 'an empty element; remove it');
  }

  #report(path: string, message: string): void {
    this.#problems.push({ key: path, message, at: this.#values.get(path) });
  }
}
