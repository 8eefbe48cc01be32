import type { Clock } from '../clock.ts';
import { type AuditTrace, concernsInventory, kindsNamed, touches, traceOf } from '../inventory/audit-trace.ts';
import type { List } from '../inventory/list.ts';
import type { InventoryItem } from '../storage/inventory-storage.ts';
import type { AuditTraces } from './audit-traces.ts';
import type { InventoryLists } from './inventory-lists.ts';

export interface HearingSettings {
  readonly clock: Clock;
  readonly known: (kind: string) => Promise<readonly InventoryItem[]>;
  /** Hears which list is worth reading again. */
  readonly want: (list: List) => void;
}

/** The other clock may be ahead of this one. */
const SKEW_S = 120;
/** What happened before is known from a reading since then. */
const LONG_AGO_MS = 2 * 3_600_000;

/** Hears the audit events: what they name is worth reading again. */
export class InventoryHearing {
  readonly #settings: HearingSettings;
  readonly #lists: InventoryLists;
  readonly #traces: AuditTraces;
  /** What names things that must be looked for: events come by the hundred, and are looked up together. */
  readonly #unsought: AuditTrace[] = [];

  constructor(settings: HearingSettings, lists: InventoryLists, traces: AuditTraces) {
    this.#settings = settings;
    this.#lists = lists;
    this.#traces = traces;
  }

  /** Resolves when all lists are wanted that an event makes worth reading. */
  async hear(uid: string, type: string, effectiveAt: number, event: string): Promise<void> {
    if (!concernsInventory(type)) return;
    if (effectiveAt * 1000 < this.#settings.clock.nowMs() - LONG_AGO_MS) return;
    const trace = traceOf(uid, type, effectiveAt, JSON.parse(event));
    this.#traces.add(trace);
    for (const list of this.#lists.all) if (touches(trace, list)) this.#wantAfter(trace, list);
    this.#unsought.push(trace);
    if (this.#unsought.length > 1) return;
    await Promise.resolve();
    await this.#seek(this.#unsought.splice(0));
  }

  /** The lists that hold a thing of whose id an event names a part besides the project. */
  async #seek(traces: readonly AuditTrace[]): Promise<void> {
    const named = traces.flatMap(trace => kindsNamed(trace).map(({ name }) => [name, trace] as const));
    for (const [kind, mine] of Map.groupBy(named, ([name]) => name)) {
      for (const { id, list: path } of await this.#settings.known(kind)) {
        const list = this.#lists.find(path);
        const parts = id.split('/').filter(part => !path.includes(`/projects/${part}`));
        const [, trace] = mine.findLast(([, { names }]) => parts.some(part => names.has(part))) ?? [];
        if (list !== undefined && trace !== undefined) this.#wantAfter(trace, list);
      }
    }
  }

  /** What was not read yet is going to be. */
  #wantAfter({ effectiveAt }: AuditTrace, list: List): void {
    const { attemptedAtMs } = this.#lists.stateOf(list) ?? {};
    if (attemptedAtMs !== undefined && effectiveAt >= attemptedAtMs / 1000 - SKEW_S) this.#settings.want(list);
  }
}
