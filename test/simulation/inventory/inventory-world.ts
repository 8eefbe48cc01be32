import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { createDice } from '../../../src/emulator/random.ts';
import { CollectorError } from '../../../src/errors.ts';
import { createLogger } from '../../../src/log.ts';
import { UNSEEN } from '../../../src/progress/progress.ts';
import { runService } from '../../../src/service.ts';
import { openStorage } from '../../../src/storage/sqlite.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import type { Configuration, History as Weather } from '../history.ts';
import { Life } from '../life.ts';
import { Scheduler } from '../scheduler.ts';
import { API_KEY, EPOCH_MS } from '../simulated-api.ts';
import { SimulatedBackend } from '../simulated-backend.ts';
import { SimulatedDisk } from '../simulated-disk.ts';
import { Trace } from '../trace.ts';
import { GraphJudge } from './graph-judge.ts';
import { InventoryApi } from './inventory-api.ts';

const RESTART_MS = 5_000;
const STOPPING_MS = 60_000;

/** What the audit log's simulation decides and this one does not. */
const CONFIGURATION: Configuration = {
  startFromS: 3600,
  pollS: 30,
  settleS: 300,
  excludeTypes: [],
  streams: ['organization'],
  reverify: [],
  batchRecords: 100,
  protocol: 'http/json',
};
const WEATHER: Weather = {
  seed: 1,
  organizations: 1,
  api: {
    order: 'descending',
    tenantInBoth: false,
    vanishedCursor: 'place',
    aheadS: 0,
    latencyMs: 20,
    twins: 0,
    timeless: 0,
  },
  config: CONFIGURATION,
  diskMs: 0,
  poison: 0,
  safetyS: 0,
  happenings: [],
};

const { config: base } = await loadConfig({ env: { OPENAI_ADMIN_KEY: API_KEY } });

/** An organization, a backend and a disk on simulated time, and one process after another between them. */
export class InventoryWorld {
  readonly scheduler = new Scheduler();
  readonly trace: Trace;
  readonly api: InventoryApi;
  readonly backend: SimulatedBackend;
  readonly disk: SimulatedDisk;
  readonly judge: GraphJudge;
  readonly #seed: string;
  readonly #auditLogs: boolean;
  readonly #storage: Storage;
  readonly #write: ((line: string) => void) | undefined;
  lives = 0;
  life: Life | undefined;
  /** Hears of a process that died. */
  onDeath: (() => void) | undefined;

  private constructor(seed: string, auditLogs: boolean, storage: Storage, write?: (line: string) => void) {
    this.#seed = seed;
    this.#auditLogs = auditLogs;
    this.#storage = storage;
    this.#write = write;
    this.trace = new Trace(this.scheduler, write);
    this.api = new InventoryApi(seed, this.scheduler, this.trace);
    this.disk = new SimulatedDisk(storage, WEATHER, this.scheduler, this.trace);
    this.backend = new SimulatedBackend(WEATHER, this.scheduler, this.trace, () => this.#nowMs() / 1000, this.disk);
    this.judge = new GraphJudge(this.api.emulator, this.scheduler, this.trace, EPOCH_MS);
    this.judge.look();
    this.backend.onStored = record => this.judge.hear(record);
  }

  static async open(seed: string, auditLogs: boolean, write?: (line: string) => void): Promise<InventoryWorld> {
    return new InventoryWorld(seed, auditLogs, await openStorage(':memory:'), write);
  }

  /** Starts a process; one that dies is started again. `dieAt` is the number of its effect at which it dies. */
  start(dieAt?: number): Life {
    const { scheduler, trace, api, backend, disk } = this;
    this.lives += 1;
    const life = new Life(
      this.lives,
      scheduler,
      () => this.#nowMs(),
      dead => this.#died(dead),
    );
    this.life = life;
    if (dieAt !== undefined) life.dieAtEffect(dieAt);
    trace.note(`#${life.number} starts`);
    const ports = {
      clock: life.clock,
      random: createDice(`${this.#seed} process ${life.number}`).next,
      log: createLogger({ level: 'info', format: 'text', clock: life.clock, write: line => this.#say(life, line) }),
      http: api.clientFor(life),
      exporter: backend.exporterFor(life, CONFIGURATION),
      storage: disk.storageFor(life),
      userAgent: 'simulation',
      progress: UNSEEN,
    };
    runService(this.#config(), ports, life.stop.signal).then(
      () => this.#ended(life),
      error => this.#failed(life, error),
    );
    return life;
  }

  /** Ends the process as a person does; one that has died is there again first. */
  async stop(): Promise<void> {
    const { scheduler, trace } = this;
    if (this.life === undefined) await scheduler.runUntil(scheduler.nowMs + RESTART_MS);
    const { life } = this;
    life?.stop.abort(new Error('stopped'));
    await scheduler.runUntil(scheduler.nowMs + STOPPING_MS, () => this.life === undefined);
    if (this.life !== undefined) trace.violation('stop', `#${life?.number} does not stop`);
  }

  async close(): Promise<void> {
    this.onDeath = undefined;
    const { life } = this;
    this.life = undefined;
    life?.die();
    await this.#storage.close();
  }

  #nowMs(): number {
    return Math.floor(EPOCH_MS + this.scheduler.nowMs);
  }

  #ended(life: Life): void {
    if (this.life === life) this.life = undefined;
    life.die();
  }

  /** A process may end when its state cannot be read at the start: whoever supervises it starts it again. */
  #failed(life: Life, error: unknown): void {
    const isDisk = error instanceof CollectorError && error.message.includes('disk is full');
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (!isDisk) this.trace.violation('crash', text);
    life.die();
  }

  #died(life: Life): void {
    if (this.life !== life) return;
    this.life = undefined;
    this.trace.note(`#${life.number} died`);
    if (life.stop.signal.aborted) return;
    this.onDeath?.();
    this.api.underWay = 0;
    this.scheduler.at(this.scheduler.nowMs + RESTART_MS, () => this.start());
  }

  #say(life: Life, line: string): void {
    if (!life.dead) this.#write?.(`    #${life.number} ${line.trimEnd()}`);
  }

  #config(): Config {
    const [organization] = base.organizations;
    if (organization === undefined) throw new Error('the default configuration has no organization');
    const auditLogs = { ...organization.auditLogs, enabled: this.#auditLogs, streams: ['organization'] as const };
    const own = { ...organization, name: 'acme', baseUrl: 'http://acme.example.com/v1', auditLogs };
    return { ...base, organizations: [own] };
  }
}
