import type { Document, Position } from './document.ts';
import { type Fault, joinPath, nameSuffix } from './format.ts';
import type { Key } from './key.ts';
import type { Problem } from './problem.ts';
import type { Report } from './select.ts';

/** Turns faults into problems with a key and a place, without anything that may be a secret. */
export class Reporter {
  readonly problems: Problem[];
  readonly #document: Document;
  readonly #origins: ReadonlyMap<string, string>;
  readonly #meant = new Set<string>();

  /** `origins` names the variable of each path that did not come from the file. */
  constructor(document: Document, origins: ReadonlyMap<string, string>) {
    this.problems = [...document.problems];
    this.#document = document;
    this.#origins = origins;
  }

  readonly report: Report = (path, fault, key) => {
    const full = joinPath(path, fault.at);
    // A reference that did not resolve leaves a hole, which is no further news.
    if (this.#meant.has(full) || this.#document.problems.some(problem => problem.key === full)) return;
    if (fault.meant !== undefined) this.#meant.add(joinPath(parentOf(full), nameSuffix(fault.meant)));
    const variable = this.#origins.get(path);
    const subject = fault.subject === undefined ? '' : `${this.#show(fault.subject.value, full, key)} `;
    this.problems.push({
      key: variable ?? full,
      message: `${subject}${fault.message}`,
      at: variable === undefined ? this.#locate(full, fault) : undefined,
    });
  };

  #show(value: unknown, path: string, key: Key<unknown> | undefined): string {
    if (value instanceof Map) return 'a map';
    if (Array.isArray(value)) return 'a list';
    const written = this.#document.written.get(path);
    if (key?.secret !== true && written !== undefined) return `the value of ${written}`;
    if (key?.secret === true || mayHoldSecret(String(value))) return 'the value';
    return JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}...` : value);
  }

  /** A missing value stands where its nearest parent does. */
  #locate(path: string, fault: Fault): Position | undefined {
    const own = fault.name === true ? this.#document.keys.get(path) : this.#document.values.get(path);
    if (own !== undefined || path === '') return own;
    return this.#locate(parentOf(path), { at: '', message: '' });
  }
}

function parentOf(path: string): string {
  return path.replace(/(?:^|\.)[^.[\]]+$|\[[^[\]]*\]$/, '');
}

/** A key of OpenAI, or a URL with credentials or a query. */
function mayHoldSecret(text: string): boolean {
  return /sk-|@|\?/.test(text);
}
