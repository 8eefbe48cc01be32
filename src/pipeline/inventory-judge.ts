import type { ListOutcome } from '../api/inventory.ts';
import type { Clock } from '../clock.ts';
import type { InventoryConfig } from '../config/config.ts';
import { compare, type Finding, type Known, removal } from '../inventory/difference.ts';
import { readEntity } from '../inventory/entity.ts';
import type { List } from '../inventory/list.ts';
import { type Judgement, judgeMissing } from '../inventory/missing.ts';
import { type ListState, periodMs, reportIntervalMs } from '../inventory/plan.ts';
import { idText, type Thing } from '../inventory/thing.ts';
import type { ChangeFacts } from '../processor/processor.ts';
import type { InventoryChange } from '../storage/inventory-storage.ts';
import type { Storage } from '../storage/storage.ts';
import type { AuditTraces } from './audit-traces.ts';
import { changeOf, knownOf } from './inventory-ledger.ts';
import type { InventoryLists } from './inventory-lists.ts';
import type { InventoryReading, ReadingSettings } from './inventory-reading.ts';

export interface JudgeSettings extends Pick<ReadingSettings, 'organization' | 'record'> {
  readonly config: InventoryConfig;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly persist: <T>(operation: () => Promise<T>) => Promise<T>;
}

/** Of a list that shows things of another kind in the guise of its own. */
export interface Guise {
  /** What is known to be of the other kind. */
  readonly others: ReadonlySet<string>;
  /** Whether something that was not known is what it seems to be. */
  readonly isGenuine: (id: string) => boolean;
}

/** What came of a list. */
export interface Judged {
  readonly before: ListState | undefined;
  readonly state: ListState;
  /** Things that were not known, and whether they are news. */
  readonly fresh: readonly (readonly [Thing, boolean])[];
  /** Lists that were read for what is gone. */
  readonly gone: readonly List[];
  /** When to look once more for what is missing, and whether something of its family must be looked at first. */
  readonly againInMs: number | undefined;
  readonly lacksWitness: boolean;
}

/** What goes with things that are gone. */
interface Below {
  readonly known: readonly (readonly [List, Known])[];
  readonly lists: readonly List[];
}

const NO_GUISE: Guise = { others: new Set(), isGenuine: () => true };
/** The other clock may be ahead of this one. */
const SKEW_S = 120;

/** Compares what a list shows with what was recorded of it, and records what is to be said. */
export class InventoryJudge {
  readonly #settings: JudgeSettings;
  readonly #lists: InventoryLists;
  readonly #reading: InventoryReading;
  readonly #traces: AuditTraces;

  constructor(settings: JudgeSettings, lists: InventoryLists, reading: InventoryReading, traces: AuditTraces) {
    this.#settings = settings;
    this.#lists = lists;
    this.#reading = reading;
    this.#traces = traces;
  }

  async judge(list: List, outcome: ListOutcome, { others, isGenuine }: Guise = NO_GUISE): Promise<Judged> {
    const { clock, config, record } = this.#settings;
    const nowMs = clock.nowMs();
    const before = this.#lists.stateOf(list);
    const known = await this.#known(list);
    const knownIds = new Set(known.map(({ thing }) => idText(thing.id)));
    const { found, isReadable } = thingsIn(list, outcome);
    const isOther = ({ id }: Thing) => others.has(idText(id));
    const isReal = (thing: Thing) => !isOther(thing) && (knownIds.has(idText(thing.id)) || isGenuine(idText(thing.id)));
    const isWhole = outcome.state === 'complete' && isReadable && found.every(thing => isOther(thing) || isReal(thing));
    const { findings, missing } = compare(list.kind, known, found.filter(isReal), {
      nowMs,
      isNews: this.#lists.tellsNews(list),
      stateBeforeMs: nowMs - periodMs(list, config.intervalMs) / 2,
    });
    const judged = isWhole ? this.#judgeMissing(list, missing, nowMs) : unjudged(before);
    const gone = missing.filter(({ thing }) => judged.gone.includes(idText(thing.id)));
    const below = await this.#below(gone);
    const state = this.#stateOf(list, outcome, { isWhole, items: found.length, missing: judged.missing, nowMs });
    const sinceS = (before?.readAtMs ?? this.#reading.baselineAtMs ?? nowMs) / 1000 - SKEW_S;
    const changes = [
      ...findings.map(finding => this.#changeIn(list, finding, nowMs, sinceS)),
      ...gone.map(each => this.#changeIn(list, removal(each), nowMs, sinceS)),
      ...below.known.map(([where, each]) => this.#changeIn(where, removal(each), nowMs, sinceS)),
    ];
    await record(changes, [
      { list: list.path, state: JSON.stringify(state) },
      ...below.lists.map(({ path }) => ({ list: path, state: undefined })),
    ]);
    const fresh = findings.map(({ thing, change }) => [thing, change === 'added'] as const);
    const { againInMs, lacksWitness } = judged;
    return { before, state, fresh, gone: below.lists, againInMs, lacksWitness };
  }

  /** What a list shows that is known neither as what it seems to be nor as one of these. */
  async strangers(list: List, outcome: ListOutcome, others: ReadonlySet<string>): Promise<readonly string[]> {
    const known = (await this.#known(list)).map(({ thing }) => idText(thing.id));
    const ids = new Set([...known, ...others]);
    return thingsIn(list, outcome)
      .found.map(({ id }) => idText(id))
      .filter(id => !ids.has(id));
  }

  #judgeMissing(list: List, missing: readonly Known[], nowMs: number): Judgement {
    const patienceMs = this.#settings.config.intervalMs;
    const ids = missing.map(({ thing }) => idText(thing.id));
    const isServed = ids.length > 0 && this.#lists.isServed(list, nowMs - patienceMs);
    return judgeMissing(list.kind, ids, this.#lists.stateOf(list)?.missing ?? {}, { nowMs, patienceMs, isServed });
  }

  #stateOf(
    list: List,
    outcome: ListOutcome,
    read: Pick<ListState, 'items' | 'missing'> & { readonly isWhole: boolean; readonly nowMs: number },
  ): ListState {
    const { isWhole, items, missing, nowMs } = read;
    const { readAtMs, firstReadAtMs = nowMs } = this.#lists.stateOf(list) ?? {};
    const whole = isWhole
      ? { readAtMs: nowMs, firstReadAtMs }
      : readAtMs === undefined
        ? {}
        : { readAtMs, firstReadAtMs };
    const said = outcome.state === 'complete' ? { why: 'ambiguous' } : { why: outcome.why, message: outcome.message };
    return {
      attemptedAtMs: nowMs,
      ...whole,
      state: isWhole ? 'complete' : outcome.state === 'unavailable' ? 'unavailable' : 'incomplete',
      ...(isWhole ? {} : said),
      items,
      requests: outcome.requests,
      missing,
      reading: this.#reading.startedAtMs,
    };
  }

  /** What goes with things that are gone, and the lists that were read for them. */
  async #below(gone: readonly Known[]): Promise<Below> {
    const known: (readonly [List, Known])[] = [];
    const lists: List[] = [];
    for (let left = [...gone]; left.length > 0; ) {
      const [next, ...others] = left;
      left = others;
      for (const list of next === undefined ? [] : this.#lists.below(next.thing)) {
        const items = await this.#known(list);
        known.push(...items.map(each => [list, each] as const));
        lists.push(list);
        left.push(...items);
      }
    }
    return { known, lists };
  }

  async #known({ path }: List): Promise<readonly Known[]> {
    const { organization, storage, persist } = this.#settings;
    return (await persist(() => storage.knownInventory(organization, { list: path }))).map(knownOf);
  }

  #changeIn(list: List, finding: Finding, nowMs: number, sinceS: number): InventoryChange {
    const { intervalMs } = this.#settings.config;
    const facts: ChangeFacts = {
      reportInterval: Math.round(reportIntervalMs(list, intervalMs, this.#reading.longestMs) / 1000),
      ...(this.#reading.isUnderWay ? { snapshot: this.#reading.snapshotId } : {}),
      ...this.#traces.explain(list.kind, finding, sinceS),
    };
    return changeOf(list.path, finding, nowMs, facts);
  }
}

/** Of a list that was not read whole nothing is gone. */
function unjudged(before: ListState | undefined): Judgement {
  return { gone: [], missing: before?.missing ?? {}, lacksWitness: false };
}

function thingsIn(
  list: List,
  outcome: ListOutcome,
): { readonly found: readonly Thing[]; readonly isReadable: boolean } {
  if (outcome.state === 'unavailable') return { found: [], isReadable: false };
  const read = outcome.items.map(item => readEntity(list.kind, list.parent, item));
  const found = read.filter(each => each !== undefined);
  return { found, isReadable: found.length === read.length };
}
