/** Chunks are split at twice this length: large enough to be few, small enough that a splice inside one costs nothing. */
const CHUNK = 512;

/**
 * Items in ascending order, kept in chunks: appending is O(1), inserting, deleting and seeking are O(log n),
 * so that neither a late item nor a page costs more among millions than among thousands.
 */
export class SortedList<Key, Item extends Key> {
  readonly #compare: (a: Key, b: Key) => number;
  readonly #chunks: Item[][] = [];
  #size = 0;

  constructor(compare: (a: Key, b: Key) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  /** The smallest item. */
  first(): Item | undefined {
    return this.#chunks[0]?.[0];
  }

  add(item: Item): void {
    this.#size += 1;
    const last = this.#chunks.at(-1);
    const newest = last?.at(-1);
    if (last === undefined || newest === undefined) {
      this.#chunks.push([item]);
    } else if (this.#compare(newest, item) <= 0) {
      if (last.length < CHUNK) last.push(item);
      else this.#chunks.push([item]);
    } else {
      this.#insert(item);
    }
  }

  /** Whether the item was there. */
  delete(item: Item): boolean {
    const { chunk, index } = this.#seek(item, 0);
    const items = this.#chunks[chunk];
    if (items === undefined || items[index] !== item) return false;
    items.splice(index, 1);
    if (items.length === 0) this.#chunks.splice(chunk, 1);
    this.#size -= 1;
    return true;
  }

  /** The items strictly between two keys, upwards or downwards. The list must not change meanwhile. */
  *walk(low: Key | undefined, high: Key | undefined, direction: 'up' | 'down'): Generator<Item, undefined> {
    if (direction === 'up') yield* this.#walkUp(low, high);
    else yield* this.#walkDown(low, high);
  }

  *#walkUp(low: Key | undefined, high: Key | undefined): Generator<Item, undefined> {
    const start = low === undefined ? { chunk: 0, index: 0 } : this.#seek(low, 1);
    for (let chunk = start.chunk, from = start.index; chunk < this.#chunks.length; chunk += 1, from = 0) {
      const items = this.#chunks[chunk] ?? [];
      for (let index = from; index < items.length; index += 1) {
        const item = items[index] as Item;
        if (high !== undefined && this.#compare(item, high) >= 0) return;
        yield item;
      }
    }
  }

  *#walkDown(low: Key | undefined, high: Key | undefined): Generator<Item, undefined> {
    const end = high === undefined ? { chunk: this.#chunks.length, index: 0 } : this.#seek(high, 0);
    for (let chunk = end.chunk; chunk >= 0; chunk -= 1) {
      const items = this.#chunks[chunk] ?? [];
      for (let index = (chunk === end.chunk ? end.index : items.length) - 1; index >= 0; index -= 1) {
        const item = items[index] as Item;
        if (low !== undefined && this.#compare(item, low) <= 0) return;
        yield item;
      }
    }
  }

  #insert(item: Item): void {
    const { chunk, index } = this.#seek(item, 1);
    const items = this.#chunks[chunk] as Item[];
    items.splice(index, 0, item);
    if (items.length > 2 * CHUNK) this.#chunks.splice(chunk + 1, 0, items.splice(CHUNK));
  }

  /** Place of the first item that compares with `key` as `least` or more: 0 for not below it, 1 for above it. */
  #seek(key: Key, least: 0 | 1): { chunk: number; index: number } {
    const reaches = (item: Item) => this.#compare(item, key) >= least;
    const chunk = firstWhere(this.#chunks.length, at => reaches(this.#chunks[at]?.at(-1) as Item));
    const items = this.#chunks[chunk];
    return { chunk, index: items === undefined ? 0 : firstWhere(items.length, at => reaches(items[at] as Item)) };
  }
}

/** The lowest index below `length` for which a monotonous condition holds, or `length`. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
