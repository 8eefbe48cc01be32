import type { Id } from '../inventory/entity.ts';
import type { Kind } from '../inventory/kind.ts';
import { type List, listsBelow, topLists } from '../inventory/list.ts';
import { type ListState, showsFamily } from '../inventory/plan.ts';
import type { Thing } from '../inventory/thing.ts';
import type { InventoryItem } from '../storage/inventory-storage.ts';
import { knownOf } from './inventory-ledger.ts';

/** The lists of one organization as far as they are known, and what is known of each. */
export class InventoryLists {
  readonly #kinds: readonly Kind[];
  readonly #organization: Id;
  readonly #lists = new Map<string, List>();
  readonly #states = new Map<string, ListState>();
  /** Lists that are read for something new: whatever they show is new, too. */
  readonly #news = new Set<string>();

  constructor(kinds: readonly Kind[], organization: Id) {
    this.#kinds = kinds;
    this.#organization = organization;
    for (const list of topLists(kinds, organization)) this.#lists.set(list.path, list);
  }

  /** As they were: `parents` are the things for which lists are read, those above before those below. */
  open(states: readonly (readonly [path: string, ListState])[], parents: readonly InventoryItem[]): void {
    for (const [path, state] of states) this.#states.set(path, state);
    for (const parent of parents) this.add(knownOf(parent).thing, this.#wasNews(parent));
  }

  get all(): readonly List[] {
    return [...this.#lists.values()];
  }

  find(path: string): List | undefined {
    return this.#lists.get(path);
  }

  stateOf({ path }: List): ListState | undefined {
    return this.#states.get(path);
  }

  /** Those that were ever read, with what that came to last. */
  get read(): readonly (readonly [List, ListState])[] {
    return this.all.flatMap(list => {
      const state = this.stateOf(list);
      return state === undefined ? [] : [[list, state] as const];
    });
  }

  /** The same of one reading of everything, by its start. */
  readIn(reading: number): readonly (readonly [List, ListState])[] {
    return this.read.filter(([, state]) => state.reading === reading);
  }

  keep({ path }: List, state: ListState): void {
    this.#states.set(path, state);
  }

  forget({ path }: List): void {
    this.#lists.delete(path);
    this.#states.delete(path);
    this.#news.delete(path);
  }

  /** The lists that are read for a thing, known or not. */
  below(thing: Pick<Thing, 'kind' | 'id'>): readonly List[] {
    return listsBelow(this.#kinds, thing, this.#organization);
  }

  /** Learns of a thing; the lists that are read for it and were not known. */
  add(thing: Pick<Thing, 'kind' | 'id'>, isNews: boolean): readonly List[] {
    const fresh = this.below(thing).filter(({ path }) => !this.#lists.has(path));
    for (const list of fresh) {
      this.#lists.set(list.path, list);
      if (isNews) this.#news.add(list.path);
    }
    return fresh;
  }

  /** Whether something in a list that was not known is news: before it was read whole, it is only seen for the first time. */
  tellsNews(list: List): boolean {
    return this.stateOf(list)?.readAtMs !== undefined || this.#news.has(list.path);
  }

  /** Whether another list has shown since then that the API still tells of a list's family. */
  isServed(list: List, sinceMs: number): boolean {
    return this.#witnesses(list).some(([, { attemptedAtMs }]) => attemptedAtMs >= sinceMs);
  }

  /** Another list that can show whether the API still tells of a list's family: it did when it was read last. */
  witnessOf(list: List): List | undefined {
    return this.#witnesses(list)[0]?.[0];
  }

  #witnesses({ path, kind }: List): readonly (readonly [List, ListState])[] {
    return this.read.filter(
      ([list, state]) => list.path !== path && list.kind.family === kind.family && showsFamily(list, state),
    );
  }

  #wasNews({ list, firstSeenMs }: InventoryItem): boolean {
    const { firstReadAtMs } = this.#states.get(list) ?? {};
    return this.#news.has(list) || (firstReadAtMs !== undefined && firstSeenMs > firstReadAtMs);
  }
}
