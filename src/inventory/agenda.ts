import type { List } from './list.ts';

/** What is to be read, and when: what is wanted soon goes before what a reading of everything has left. */
export class Agenda {
  readonly #reading = new Map<string, Map<string, List>>();
  readonly #soon = new Map<string, { readonly list: List; readonly atMs: number }>();

  /** As part of the reading of everything. */
  plan(list: List): void {
    const { route } = list.kind;
    const lists = this.#reading.get(route) ?? new Map<string, List>();
    this.#reading.set(route, lists.set(list.path, list));
  }

  /** At a time; the earlier of two counts. */
  want(list: List, atMs: number): void {
    const known = this.#soon.get(list.path)?.atMs ?? Number.POSITIVE_INFINITY;
    this.#soon.set(list.path, { list, atMs: Math.min(known, atMs) });
  }

  /** It was read, which is enough for the reading of everything. Who wanted it since it was taken saw something newer. */
  read({ path, kind }: List): void {
    this.#reading.get(kind.route)?.delete(path);
  }

  forget(list: List): void {
    this.#soon.delete(list.path);
    this.read(list);
  }

  /** Takes out the next list whose turn it is and that may be read now. */
  take(nowMs: number, mayBeRead: (list: List) => boolean): List | undefined {
    for (const { list, atMs } of this.#soon.values()) if (atMs <= nowMs && mayBeRead(list)) return this.#taken(list);
    for (const lists of this.#reading.values()) {
      for (const list of lists.values()) {
        if (mayBeRead(list)) return this.#taken(list);
        // The others are of the same route.
        break;
      }
    }
    return undefined;
  }

  /** Whether its turn comes by itself, now or in the reading of everything. */
  isDue({ path, kind }: List, nowMs: number): boolean {
    const atMs = this.#soon.get(path)?.atMs ?? Number.POSITIVE_INFINITY;
    return atMs <= nowMs || (this.#reading.get(kind.route)?.has(path) ?? false);
  }

  /** What the reading of everything has left, by route. */
  get left(): ReadonlyMap<string, readonly List[]> {
    const left = [...this.#reading].map(([route, lists]) => [route, [...lists.values()]] as const);
    return new Map(left.filter(([, lists]) => lists.length > 0));
  }

  /** When something is wanted next after a time; infinite when nothing is. */
  nextMs(nowMs: number): number {
    return Math.min(...[...this.#soon.values()].map(({ atMs }) => atMs).filter(atMs => atMs > nowMs));
  }

  #taken(list: List): List {
    this.forget(list);
    return list;
  }
}
