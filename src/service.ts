import { createAdminClient } from './api/admin-client.ts';
import { ApiTime } from './api/api-time.ts';
import { AUDIT_LOGS, listAuditLogs } from './api/audit-log.ts';
import type { HttpClient } from './api/http.ts';
import { readList } from './api/inventory.ts';
import { limitsNote } from './api/learned-limits.ts';
import { leastTimeMs } from './api/least-time.ts';
import type { Limiter, Priority } from './api/limiter.ts';
import { createRouteLimiter } from './api/route-limiter.ts';
import { type Clock, type Random, steady } from './clock.ts';
import type { Config, OrganizationConfig } from './config/config.ts';
import { createFindNames } from './enrichment/names.ts';
import { ExitError } from './errors.ts';
import { createDelivery } from './exporter/delivery.ts';
import type { DeliveryEvent } from './exporter/delivery-event.ts';
import type { OtlpExporter } from './exporter/otlp.ts';
import { organizationId } from './inventory/entity.ts';
import { listRequest } from './inventory/request.ts';
import type { Logger } from './log.ts';
import { type Answer, joinedAnswer } from './pipeline/answer.ts';
import { type Ask, carryOut } from './pipeline/ask.ts';
import { logDelivery } from './pipeline/delivery-log.ts';
import { type Drained, drainOrganization } from './pipeline/drain.ts';
import { Feed } from './pipeline/feed.ts';
import { Inventory } from './pipeline/inventory.ts';
import { InventorySender } from './pipeline/inventory-sender.ts';
import { runOrganization } from './pipeline/organization.ts';
import { Patience } from './pipeline/patience.ts';
import { persist } from './pipeline/persist.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import type { Collected } from './pipeline/replay.ts';
import { serveRequests } from './pipeline/requests.ts';
import type { Source } from './pipeline/source.ts';
import { together } from './pipeline/together.ts';
import { createAuditLogProcessor } from './processor/audit-log.ts';
import { createInventoryProcessor } from './processor/inventory.ts';
import { createOwnProcessor } from './processor/own-record.ts';
import type { Enrich } from './processor/processor.ts';
import { type Progress, UNSEEN } from './progress/progress.ts';
import { createAuditLogReceiver, newTrust, type PageQuery } from './receiver/audit-log.ts';
import type { Storage } from './storage/storage.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** How often what was learned of the limits is written down. */
const KEEP_MS = 5 * 60_000;

/** Everything of the outside world: with another set of these the same collector runs on simulated time. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly http: HttpClient;
  readonly exporter: OtlpExporter;
  readonly storage: Storage;
  /** Absent when no enrichment is configured. */
  readonly enrich?: Enrich | undefined;
  readonly userAgent: string;
  /** Absent where nobody looks. */
  readonly telemetry?: Telemetry | undefined;
  /** Hears how far long work is. */
  readonly progress?: Progress | undefined;
}

/** Collects until `signal` aborts, and resolves when all has stopped. Rejects only for what nobody can handle. */
export async function runService(config: Config, ports: Ports, signal: AbortSignal): Promise<void> {
  await withOrganizations(config, ports, signal, ({ config, sources, pipeline, collected, inventory }, stop) =>
    together<void>(
      [
        end => runOrganization(config, sources, ports.storage, end),
        end => pipeline.statements.run(end),
        ...(inventory === undefined ? [] : [(end: AbortSignal) => inventory.run(end)]),
        end =>
          serveRequests(
            { ...ports, organization: config.name },
            ({ ask }, until) => carryOut(collected, JSON.parse(ask) as Ask, until),
            end,
          ),
      ],
      stop,
    ),
  ).catch(error => {
    if (!signal.aborted) throw error;
  });
}

/**
 * Delivers and covers once what is listed by now. Rejects like runService, for what a person must act upon, and when the
 * backend keeps it waiting.
 */
export async function drainService(config: Config, ports: Ports, signal: AbortSignal): Promise<readonly Drained[]> {
  const drained = await withOrganizations(
    config,
    ports,
    signal,
    async ({ sources, pipeline, inventory }, stop) => {
      const result = await drainOrganization(sources, ports.storage, stop);
      await inventory?.once(stop);
      await pipeline.statements.flush(stop);
      return result;
    },
    new Patience(),
  );
  return drained.flat();
}

/** Carries out once what a command asks, for every organization. Rejects like drainService. */
export async function askService(config: Config, ports: Ports, ask: Ask, signal: AbortSignal): Promise<Answer> {
  const answers = await withOrganizations(
    config,
    ports,
    signal,
    async ({ pipeline, collected }, stop) => {
      const answer = await carryOut(collected, ask, stop);
      await pipeline.statements.flush(stop);
      return answer;
    },
    new Patience(),
  );
  return joinedAnswer(answers);
}

interface Organization {
  readonly config: OrganizationConfig;
  readonly sources: readonly Source[];
  readonly pipeline: Pipeline;
  readonly collected: Collected;
  /** Absent when it is not to be read. */
  readonly inventory: Inventory | undefined;
}

/** Sends what the last process left in flight, then works on every organization side by side. */
async function withOrganizations<T>(
  config: Config,
  ports: Ports,
  signal: AbortSignal,
  work: (organization: Organization, stop: AbortSignal) => Promise<T>,
  patience?: Patience,
): Promise<readonly T[]> {
  const { clock, random, storage } = ports;
  await checkNames(config, storage);
  const grace = new Grace(clock, signal, config.exporter.timeoutMs);
  try {
    const tasks = config.organizations
      .filter(({ auditLogs, inventory }) => auditLogs.enabled || inventory.enabled)
      .map(organization => async (stop: AbortSignal) => {
        const learned = await storage.note(limitsNote(organization.name));
        const own = createRouteLimiter({ clock, random, learned });
        const limiter = ports.telemetry?.watch(organization.name, own) ?? own;
        const { pipeline, sources, collected, inventory } = await openOrganization(
          config,
          organization,
          ports,
          limiter,
          {
            stop,
            grace: grace.signal,
            patience,
          },
        );
        ports.telemetry?.opened(organization, sources);
        const feeds = sources.map(source => source.feed);
        const { events, sent } = await pipeline.resume(feeds, stop);
        const [result] = await together<T | undefined>(
          [
            end =>
              keepingLearned(organization, limiter, ports, end, () =>
                work({ config: organization, sources, pipeline, collected, inventory }, end),
              ),
            async () => {
              await sent;
              if (events > 0) ports.log.info('sent what was in flight at the last stop', { events });
              return undefined;
            },
          ],
          stop,
        );
        return result as T;
      });
    return await together(tasks, patience === undefined ? signal : AbortSignal.any([signal, patience.signal]));
  } finally {
    grace.end();
  }
}

/** A signal that aborts some time after another: an export under way may end, and is not repeated at the next start. */
class Grace {
  readonly #late = new AbortController();
  readonly #ended = new AbortController();

  constructor(clock: Clock, signal: AbortSignal, graceMs: number) {
    const start = () =>
      clock.sleep(graceMs, this.#ended.signal).then(
        () => this.#late.abort(signal.reason),
        () => undefined,
      );
    if (signal.aborted) void start();
    else signal.addEventListener('abort', start, { once: true, signal: this.#ended.signal });
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  end(): void {
    this.#ended.abort();
  }
}

/** Works, and writes down now and then, and at the end, what was learned of the limits. */
async function keepingLearned<T>(
  organization: OrganizationConfig,
  limiter: Limiter,
  { clock, storage, log }: Ports,
  stop: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  let kept = '';
  const keep = async () => {
    const learned = limiter.snapshot();
    if (learned !== kept) await storage.setNote(limitsNote(organization.name), learned);
    kept = learned;
  };
  const keeping = (async () => {
    for (;;) {
      await clock.sleep(KEEP_MS, AbortSignal.any([stop, ended.signal]));
      await keep();
    }
  })();
  // It ends with `stop` already, while work under way may still end in order.
  keeping.catch(() => undefined);
  try {
    return await work();
  } finally {
    ended.abort();
    await keeping.catch(() => undefined);
    // What was learned can be learned again: not worth to fail for.
    await keep().catch(error =>
      log.warn('what was learned of the limits is not kept', { code: 'state-unwritable', reason: String(error) }),
    );
  }
}

/** What may end an organization's work. */
interface Endings {
  readonly stop: AbortSignal;
  /** Ends an export under way, some time after `stop`. */
  readonly grace: AbortSignal;
  readonly patience: Patience | undefined;
}

async function openOrganization(
  config: Config,
  organization: OrganizationConfig,
  ports: Ports,
  limiter: Limiter,
  { stop, grace, patience }: Endings,
) {
  const { random, storage, exporter, progress = UNSEEN } = ports;
  const clock = steady(ports.clock);
  const { name, auditLogs } = organization;
  const log = ports.log.with({ organization: name });
  const time = new ApiTime(clock);
  const client = createAdminClient({
    ...organization,
    userAgent: ports.userAgent,
    http: ports.http,
    limiter,
    time,
    clock,
  });
  const { batch, timeoutMs } = config.exporter;
  // Both lanes meet the same backend: what befalls it is said once.
  const say = logDelivery(log);
  const onEvent = (event: DeliveryEvent) => {
    say(event);
    ports.telemetry?.hear(name, event);
    patience?.hear(event);
  };
  const delivery = () =>
    createDelivery(exporter, {
      clock,
      random,
      timeoutMs,
      limits: batch,
      sizeOf: exporter.sizeOf,
      onEvent,
      stop,
    });
  const pipeline = new Pipeline({
    organization: name,
    storage,
    processor: createAuditLogProcessor({ ...config, ...config.records }),
    ownProcessor: createOwnProcessor(config),
    enrich: ports.enrich,
    findNames: createFindNames(
      { isEmpty: () => storage.inventoryIsEmpty(name), under: ids => storage.inventoryUnder(name, ids) },
      log,
    ),
    deliveries: { live: delivery(), rest: delivery() },
    clock,
    random,
    log,
    excludeTypes: auditLogs.excludeTypes,
    onCount: ports.telemetry?.count,
    onDelivered: ports.telemetry?.delivered,
    batchRecords: batch.maxRecords,
    onFate: ({ uid, type, effectiveAt, event }) => inventory?.heard(uid, type, effectiveAt, event),
    grace,
  });
  const said = new Set<string>();
  const keepTrying = <T>(operation: () => Promise<T>) => persist(operation, { clock, random, log, signal: grace });
  const sender = new InventorySender({
    organization: name,
    storage,
    inventoryProcessor: createInventoryProcessor({ ...config, ...config.records }),
    persist: keepTrying,
    deliver: records => pipeline.deliverBeside(records),
    onStatement: () => pipeline.statements.wake(),
    batchRecords: batch.maxRecords,
    clock,
    log,
  });
  const inventory = organization.inventory.enabled
    ? new Inventory({
        organization: name,
        id: organizationId(organization.id ?? name),
        config: organization.inventory,
        storage,
        sender,
        read: ({ kind, parent }, signal) =>
          readList(client, listRequest(kind, parent, { priority: 'inventory', caller: 'inventory' }), signal),
        progress,
        perMinute: wanted => limiter.learned().find(({ route }) => route === wanted)?.requestsPerMinute,
        persist: keepTrying,
        clock,
        log,
        said,
      })
    : undefined;
  await keepTrying(() => readmit(organization, storage, log));
  const sources = await Promise.all(
    (auditLogs.enabled ? auditLogs.streams : []).map(async (stream): Promise<Source> => {
      const key = { organization: name, stream };
      const trust = newTrust();
      const receiver = (priority: Priority) =>
        createAuditLogReceiver(
          (query, signal) => listAuditLogs(client, { ...query, stream, priority: urgency(priority, query) }, signal),
          trust,
        );
      return {
        feed: new Feed(key, auditLogs, await storage.feed(key)),
        receivers: { live: receiver('live'), gap: receiver('gap'), reverify: receiver('reverify') },
        pipeline,
        hasSpare: () => limiter.hasSpare(AUDIT_LOGS),
        livePaceMs: () => limiter.livePaceMs(AUDIT_LOGS, auditLogs.streams.length),
        leastMs: requests => leastTimeMs(limiter, AUDIT_LOGS, requests, clock.nowMs()),
        progress,
        time,
        clock,
        random,
        log: log.with({ stream }),
        said,
      };
    }),
  );
  // A sender also where the inventory is not read: something may be parked.
  const collected = { organization: name, sources, inventory: sender, storage, progress };
  return { pipeline, sources, collected, inventory };
}

/** What is no longer excluded is read again: its ids are forgotten, and their hours are open. */
async function readmit({ name, auditLogs }: OrganizationConfig, storage: Storage, log: Logger): Promise<void> {
  const key = `exclude_types/${name}`;
  const before: readonly string[] = JSON.parse((await storage.note(key)) ?? '[]');
  const readmitted = before.filter(type => !auditLogs.excludeTypes.includes(type));
  if (readmitted.length > 0) {
    const hours = await storage.readmit(name, readmitted);
    log.info('types are no longer excluded: the hours that held them are read again', {
      types: readmitted.join(','),
      spans: hours.length,
    });
  }
  await storage.setNote(key, JSON.stringify(auditLogs.excludeTypes));
}

/** Only the first page of a poll brings the newest event; the tail's further pages are less urgent. */
function urgency(priority: Priority, { after }: PageQuery): Priority {
  return priority === 'live' && after !== undefined ? 'live_more' : priority;
}

/** A state that knows only other names was probably renamed in the configuration: it must not start all over. */
async function checkNames({ organizations, storage: { path } }: Config, storage: Storage): Promise<void> {
  const names = organizations.map(({ name }) => name);
  const known = await storage.organizations();
  const lost = known.filter(name => !names.includes(name));
  const fresh = names.filter(name => !known.includes(name));
  if (lost.length === 0 || fresh.length === 0) return;
  throw new ExitError(
    'organization-renamed',
    `organizations: the state in ${path} knows ${quoted(lost)}, but not ${quoted(fresh)}. ` +
      'If it is the same organization, put its old name back; ' +
      'if it is another one, give it a state file of its own (storage.path).',
  );
}

function quoted(names: readonly string[]): string {
  return names.map(name => JSON.stringify(name)).join(', ');
}
