import type { Clock } from '../clock.ts';
import type { InventoryConfig } from '../config/config.ts';
import type { Agenda } from '../inventory/agenda.ts';
import type { Finding } from '../inventory/difference.ts';
import type { Id } from '../inventory/entity.ts';
import { durationMs, isDue, isDueAgain, type ReadingState, readingNotAhead } from '../inventory/plan.ts';
import { snapshotOf } from '../inventory/snapshot.ts';
import { organizationThing } from '../inventory/thing.ts';
import type { Logger } from '../log.ts';
import type { ChangeFacts } from '../processor/processor.ts';
import type { Progress, Task } from '../progress/progress.ts';
import type { InventoryChange, InventoryList } from '../storage/inventory-storage.ts';
import { changeOf } from './inventory-ledger.ts';
import type { InventoryLists } from './inventory-lists.ts';

export interface ReadingSettings {
  /** The configured name, and the configured id or else the name. */
  readonly organization: string;
  readonly id: Id;
  readonly config: InventoryConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** Requests a minute that a route allows, as far as that was learned. */
  readonly perMinute: (route: string) => number | undefined;
  readonly progress: Progress;
  /** What is to be said, and what is known of lists from then on, in one transaction. */
  readonly record: (
    changes: readonly InventoryChange[],
    lists: readonly [InventoryList, ...InventoryList[]],
  ) => Promise<void>;
}

/** The list under which the reading as a whole is kept. */
export const READING = '';
/** Where the organization itself is listed. */
const ITSELF = '/organization';
/** A plan is said again when it turns out so much longer. */
const SAY_AGAIN = 1.1;
const SAY_AGAIN_MS = 60_000;

/** The reading of everything: the one under way, or the last one. What is under way goes on after a restart. */
export class InventoryReading {
  readonly #settings: ReadingSettings;
  readonly #lists: InventoryLists;
  readonly #agenda: Agenda;
  #state: ReadingState = { startedAtMs: 0, endedAtMs: 0 };
  #plannedMs = 0;
  #task: Task | undefined;
  /** Since the plan was made. */
  #requests = 0;

  constructor(settings: ReadingSettings, lists: InventoryLists, agenda: Agenda) {
    this.#settings = settings;
    this.#lists = lists;
    this.#agenda = agenda;
  }

  /** As it was, if there was one. */
  open(state: string | undefined): void {
    if (state !== undefined) this.#state = readingNotAhead(JSON.parse(state), this.#settings.clock.nowMs());
  }

  get isUnderWay(): boolean {
    return this.#state.endedAtMs === undefined;
  }

  get startedAtMs(): number {
    return this.#state.startedAtMs;
  }

  /** When the first one ended; undefined before. */
  get baselineAtMs(): number | undefined {
    return this.#state.baselineAtMs;
  }

  /** The id of the snapshot that it ends with. */
  get snapshotId(): string {
    return new Date(this.startedAtMs).toISOString();
  }

  /** How long one may take, as far as that is known: the last one did, or this one is going to. */
  get longestMs(): number {
    return Math.max(this.#state.lastMs ?? 0, this.isUnderWay ? this.#plannedMs : 0);
  }

  get beginsAtMs(): number {
    return this.startedAtMs + this.#settings.config.intervalMs;
  }

  /** Begins one. A forced one reads all, however lately it was read; one of these that was not ended goes on. */
  async begin(isForced: boolean): Promise<void> {
    const { endedAtMs, isForced: wasForced, renewedAtMs: _, ...rest } = this.#state;
    const goesOn = isForced && wasForced === true && endedAtMs === undefined;
    const startedAtMs = goesOn ? this.startedAtMs : this.#settings.clock.nowMs();
    this.#state = { ...rest, startedAtMs, ...(isForced ? { isForced: true } : {}) };
    this.plan('begins');
    await this.#sayOrganization();
  }

  /** Plans what it has left. */
  plan(how: string): void {
    const { intervalMs } = this.#settings.config;
    for (const list of this.#lists.all) {
      if (isDue(list, this.#lists.stateOf(list), this.#state, intervalMs)) this.#agenda.plan(list);
    }
    this.#plannedMs = 0;
    this.#requests = 0;
    const { organization, progress } = this.#settings;
    this.#task ??= progress.begin({ kind: 'inventory', organization, unit: 'requests' });
    this.#sayPlan(how, 0);
  }

  /** Hears what a list cost, and how many are being read. */
  wasRead(requests: number, running: number): void {
    this.#requests += requests;
    if (this.isUnderWay) this.#sayPlan('takes longer than was known', running);
  }

  /** Nobody goes on with it. */
  stop(): void {
    this.#task?.end();
  }

  /** Says how long it will take, as far as is known: what is below things that nobody has seen yet comes later. */
  #sayPlan(how: string, running: number): void {
    const { log, perMinute } = this.#settings;
    const requests = new Map(
      [...this.#agenda.left].map(([route, lists]) => [
        route,
        lists.reduce((sum, list) => sum + (this.#lists.stateOf(list)?.requests ?? 1), 0),
      ]),
    );
    const planned = [...requests.values()].reduce((sum, count) => sum + count, 0);
    const ms = durationMs(requests, perMinute);
    const [done, leastMs] = [this.#requests, () => durationMs(requests, perMinute)];
    this.#task?.reached({ done, total: done + running + planned, leastMs });
    if (this.#plannedMs > 0 && ms < Math.max(SAY_AGAIN * this.#plannedMs, this.#plannedMs + SAY_AGAIN_MS)) return;
    this.#plannedMs = Math.max(1, ms);
    log.info(`the reading of the inventory ${how}`, { requests: planned, about_s: Math.ceil(ms / 1000) });
  }

  /** While one takes longer than an interval: the lists that are due again, and of whose route it has nothing left. */
  async renew(): Promise<void> {
    const { config, clock } = this.#settings;
    const nowMs = clock.nowMs();
    const { startedAtMs, renewedAtMs = startedAtMs } = this.#state;
    if (!this.isUnderWay || nowMs < renewedAtMs + config.intervalMs) return;
    this.#state = { ...this.#state, renewedAtMs: nowMs };
    await this.#sayOrganization();
    const left = this.#agenda.left;
    for (const [list, state] of this.#lists.readIn(startedAtMs)) {
      if (!left.has(list.kind.route) && isDueAgain(list, state, nowMs, config.intervalMs)) {
        this.#agenda.want(list, clock.monotonicMs());
      }
    }
  }

  /** Whether what was missing for the first time is looked for once more: until then nobody knows what there is. */
  get isInDoubt(): boolean {
    return this.#lists.readIn(this.startedAtMs).some(([{ kind }, { state, missing }]) => {
      // A setting that is not found is believed only after an interval: that would be too long.
      return state === 'complete' && kind.notSet !== true && Object.keys(missing).length > 0;
    });
  }

  /** Says what it came to. `references` are all things that are known, as `kind id`. */
  async end(references: readonly string[]): Promise<void> {
    const { clock, log } = this.#settings;
    const nowMs = clock.nowMs();
    const { startedAtMs, snapshotId, baselineAtMs = nowMs } = this;
    const snapshot = snapshotOf(references, this.#lists.read, this.#lists.readIn(startedAtMs));
    const lastMs = nowMs - startedAtMs;
    const facts: ChangeFacts = { reading: { ...snapshot, duration: Math.round(lastMs / 1000) } };
    const thing = { kind: 'snapshot', id: snapshotId, list: READING, change: 'snapshot' } as const;
    const { isForced: _, renewedAtMs: __, ...rest } = this.#state;
    this.#state = { ...rest, endedAtMs: nowMs, baselineAtMs, lastMs };
    this.#task?.end();
    this.#task = undefined;
    await this.#settings.record(
      [{ ...thing, atMs: nowMs, firstSeenMs: nowMs, facts: JSON.stringify(facts) }],
      [this.#kept],
    );
    const { complete, missing, lists, requests } = snapshot;
    log.info('the reading of the inventory ended', {
      things: references.length,
      lists,
      requests,
      took_s: Math.round(lastMs / 1000),
      ...(complete ? {} : { not_whole: missing.join(', ') }),
    });
  }

  get #kept(): InventoryList {
    return { list: READING, state: JSON.stringify(this.#state) };
  }

  /** No list holds the organization itself. */
  async #sayOrganization(): Promise<void> {
    const { organization, id, config, clock, record } = this.#settings;
    const nowMs = clock.nowMs();
    const firstSeenMs = this.baselineAtMs ?? nowMs;
    const finding: Finding = { change: 'state', thing: organizationThing(id, organization), firstSeenMs };
    const reportInterval = Math.round((2 * Math.max(config.intervalMs, this.longestMs)) / 1000);
    await record([changeOf(ITSELF, finding, nowMs, { reportInterval })], [this.#kept]);
  }
}
