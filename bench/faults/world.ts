import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEvent } from '../../src/emulator/audit-event.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { type RunningProcess, until } from '../../test/support/process.ts';
import { openStage, type Stage } from '../../test/support/stage.ts';
import { Recorder } from './recorder.ts';
import type { Scenario } from './scenario.ts';

export const MINUTE_S = 60;
export const HOUR_S = 3_600;
export const DAY_S = 86_400;

interface Happening {
  readonly count: number;
  /** Seconds before now, by the API's clock: the oldest and the newest event. */
  readonly ago: readonly [fromS: number, toS: number];
  /** Default 0. */
  readonly tenantShare?: number;
}

/** So long nothing comes to the backend before it counts as standing still, however busy this machine is. */
const STILL_MS = 100_000;
const LATER_MS = 30 * 60_000;

/** An emulated organization, a backend, and the collector between them as a process of its own. */
export class World {
  readonly stage: Stage;
  readonly backend: Recorder;
  /** When each event that happened while the collector ran became listed, by the API's clock. */
  readonly arrivals = new Map<string, number>();
  /** Events that were listed once and are not any more. */
  readonly withdrawn = new Set<string>();
  /** Exactly so many events must end parked: refused by the backend, kept with the reason. */
  parks = 0;
  #program: RunningProcess | undefined;

  static async open({ auditLogs = {}, settings = {}, aheadMs = 0 }: Scenario): Promise<World> {
    const content = { kind: 'events', events: [] } as const;
    return new World(await openStage({ content, auditLogs, settings, startMs: Date.now() + aheadMs }));
  }

  private constructor(stage: Stage) {
    this.stage = stage;
    this.backend = new Recorder(stage.backend, stage.emulator.organization.clock);
  }

  get api(): Emulator {
    return this.stage.emulator;
  }

  /** Adds events with times in the past. Their ids. */
  happened({ count, ago: [fromS, toS], tenantShare = 0 }: Happening): readonly string[] {
    const nowS = Math.floor(this.api.organization.clock.nowMs() / 1000);
    return this.api.organization.storm({ count, tenantShare, fromS: nowS - fromS, toS: nowS - toS + 1 });
  }

  /** Adds events of the last seconds, all at once; how long they take to the backend is measured. */
  happens(count: number, { tenantShare = 0, withinS = 1 } = {}): readonly string[] {
    return this.#arrive(this.happened({ count, tenantShare, ago: [withinS - 1, 0] }));
  }

  /** The same with events as they are; `effective_at` is now. */
  happensAs(...events: readonly AuditEvent[]): readonly string[] {
    const nowS = Math.floor(this.api.organization.clock.nowMs() / 1000);
    return this.#arrive(this.api.organization.append(events.map(event => ({ effective_at: nowS, ...event }))));
  }

  withdraw(ids: readonly string[]): void {
    for (const id of this.api.organization.vanish(ids)) this.withdrawn.add(id);
  }

  async start(): Promise<void> {
    this.#program = await this.stage.run();
  }

  /** Ends the collector. Harmless when it does not run. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#program?.end(signal);
  }

  /** Waits until the collector says so. */
  async line(pattern: RegExp): Promise<void> {
    await this.#program?.line(pattern);
  }

  /** What the collector said since its last start. */
  get said(): string {
    return this.#program?.stderr() ?? '';
  }

  /**
   * Resolves when the backend holds everything that is listed, but for `parked` events. Where that stands still the API's
   * clock goes on by half an hour; rejects when nothing comes then either.
   */
  async delivered(parked = 0): Promise<void> {
    const complete = () => this.#missing() <= parked;
    try {
      await this.#comes('everything to be delivered', complete);
    } catch {
      this.api.organization.jump(LATER_MS);
      await this.#comes('everything to be delivered, half an hour later', complete);
    }
  }

  /** Resolves when the backend holds so many events. */
  async holds(count: number): Promise<void> {
    await this.#comes(`${count} events in the backend`, () => this.backend.stored.size >= count);
  }

  /** Waits for it as long as anything comes. */
  async #comes(what: string, condition: () => boolean): Promise<void> {
    for (let held = -1; held < this.backend.stored.size && !condition(); ) {
      held = this.backend.stored.size;
      await until(what, () => condition() || this.backend.stored.size > held, STILL_MS);
    }
  }

  /** Lets the collector go on for a while. */
  async passes(ms: number): Promise<void> {
    await delay(ms);
  }

  async close(): Promise<void> {
    await this.stage.close();
  }

  #missing(): number {
    return this.stage.listed().filter(id => !this.backend.stored.has(id)).length;
  }

  #arrive(ids: readonly string[]): readonly string[] {
    for (const id of ids) this.arrivals.set(id, this.api.organization.clock.nowMs());
    return ids;
  }
}
