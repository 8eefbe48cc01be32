import { type Dimension, type StoredEvent, traitsOf } from './audit-event.ts';
import { SortedList } from './sorted-list.ts';

/** A place in the order of time; events of one second follow in the order of their arrival. */
export interface Place {
  readonly effectiveAt: number;
  readonly arrival: number;
}

export interface Entry extends Place {
  readonly event: StoredEvent;
}

export type Entries = SortedList<Place, Entry>;

/** The values to find, by dimension; an event matches when each dimension has one of them. */
export type Filters = ReadonlyMap<Dimension, ReadonlySet<string>>;

export function comparePlaces(a: Place, b: Place): number {
  return a.effectiveAt - b.effectiveAt || a.arrival - b.arrival;
}

/**
 * The listed events of one stream in the order of time. An index by a dimension is built when it is first asked for, and
 * kept from then on: most organizations are never filtered, and a filtered page must not read the history.
 */
export class Shelf {
  readonly #all: Entries = new SortedList(comparePlaces);
  readonly #indexes = new Map<Dimension, Map<string, Entries>>();

  get size(): number {
    return this.#all.size;
  }

  oldestAt(): number | undefined {
    return this.#all.first()?.effectiveAt;
  }

  add(entry: Entry): void {
    this.#all.add(entry);
    for (const [dimension, index] of this.#indexes) addToIndex(index, dimension, entry);
  }

  remove(entry: Entry): void {
    if (!this.#all.delete(entry)) return;
    for (const [dimension, index] of this.#indexes) {
      for (const trait of traitsOf(entry.event, dimension)) {
        const entries = index.get(trait);
        entries?.delete(entry);
        if (entries?.size === 0) index.delete(trait);
      }
    }
  }

  /** The shortest lists that together hold every match; some of what they hold may not match. */
  candidates(filters: Filters): readonly Entries[] {
    const options = [...filters].map(([dimension, values]) => this.#withTraits(dimension, values));
    return options.reduce((best, next) => (total(next) < total(best) ? next : best), options[0] ?? [this.#all]);
  }

  #withTraits(dimension: Dimension, values: ReadonlySet<string>): readonly Entries[] {
    const index = this.#indexes.get(dimension) ?? this.#build(dimension);
    return [...values].flatMap(value => index.get(value) ?? []);
  }

  #build(dimension: Dimension): Map<string, Entries> {
    const index = new Map<string, Entries>();
    for (const entry of this.#all.walk(undefined, undefined, 'up')) addToIndex(index, dimension, entry);
    this.#indexes.set(dimension, index);
    return index;
  }
}

function addToIndex(index: Map<string, Entries>, dimension: Dimension, entry: Entry): void {
  for (const trait of traitsOf(entry.event, dimension)) {
    let entries = index.get(trait);
    if (entries === undefined) {
      entries = new SortedList(comparePlaces);
      index.set(trait, entries);
    }
    entries.add(entry);
  }
}

function total(lists: readonly Entries[]): number {
  return lists.reduce((sum, list) => sum + list.size, 0);
}
