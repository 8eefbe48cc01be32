import type { Config } from '../config/config.ts';
import { parseForeignYaml } from '../config/foreign-yaml.ts';
import { fail, ok, type Result, skipped, warn } from './check.ts';
import { once } from './once.ts';
import type { World } from './world.ts';

const TIMEOUT_MS = 2500;
const MOST_BYTES = 2 * 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Loki's whole configuration, with its defaults, as it tells it. */
export type Loki = Readonly<Record<string, unknown>>;

/** What the records need of it. */
export interface Wanted {
  readonly nowMs: number;
  /** Unix milliseconds of the oldest event that is wanted. */
  readonly oldestMs: number;
  readonly longestReverifyMs: number;
  /** Of a batch. */
  readonly maxBytes: number;
}

/** Asks whether a Loki stands at the backend's address; undefined when none tells its configuration. */
export function openLoki(config: Config, world: World, signal: AbortSignal): () => Promise<Loki | undefined> {
  return once(async () => {
    const url = new URL(config.exporter.logsUrl);
    const prefix = url.pathname.replace(/\/otlp\/v1\/logs$/, '').replace(/\/v1\/logs$/, '');
    const request = { timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES, headers: config.exporter.headers, signal };
    const answer = await world.http.get({ ...request, url: `${url.origin}${prefix}/config` }).catch(() => undefined);
    const told = answer?.status === 200 ? parseForeignYaml(answer.body) : undefined;
    return isMap(told) && isMap(told.limits_config) && isMap(told.ingester) ? told : undefined;
  });
}

export function checkLoki(loki: Loki | undefined): Result {
  return loki === undefined ? skipped('no Loki tells its limits at this address') : ok();
}

export function checkAge(loki: Loki, { nowMs, oldestMs }: Wanted): Result {
  if (at(loki, 'limits_config.reject_old_samples') === false) return ok('of any age');
  const mostMs = duration(at(loki, 'limits_config.reject_old_samples_max_age')) ?? 7 * DAY_MS;
  const says = `reject_old_samples_max_age is ${days(mostMs)}, the oldest event wanted is ${days(nowMs - oldestMs)} old`;
  return mostMs >= nowMs - oldestMs ? ok(says) : fail('loki-age', says);
}

/** Half of max_chunk_age is how far back a stream may go; ours steps back by less than an hour at its live end. */
export function checkOrder(loki: Loki, { longestReverifyMs }: Wanted): Result {
  const windowMs = (duration(at(loki, 'ingester.max_chunk_age')) ?? 2 * HOUR_MS) / 2;
  const says = `a stream may go back by ${days(windowMs)}`;
  if (windowMs < HOUR_MS) return fail('loki-order', `${says}; live events need an hour`);
  if (windowMs >= longestReverifyMs) return ok(says);
  return warn('loki-order', `${says}; late events are looked for up to ${days(longestReverifyMs)} back`);
}

export function checkSchema(loki: Loki, { oldestMs }: Wanted): Result {
  const configs = at(loki, 'schema_config.configs');
  const from = Array.isArray(configs) ? configs.map(each => Date.parse(String(isMap(each) ? each.from : ''))) : [];
  const first = Math.min(...from.filter(Number.isFinite));
  if (!Number.isFinite(first)) return skipped('it does not tell its schema_config');
  const says = `from ${new Date(first).toISOString().slice(0, 10)} on`;
  return first <= oldestMs ? ok(says) : fail('loki-schema', `${says}; start_from is earlier`);
}

export function checkMessageSize(loki: Loki, { maxBytes }: Wanted): Result {
  const most = bytes(at(loki, 'server.grpc_server_max_recv_msg_size')) ?? 4 * 1024 ** 2;
  const says = `${mib(most)}; a batch has up to ${mib(maxBytes)}`;
  return most >= maxBytes ? ok(says) : fail('loki-message-size', says);
}

export function checkRate(loki: Loki, { maxBytes }: Wanted): Result {
  const burst = Number(at(loki, 'limits_config.ingestion_burst_size_mb') ?? 6) * 1024 ** 2;
  const ofStream = bytes(at(loki, 'limits_config.per_stream_rate_limit_burst')) ?? 15 * 1024 ** 2;
  const most = Math.min(burst, ofStream);
  const says = `${mib(most)} at once; a batch has up to ${mib(maxBytes)}`;
  return most >= maxBytes ? ok(says) : fail('loki-rate', says);
}

export function checkLineSize(loki: Loki): Result {
  const most = bytes(at(loki, 'limits_config.max_line_size')) ?? 256 * 1024;
  const says = most === 0 ? 'of any length' : `${Math.floor(most / 1024)} KiB`;
  return most === 0 || most >= 256 * 1000 ? ok(says) : warn('loki-line-size', `max_line_size is ${says}`);
}

const LEAST_ENTRIES = 128;
const LEAST_METADATA_BYTES = 64_000;

export function checkMetadata(loki: Loki): Result {
  const limits = (name: string) => at(loki, `limits_config.${name}`);
  if (limits('allow_structured_metadata') === false) {
    return fail('loki-metadata', 'allow_structured_metadata is false');
  }
  const entries = Number(limits('max_structured_metadata_entries_count') ?? LEAST_ENTRIES);
  const size = bytes(limits('max_structured_metadata_size')) ?? LEAST_METADATA_BYTES;
  const says = `${entries} entries, ${Math.floor(size / 1024)} KiB`;
  const isEnough = (entries === 0 || entries >= LEAST_ENTRIES) && (size === 0 || size >= LEAST_METADATA_BYTES);
  return isEnough ? ok(says) : fail('loki-metadata', `it takes ${says}`);
}

const LEAST_LABELS = 15;

export function checkLabels(loki: Loki): Result {
  const most = Number(at(loki, 'limits_config.max_label_names_per_series') ?? LEAST_LABELS);
  return most >= LEAST_LABELS ? ok(`${most}`) : warn('loki-labels', `max_label_names_per_series is ${most}`);
}

export function checkRetention(loki: Loki, { nowMs, oldestMs }: Wanted): Result {
  const keptMs = duration(at(loki, 'limits_config.retention_period')) ?? 0;
  if (keptMs === 0) return ok('for ever');
  const says = `retention_period is ${days(keptMs)}, the oldest event wanted is ${days(nowMs - oldestMs)} old`;
  return keptMs >= nowMs - oldestMs ? ok(says) : warn('loki-retention', says);
}

export function checkVisibility(loki: Loki): Result {
  const storeMs = duration(at(loki, 'ingester.query_store_max_look_back_period')) ?? 0;
  const ingestersMs = duration(at(loki, 'querier.query_ingesters_within')) ?? 3 * HOUR_MS;
  if (storeMs < 0 || ingestersMs === 0) return ok();
  return warn('loki-visibility', `an event older than ${days(ingestersMs)} is seen only once it is flushed`);
}

/** What stands at a path of names. */
function at(loki: Loki, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isMap(inner) ? inner[name] : undefined), loki);
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  y: 365 * DAY_MS,
};

/** Milliseconds of `1w`, `17568h0m0s`, `-1ns` or 0. */
function duration(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|ns|us|[smhdwy])/g)];
  if (parts.length === 0) return undefined;
  const sum = parts.reduce((ms, [, count, unit = '']) => ms + Number(count) * (UNITS[unit] ?? 0.001), 0);
  return value.startsWith('-') ? -sum : sum;
}

/** Bytes of `256KB`, `64MiB` or a number. */
function bytes(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const [, count, unit = ''] = /^([\d.]+)\s*([KMGT]?)i?B?$/i.exec(String(value ?? '')) ?? [];
  return count === undefined ? undefined : Number(count) * 1024 ** '_KMGT'.indexOf(unit.toUpperCase() || '_');
}

function days(ms: number): string {
  return ms >= 2 * DAY_MS ? `${Math.round(ms / DAY_MS)} d` : `${Math.round((ms / HOUR_MS) * 10) / 10} h`;
}

function mib(size: number): string {
  return `${Math.round((size / 1024 ** 2) * 10) / 10} MiB`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
