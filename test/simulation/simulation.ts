import type { Config, OrganizationConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createDice } from '../../src/emulator/random.ts';
import { CollectorError } from '../../src/errors.ts';
import { createLogger, type Logger } from '../../src/log.ts';
import { runService } from '../../src/service.ts';
import { openStorage } from '../../src/storage/sqlite.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { CoverageJudge } from './coverage-judge.ts';
import type { Configuration, Happening, History } from './history.ts';
import { judgeEnd, judgeLag, judgeQuiet, judgeVerification, longestLags, unfinished } from './judges.ts';
import { Life } from './life.ts';
import { MemoryJudge } from './memory-judge.ts';
import { Scheduler } from './scheduler.ts';
import { API_KEY, clientFor, EPOCH_MS, SimulatedApi } from './simulated-api.ts';
import { SimulatedBackend } from './simulated-backend.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { Trace, type Violation } from './trace.ts';

export interface Result {
  readonly violations: readonly Violation[];
  /** Equal for equal histories. */
  readonly digest: string;
  readonly events: number;
  readonly simulatedMs: number;
  readonly lives: number;
  /** Moments at which the first process could have died while things went wrong. */
  readonly effects: number;
}

/** All that a judge may look at. */
export interface World {
  readonly history: History;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly apis: readonly SimulatedApi[];
  readonly backend: SimulatedBackend;
  readonly disk: SimulatedDisk;
  readonly storage: Storage;
  /** Every configuration so far; the last one is in force. */
  readonly configs: Configuration[];
  /** Simulated time at which things stopped going wrong. */
  readonly calmAtMs: number;
}

const ORGANIZATIONS = ['acme', 'beta'];
/** Everything that waits for something has its answer by then: set aside for an hour, a Retry-After, a backlog. */
const LONGEST_RECOVERY_MS = 4 * 3_600_000;
/** After all is delivered, life goes on for a while. */
const AFTERWARDS_MS = 10 * 60_000;
const EVENT_EVERY_MS = 40_000;
/** Until everything about the last event is over. */
const SETTLING_MS = 7 * 60_000;
const LONGEST_VERIFICATION_MS = 3_600_000;
const GRACE_MS = 60_000;

const { config: base } = await loadConfig({ env: { OPENAI_ADMIN_KEY: API_KEY } });

/** Runs one history from its beginning to the judgement. The same history gives the same digest. */
export async function simulate(history: History, write?: (line: string) => void): Promise<Result> {
  const scheduler = new Scheduler();
  const trace = new Trace(scheduler, write);
  const storage = await openStorage(':memory:');
  const apis = ORGANIZATIONS.slice(0, history.organizations).map(
    name => new SimulatedApi(name, history, scheduler, trace),
  );
  const [first] = apis as [SimulatedApi];
  const disk = new SimulatedDisk(storage, history, scheduler, trace);
  const backend = new SimulatedBackend(history, scheduler, trace, () => first.nowS, disk);
  watch(history, apis, disk, backend, trace);
  const configs = [history.config];
  const calmAtMs = history.safetyS * 1000;
  const world: World = { history, scheduler, trace, apis, backend, disk, storage, configs, calmAtMs };
  const collector = new Collector(world, write);
  let effects = 0;
  try {
    for (const happening of history.happenings) {
      if (happening.kind === 'events') apis[happening.of ?? 0]?.plan(happening, happening.atS * 1000);
      else scheduler.at(happening.atS * 1000, () => happen(happening, world, collector));
    }
    collector.start();
    await scheduler.runUntil(world.calmAtMs);
    effects = collector.first?.effects ?? 0;
    await recover(world, collector);
    await judgeEnd(world);
  } finally {
    collector.kill();
    await storage.close();
  }
  const { violations } = trace;
  return {
    violations,
    digest: trace.digest(),
    events: apis.reduce((sum, { seen }) => sum + seen.length, 0),
    simulatedMs: scheduler.nowMs,
    lives: collector.lives,
    effects,
  };
}

/** What is judged as it happens. */
function watch(
  { happenings }: History,
  apis: readonly SimulatedApi[],
  disk: SimulatedDisk,
  backend: SimulatedBackend,
  trace: Trace,
): void {
  const isAcknowledged = (uid: string) => backend.stored.get(uid)?.toldTo !== undefined;
  const judges = apis.map(each => new CoverageJudge(each, trace, disk, isAcknowledged));
  const memory = new MemoryJudge(trace);
  const judgeOf = (organization: string) => judges[apis.findIndex(({ name }) => name === organization)];
  disk.watcher = {
    committed: commit => judgeOf(commit.feed.organization)?.judge(commit),
    readmitted: (organization, hours) => judgeOf(organization)?.readmitted(hours),
    known: uid => memory.known(uid),
  };
  if (!happenings.some(each => each.kind === 'events' && each.padding !== undefined)) return;
  for (const each of apis) each.onListed = (life, sizes) => memory.listed(life, sizes, uid => disk.fates.has(uid));
}

/** The liveness phase: nothing goes wrong any more, and events keep coming. */
async function recover(world: World, collector: Collector): Promise<void> {
  const { apis, backend, disk, scheduler, calmAtMs, trace } = world;
  trace.note('calm');
  for (const { emulator } of apis) {
    emulator.clearFaults();
    emulator.limit('*', undefined);
  }
  backend.calm = true;
  disk.calm = true;
  collector.calm();
  let isQuiet = false;
  const live = (number: number) => {
    if (isQuiet) return;
    for (const api of apis) api.list(Math.floor(api.nowS), number % 2 === 0);
    scheduler.at(scheduler.nowMs + EVENT_EVERY_MS, () => live(number + 1));
  };
  live(0);
  const stepMs = 5 * 60_000;
  let left: string | undefined = 'nothing was looked at';
  let lags = await longestLags(world);
  while (left !== undefined && scheduler.nowMs < calmAtMs + LONGEST_RECOVERY_MS) {
    await scheduler.runUntil(scheduler.nowMs + stepMs);
    left = await unfinished(world);
    lags = await longestLags(world, lags);
  }
  if (left !== undefined) trace.violation('liveness', left);
  await scheduler.runUntil(scheduler.nowMs + AFTERWARDS_MS);
  await judgeLag(world, lags);
  isQuiet = true;
  await scheduler.runUntil(scheduler.nowMs + SETTLING_MS);
  const quietMs = scheduler.nowMs;
  await scheduler.runUntil(quietMs + AFTERWARDS_MS);
  judgeQuiet(world, quietMs);
  await judgeVerification(world, async isAnswered => {
    const untilMs = scheduler.nowMs + LONGEST_VERIFICATION_MS;
    await scheduler.runUntil(untilMs, isAnswered);
  });
}

function happen(happening: Happening, world: World, collector: Collector): void {
  const { apis, backend, disk, scheduler, calmAtMs, trace, configs } = world;
  const api = apis[happening.of ?? 0] ?? apis[0];
  if (api === undefined) return;
  trace.note(`happening ${JSON.stringify(happening)}`);
  switch (happening.kind) {
    case 'events':
      return;
    case 'estate':
      for (let n = 0; n < happening.count; n += 1) api.estate?.change();
      return;
    case 'withdraw':
      api.withdraw(happening.count, seen => disk.fateOf(seen) !== undefined);
      return;
    case 'api':
      api.emulator.addFaults([happening.fault]);
      return;
    case 'limit': {
      const { perMinute, retryAfter, forS } = happening;
      api.emulator.limit('*', { requests: perMinute, perMs: 60_000, retryAfter });
      const endMs = scheduler.nowMs + forS * 1000;
      if (endMs < calmAtMs) scheduler.at(endMs, () => api.emulator.limit('*', undefined));
      return;
    }
    case 'backend':
      backend.trouble(happening.trouble, happening.forS * 1000);
      return;
    case 'disk':
      disk.fail(happening.share, happening.forS * 1000);
      return;
    case 'death':
      collector.die(happening.moment, happening.downS * 1000);
      return;
    case 'stop':
      collector.stop(happening.downS * 1000);
      return;
    case 'suspend':
      collector.life?.suspend(happening.forS * 1000);
      for (const api of apis) api.asleep(happening.forS * 1000);
      return;
    case 'configure':
      configs.push({ ...(configs.at(-1) as Configuration), ...happening.change });
      collector.stop(1_000);
      return;
    case 'ask':
      for (const { name } of apis) disk.ask(name, happening.what, ASKS[happening.what]);
      return;
    case 'wall':
      collector.wallMs += happening.byS * 1000;
      return;
    case 'api_clock':
      api.jump(happening.byS);
      return;
  }
}

const ASKS = {
  replay: { which: { by: 'all' } },
  verify: { span: { from: 0, to: 2 ** 40 } },
} as const;

/** One process after another on the same state. */
class Collector {
  readonly #world: World;
  readonly #log: (line: string) => void;
  readonly #isQuiet: boolean;
  #downMs = 0;
  lives = 0;
  life: Life | undefined;
  first: Life | undefined;
  /** What the collector's wall clock shows at simulated time 0. */
  wallMs: number;

  constructor(world: World, write: ((line: string) => void) | undefined) {
    this.#world = world;
    this.#isQuiet = write === undefined;
    this.#log = write ?? (() => undefined);
    this.wallMs = EPOCH_MS - world.history.api.aheadS * 1000;
  }

  /** Starts a process unless one runs. */
  start(): void {
    if (this.life !== undefined) return;
    const { scheduler, apis, backend, disk, trace, history, configs } = this.#world;
    const config = configs.at(-1) ?? history.config;
    this.lives += 1;
    const wallMs = () => Math.floor(this.wallMs + scheduler.nowMs);
    const life = new Life(this.lives, scheduler, wallMs, dead => this.#ended(dead, 'died'));
    this.life = life;
    this.first ??= life;
    if (this.lives === 1 && history.killAt !== undefined) life.dieAtEffect(history.killAt);
    trace.note(`#${life.number} starts`);
    const ports = {
      clock: life.clock,
      random: createDice(`${history.seed} process ${life.number}`).next,
      log: this.#logger(life),
      http: clientFor(life, apis),
      exporter: backend.exporterFor(life, config),
      storage: disk.storageFor(life),
      userAgent: 'simulation',
    };
    runService(configOf(history, config, apis), ports, life.stop.signal).then(
      () => this.#ended(life, 'stopped'),
      error => this.#ended(life, 'failed', error),
    );
  }

  die(moment: Extract<Happening, { kind: 'death' }>['moment'], downMs: number): void {
    this.#downMs = downMs;
    if (moment === 'now') this.life?.die();
    else this.life?.dieAt(moment);
  }

  stop(downMs: number): void {
    const { trace } = this.#world;
    const { life } = this;
    if (life === undefined) return;
    this.#downMs = downMs;
    life.stop.abort(new Error('stopped'));
    const dueMs = life.clock.monotonicMs() + GRACE_MS;
    const check = () => {
      const leftMs = dueMs - life.clock.monotonicMs();
      // The machine may have slept meanwhile.
      if (leftMs > 0) life.later(leftMs, check);
      else if (this.life === life) trace.violation('stop', `#${life.number} does not stop`);
    };
    life.later(GRACE_MS, check);
  }

  /** From now on there is a process: one that is about to end has its successor at once. */
  calm(): void {
    this.#downMs = 0;
    this.life?.dieAt(undefined);
    this.life?.wake();
    this.start();
  }

  /** For good. */
  kill(): void {
    this.#downMs = Number.POSITIVE_INFINITY;
    this.life?.die();
  }

  #ended(life: Life, how: string, error?: unknown): void {
    if (this.life !== life) return;
    const { scheduler, trace } = this.#world;
    trace.note(`#${life.number} ${how}`);
    this.life = undefined;
    if (how === 'stopped' && !life.stop.signal.aborted) trace.violation('stop', 'the service ended by itself');
    if (how === 'failed' && !isDiskError(error)) trace.violation('crash', textOf(error));
    life.die();
    if (this.#downMs < Number.POSITIVE_INFINITY) scheduler.at(scheduler.nowMs + this.#downMs, () => this.start());
    this.#downMs = 5_000;
  }

  #logger(life: Life): Logger {
    if (this.#isQuiet) return SILENT;
    const write = (line: string) => life.dead || this.#log(`    #${life.number} ${line.trimEnd()}`);
    return createLogger({ level: 'info', format: 'text', clock: life.clock, write });
  }
}

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => SILENT,
};

/** A process may end when its state cannot be read at the start: whoever supervises it starts it again. */
function isDiskError(error: unknown): boolean {
  return error instanceof CollectorError && error.message.includes('disk is full');
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function configOf({ inventory }: History, config: Configuration, apis: readonly SimulatedApi[]): Config {
  const [organization] = base.organizations;
  if (organization === undefined) throw new Error('the default configuration has no organization');
  const text = `${config.startFromS}s`;
  const organizations = apis.map(
    ({ name }): OrganizationConfig => ({
      ...organization,
      name,
      baseUrl: `http://${name}.example.com/v1`,
      auditLogs: {
        ...organization.auditLogs,
        streams: config.streams,
        pollIntervalMs: config.pollS * 1000,
        settleMs: config.settleS * 1000,
        startFrom: { text, kind: 'ago', ms: config.startFromS * 1000 },
        reverify: config.reverify.map(({ lastS, everyS }) => ({ lastMs: lastS * 1000, everyMs: everyS * 1000 })),
        excludeTypes: config.excludeTypes,
      },
      inventory: {
        ...organization.inventory,
        enabled: inventory !== undefined,
        intervalMs: (inventory?.intervalS ?? 0) * 1000,
      },
    }),
  );
  const batch = { ...base.exporter.batch, maxRecords: config.batchRecords };
  return { ...base, organizations, exporter: { ...base.exporter, batch, protocol: config.protocol } };
}
