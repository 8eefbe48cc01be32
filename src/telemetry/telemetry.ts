import type { Limiter } from '../api/limiter.ts';
import type { Clock } from '../clock.ts';
import type { OrganizationConfig } from '../config/config.ts';
import type { DeliveryEvent } from '../exporter/delivery-event.ts';
import type { Counted } from '../pipeline/counted.ts';
import type { Feed } from '../pipeline/feed.ts';
import type { Source } from '../pipeline/source.ts';
import type { Works } from '../progress/works.ts';
import type { LogRecord } from '../record.ts';
import type { Storage } from '../storage/storage.ts';
import { Counters } from './counters.ts';
import { DeliveryWatch } from './delivery-watch.ts';
import { inventoryStatus } from './inventory-status.ts';
import type { Labels, MetricName, Sample } from './metrics.ts';
import { NewestEvents } from './newest-events.ts';
import { problemsOf } from './problems.ts';
import { gaugesOf } from './samples.ts';
import type { EventCount, OrganizationStatus, RouteStatus, Status, StreamStatus } from './status.ts';
import { streamStatus } from './stream-status.ts';
import { watchedLimiter } from './watched-limiter.ts';
import { worksOf } from './work-status.ts';

/** What the process and the disk say, which nobody here may ask. */
export interface Vitals {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly stateBytes: number;
}

export interface TelemetrySettings {
  readonly clock: Clock;
  readonly version: string;
  readonly storage: Storage;
  /** Long work, and how far it is. */
  readonly works: Pick<Works, 'underWay'>;
  readonly storagePath: string;
  /** Where logs go, as a person may see it. */
  readonly backend: string;
  /** Names of the organizations that are going to be collected. */
  readonly organizations: readonly string[];
  readonly vitals: () => Promise<Vitals>;
  /** Whether the newest delivered events are kept, to be shown. */
  readonly showEvents: boolean;
}

interface Watched {
  readonly delivery: DeliveryWatch;
  limiter?: Limiter;
  sources: readonly Source[];
  opened: boolean;
}

/** What a running service is seen to do. It counts what it is told, and looks at everything else when it is asked. */
export class Telemetry {
  readonly #settings: TelemetrySettings;
  readonly #counters = new Counters();
  readonly #startedAtMs: number;
  readonly #startedMs: number;
  readonly #organizations: ReadonlyMap<string, Watched>;
  readonly #newest: NewestEvents | undefined;

  constructor(settings: TelemetrySettings) {
    this.#settings = settings;
    this.#startedAtMs = settings.clock.nowMs();
    this.#startedMs = settings.clock.monotonicMs();
    this.#newest = settings.showEvents ? new NewestEvents() : undefined;
    this.#organizations = new Map(settings.organizations.map(name => [name, watched(settings.clock)]));
  }

  /** The organization's limiter, with its requests counted. */
  watch(organization: string, limiter: Limiter): Limiter {
    this.#of(organization).limiter = limiter;
    return watchedLimiter(limiter, organization, this.#counters, this.#settings.clock);
  }

  /** From now on an organization is collected. */
  opened({ name }: OrganizationConfig, sources: readonly Source[]): void {
    const organization = this.#of(name);
    organization.sources = sources;
    organization.opened = true;
    this.#counters.add('openai_collector_exporter_retries_total', { organization: name }, 0);
    for (const { feed } of sources) {
      for (const [counter, labels] of Object.values(COUNTERS)) {
        this.#counters.add(counter, { organization: name, stream: feed.key.stream, ...labels }, 0);
      }
    }
  }

  /** A delivery of an organization says this. */
  hear(organization: string, event: DeliveryEvent): void {
    this.#of(organization).delivery.hear(event);
    const labels = { organization };
    if (event.kind === 'attempt_failed') this.#counters.add('openai_collector_exporter_retries_total', labels);
    if (event.kind !== 'acknowledged') return;
    this.#counters.observe('openai_collector_exporter_operation_duration_seconds', labels, event.tookMs / 1000);
  }

  /** So many events of a feed came to this. Bound, to be handed on. */
  readonly count = ({ key: { organization, stream } }: Feed, counted: Counted, events: number): void => {
    const [counter, labels] = COUNTERS[counted];
    this.#counters.add(counter, { organization, stream, ...labels }, events);
  };

  /** Records of these events of a feed were acknowledged. Bound, to be handed on. */
  readonly delivered = ({ key }: Feed, records: readonly LogRecord[]): void => {
    this.#newest?.delivered(key, records, this.#settings.clock.nowMs());
  };

  async status(): Promise<Status> {
    const { clock, version, storagePath, backend, vitals } = this.#settings;
    const { stateBytes } = await vitals();
    const organizations = await Promise.all(
      [...this.#organizations].map(([name, organization]) => this.#organizationStatus(name, organization)),
    );
    const problems = problemsOf(organizations);
    const isOpen = [...this.#organizations.values()].every(({ opened }) => opened);
    return {
      version,
      startedAtMs: this.#startedAtMs,
      nowMs: clock.nowMs(),
      ready: isOpen && problems.every(({ severity }) => severity !== 'act'),
      problems,
      backend,
      storage: { path: storagePath, bytes: stateBytes },
      organizations,
      ...(this.#newest === undefined ? {} : { events: this.#newest.list }),
    };
  }

  /** Every metric as it is now. */
  async samples(): Promise<readonly Sample[]> {
    const { clock, vitals } = this.#settings;
    const { cpuSeconds, rssBytes } = await vitals();
    const uptimeS = (clock.monotonicMs() - this.#startedMs) / 1000;
    return [
      ...this.#counters.samples(),
      ...gaugesOf(await this.status()),
      { name: 'openai_collector_process_uptime_seconds', labels: {}, value: uptimeS },
      { name: 'openai_collector_process_cpu_seconds_total', labels: {}, value: cpuSeconds },
      { name: 'openai_collector_process_memory_rss_bytes', labels: {}, value: rssBytes },
    ];
  }

  /** Unix milliseconds from which the counters count. */
  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  async #organizationStatus(name: string, organization: Watched): Promise<OrganizationStatus> {
    const { storage, works, clock } = this.#settings;
    const isHeld = organization.delivery.status.state === 'held';
    const inventory = inventoryStatus(await storage.inventoryLists(name));
    return {
      name,
      delivery: organization.delivery.status,
      works: worksOf(name, works.underWay(), { nowMs: clock.nowMs(), isHeld }),
      streams: await Promise.all(organization.sources.map(source => this.#streamStatus(source))),
      routes: this.#routes(name, organization),
      parked: await storage.parkedReasons(name),
      ...(inventory === undefined ? {} : { inventory }),
    };
  }

  async #streamStatus(source: Source): Promise<StreamStatus> {
    const { key } = source.feed;
    const [newest] = await this.#settings.storage.newest(key, 1);
    const labels = { organization: key.organization, stream: key.stream };
    const count = (counted: Counted) => {
      const [counter, own] = COUNTERS[counted];
      return this.#counters.sum(counter, { ...labels, ...own });
    };
    const events: Record<EventCount, number> = {
      received: this.#counters.sum('openai_collector_receiver_accepted_log_records_total', labels),
      late: count('late'),
      duplicate: count('duplicate'),
      excluded: count('excluded'),
      delivered: count('acknowledged'),
      parked: count('parked'),
    };
    return {
      ...streamStatus(source),
      ...(newest === undefined ? {} : { newestEventAt: newest.effectiveAt }),
      events,
    };
  }

  #routes(organization: string, { limiter }: Watched): readonly RouteStatus[] {
    return (limiter?.learned() ?? []).map(({ route, requestsPerMinute, waitingUntilMs }) => {
      const sum = (name: MetricName, labels: Labels = {}) =>
        this.#counters.sum(name, { organization, route, ...labels });
      const requests = 'openai_collector_receiver_requests_total';
      return {
        route,
        requests: sum(requests),
        limited: sum(requests, { outcome: 'limited' }),
        refused: sum(requests, { outcome: 'refused' }),
        failed: sum(requests, { outcome: 'failed' }),
        waitSeconds: sum('openai_collector_receiver_request_wait_seconds_total'),
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
        ...(waitingUntilMs === undefined ? {} : { pausedUntilMs: waitingUntilMs }),
      };
    });
  }

  #of(organization: string): Watched {
    const known = this.#organizations.get(organization);
    if (known === undefined) throw new Error(`nobody said that ${organization} would be collected`);
    return known;
  }
}

/** By which metric, and which labels besides, events are counted. */
const COUNTERS: Readonly<Record<Counted, readonly [MetricName, Labels]>> = {
  live: ['openai_collector_receiver_accepted_log_records_total', { delivery: 'live' }],
  backfill: ['openai_collector_receiver_accepted_log_records_total', { delivery: 'backfill' }],
  late: ['openai_collector_receiver_accepted_log_records_total', { delivery: 'late' }],
  duplicate: ['openai_collector_receiver_duplicate_log_records_total', {}],
  excluded: ['openai_collector_receiver_excluded_log_records_total', {}],
  acknowledged: ['openai_collector_exporter_sent_log_records_total', {}],
  parked: ['openai_collector_exporter_send_failed_log_records_total', {}],
  aside: ['openai_collector_exporter_set_aside_log_records_total', {}],
};

function watched(clock: Clock): Watched {
  return { delivery: new DeliveryWatch(clock), sources: [], opened: false };
}
