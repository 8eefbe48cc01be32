import type { ListOutcome } from '../api/inventory.ts';
import type { KindName } from '../inventory/kind.ts';
import { KINDS } from '../inventory/kinds.ts';
import type { List } from '../inventory/list.ts';
import type { InventoryItem } from '../storage/inventory-storage.ts';
import type { AuditTraces } from './audit-traces.ts';
import type { Guise, InventoryJudge } from './inventory-judge.ts';
import type { InventoryLists } from './inventory-lists.ts';
import type { InventoryReading } from './inventory-reading.ts';

export interface DisguisedSettings {
  readonly known: (kind: KindName) => Promise<readonly InventoryItem[]>;
  /** Whether a list is being read, or will be without being wanted. */
  readonly isComing: (list: List) => boolean;
  /** Hears which list is worth reading again. */
  readonly want: (list: List) => void;
  /** Hears which list is to be read again before the reading of everything ends. */
  readonly plan: (list: List) => void;
}

/** Read, but what it shows can be judged only when others are read. */
export interface Unjudged {
  readonly list: List;
  readonly outcome: Exclude<ListOutcome, { state: 'unavailable' }>;
  /** Monotonic. */
  readonly readMs: number;
}

/** What a list showed that nobody knows, and how often it was looked at for it. */
interface Sighting {
  readonly ids: ReadonlySet<string>;
  readonly looks: number;
}

/** So often a list is read again for what is new in it: where something new comes each time, the rest waits. */
const MOST_LOOKS = 3;

/**
 * Lists that show things of another kind in the guise of their own, which can be told apart once all lists of that kind
 * are read. What nobody knows is what it seems to be only where it was listed before and after that: a project, and a
 * key of it, may be new, or gone.
 */
export class DisguisedLists {
  readonly #settings: DisguisedSettings;
  readonly #lists: InventoryLists;
  readonly #reading: InventoryReading;
  readonly #judge: InventoryJudge;
  readonly #traces: AuditTraces;
  readonly #unjudged = new Map<string, Unjudged>();
  /** What such a list showed before the others were read. */
  readonly #sighted = new Map<string, Sighting>();
  /** When each list was last asked for, unless that failed; monotonic. */
  readonly #begunMs = new Map<string, number>();

  constructor(
    settings: DisguisedSettings,
    lists: InventoryLists,
    reading: InventoryReading,
    judge: InventoryJudge,
    traces: AuditTraces,
  ) {
    this.#settings = settings;
    this.#lists = lists;
    this.#reading = reading;
    this.#judge = judge;
    this.#traces = traces;
  }

  get unjudged(): readonly Unjudged[] {
    return [...this.#unjudged.values()];
  }

  holds({ path }: List): boolean {
    return this.#unjudged.has(path);
  }

  /** Any list is asked for. */
  begun({ path }: List, nowMs: number): void {
    this.#begunMs.set(path, nowMs);
  }

  /** It had no answer: what it would have shown is not known. */
  failed({ path }: List): void {
    this.#begunMs.delete(path);
  }

  hold(unjudged: Unjudged): void {
    this.#unjudged.set(unjudged.list.path, unjudged);
  }

  judged({ path }: List): void {
    this.#unjudged.delete(path);
    this.#sighted.delete(path);
  }

  /** What a list has in another guise; undefined while others must be read before, or the list itself once more. */
  async guiseOf(unjudged: Unjudged): Promise<Guise | undefined> {
    const { list, outcome } = unjudged;
    const sources = this.#sourcesOf(list);
    if (sources.some(this.#settings.isComing)) return undefined;
    const { except } = list.kind;
    const known = except === undefined ? [] : await this.#settings.known(except);
    const others = new Set(known.map(({ id }) => id));
    if (this.#reading.isUnderWay) {
      const strangers = await this.#judge.strangers(list, outcome, others);
      if (this.#looksAgain(unjudged, sources, strangers)) return undefined;
    }
    const isSure = this.#reading.isUnderWay && this.#areWhole(sources);
    const sighted = isSure ? this.#sighted.get(list.path)?.ids : undefined;
    return { others, isGenuine: id => !others.has(id) && (sighted?.has(id) === true || this.#traces.name(id)) };
  }

  /** Whether what a list shows and nobody knows is looked for again: in what was read before it, then in the list itself. */
  #looksAgain({ list, readMs }: Unjudged, sources: readonly List[], strangers: readonly string[]): boolean {
    const { ids, looks } = this.#sighted.get(list.path) ?? { ids: new Set(), looks: 0 };
    if (looks === MOST_LOOKS || strangers.every(id => ids.has(id))) return false;
    const behind = sources.filter(({ path }) => (this.#begunMs.get(path) ?? Number.NEGATIVE_INFINITY) < readMs);
    for (const each of behind) this.#settings.want(each);
    if (behind.length > 0) return true;
    if (!this.#areWhole(sources)) return false;
    this.#sighted.set(list.path, { ids: new Set(strangers), looks: looks + 1 });
    this.#unjudged.delete(list.path);
    this.#settings.plan(list);
    return true;
  }

  /** The lists that show what a list has in another guise, and those that tell which of these there are. */
  #sourcesOf({ kind: { except } }: List): readonly List[] {
    const parent = KINDS.find(({ name }) => name === except)?.parent;
    return this.#lists.all.filter(({ kind: { name } }) => name === except || name === parent);
  }

  #areWhole(lists: readonly List[]): boolean {
    return lists.length > 0 && lists.every(each => this.#lists.stateOf(each)?.state === 'complete');
  }
}
