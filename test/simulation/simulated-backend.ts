import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Outcome } from '../../src/exporter/exporter.ts';
import type { OtlpExporter } from '../../src/exporter/otlp.ts';
import type { LogRecord } from '../../src/record.ts';
import type { History, Trouble } from './history.ts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** What the backend knows of one uid. */
export interface Stored {
  readonly record: LogRecord;
  /** The whole record as text: a repetition must be equal. */
  readonly text: string;
  readonly way: string;
  /** Simulated milliseconds. */
  readonly atMs: number;
  copies: number;
  /** The process that was told of the last copy; undefined while nobody was. */
  toldTo: Life | undefined;
}

/** Whether the collector's state holds a fate for a uid by now. */
export type IsSettled = (uid: string) => boolean;

const MOST_RECORDS = 100;
const HOUR_S = 3600;

/** A backend that keeps everything, misbehaves as told, and judges what it is sent: order, repetitions, batches. */
export class SimulatedBackend {
  readonly stored = new Map<string, Stored>();
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #nowS: () => number;
  readonly #isSettled: IsSettled;
  readonly #dice: Dice;
  readonly #troubles = new Map<Trouble, number>();
  readonly #newest = new Map<string, number>();
  readonly #underWay = new Map<string, number>();
  readonly #refusesOld: boolean;
  calm = false;

  constructor(history: History, scheduler: Scheduler, trace: Trace, nowS: () => number, isSettled: IsSettled) {
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#nowS = nowS;
    this.#isSettled = isSettled;
    this.#dice = createDice(`${history.seed} backend`);
    this.#refusesOld = history.happenings.some(each => each.kind === 'backend' && each.trouble.kind === 'too_old');
  }

  trouble(trouble: Trouble, forMs: number): void {
    this.#troubles.set(trouble, this.#scheduler.nowMs + forMs);
  }

  /** Whether the backend refuses this event for good. */
  isPoison(uid: string): boolean {
    const { poison } = this.#history;
    return poison > 0 && hash(uid) % poison === 0;
  }

  exporterFor(life: Life): OtlpExporter {
    return {
      export: (records, { timeoutMs, signal }) => this.#attempt(life, records, timeoutMs, signal),
      sizeOf: ({ body }) => 400 + JSON.stringify(body ?? '').length,
      shutdown: async () => {},
    };
  }

  #attempt(life: Life, records: readonly LogRecord[], timeoutMs: number, signal: AbortSignal): Promise<Outcome> {
    return life.call<Outcome>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (!life.survives('before export')) return;
      const done = this.#begin(life, records);
      const oneWayMs = 1 + this.#dice.next() * 20;
      const jobs = [
        life.later(timeoutMs, () => end(() => resolve(timedOut(timeoutMs)))),
        life.later(oneWayMs, () => {
          const { outcome, delayMs = 0 } = this.#handle(life, records, timeoutMs);
          const answer = () => {
            if (!life.survives('after export')) return;
            if (outcome.kind === 'acknowledged') this.#tell(life, records);
            end(() => resolve(outcome));
          };
          jobs.push(life.later(oneWayMs + delayMs, answer));
        }),
      ];
      const onAbort = () => end(() => reject(signal.reason));
      const end = (how: () => void) => {
        for (const job of jobs) job.cancelled = true;
        signal.removeEventListener('abort', onAbort);
        done();
        how();
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Judges the batch as such. */
  #begin(life: Life, records: readonly LogRecord[]): () => void {
    const [first] = records;
    const way = first === undefined ? '' : wayOf(first);
    if (records.length === 0) this.#trace.violation('batch', 'an empty batch was sent');
    if (records.length > MOST_RECORDS) this.#trace.violation('batch', `${records.length} records in one batch`);
    if (records.some(record => wayOf(record) !== way)) this.#trace.violation('batch', 'two ways in one batch');
    for (const record of records) this.#judgeRepetition(life, record);
    const lane = `${life.number} ${way.includes('/live') ? 'live' : 'rest'}`;
    const underWay = this.#underWay.get(lane) ?? 0;
    if (underWay > 0) this.#trace.violation('batch', `two attempts at a time of ${lane}`);
    this.#underWay.set(lane, underWay + 1);
    return () => this.#underWay.set(lane, (this.#underWay.get(lane) ?? 1) - 1);
  }

  #judgeRepetition(life: Life, record: LogRecord): void {
    const uid = uidOf(record);
    if (this.#isSettled(uid)) this.#trace.violation('duplicates', `${uid} was sent again though it has its fate`);
    const stored = this.stored.get(uid);
    if (stored === undefined) return;
    if (stored.toldTo === life) this.#trace.violation('duplicates', `${uid} was sent again after its acknowledgement`);
    const text = JSON.stringify(record);
    if (text !== stored.text) {
      this.#trace.violation('identical', `${uid} differs from its first copy:\n${stored.text}\n${text}`);
    }
  }

  #handle(
    life: Life,
    records: readonly LogRecord[],
    timeoutMs: number,
  ): { readonly outcome: Outcome; readonly delayMs?: number } {
    const { outcome, stores, delayMs = 0 } = this.#decide(records, timeoutMs);
    const kept = stores === undefined ? records : records.slice(0, stores);
    this.#trace.note(
      `#${life.number} export ${records.length} ${wayOf(records[0] as LogRecord)} ${uidOf(records[0] as LogRecord)} ${outcome.kind} ${kept.length}`,
    );
    for (const record of kept) this.#store(record);
    return { outcome, delayMs };
  }

  #decide(
    records: readonly LogRecord[],
    timeoutMs: number,
  ): { readonly outcome: Outcome; readonly stores?: number; readonly delayMs?: number } {
    for (const trouble of this.#active()) {
      if ('share' in trouble && !this.#dice.chance(trouble.share)) continue;
      switch (trouble.kind) {
        case 'gone':
          return { stores: 0, outcome: retryable('connect ECONNREFUSED', false) };
        case 'misconfigured':
          return { stores: 0, outcome: { kind: 'misconfigured', message: '401 no' } };
        case 'lost':
          return { outcome: retryable('socket hang up', true) };
        case 'slow': {
          const delayMs = timeoutMs * this.#dice.next() * 3;
          return { ...(!trouble.stores && delayMs > timeoutMs && { stores: 0 }), outcome: ACKNOWLEDGED, delayMs };
        }
        case 'status': {
          const { status, retryAfterMs } = trouble;
          const unknown = status !== 429 && status !== 503;
          const stores = unknown && this.#dice.chance(0.5) ? records.length : 0;
          const outcome = { ...retryable(`said ${status}`, unknown), status, ...(retryAfterMs && { retryAfterMs }) };
          return { stores, outcome };
        }
        case 'partial': {
          if (records.every(isProbe)) break;
          const rejected = this.#dice.integer(1, records.length);
          const outcome: Outcome = { kind: 'partial', rejected, message: 'some were bad' };
          return { stores: records.length - rejected, outcome };
        }
        case 'too_old': {
          const oldest = this.#nowS() - trouble.olderThanS;
          if (!records.some(record => record.timestamp < oldest)) break;
          return { stores: 0, outcome: { kind: 'too_old', message: 'greater than max sample age' } };
        }
      }
    }
    if (records.some(record => !isProbe(record) && this.isPoison(uidOf(record)))) {
      return { stores: 0, outcome: { kind: 'refused', status: 400, message: 'line too long' } };
    }
    return { outcome: ACKNOWLEDGED };
  }

  #active(): readonly Trouble[] {
    if (this.calm) return [];
    return [...this.#troubles].filter(([, untilMs]) => untilMs > this.#scheduler.nowMs).map(([trouble]) => trouble);
  }

  #store(record: LogRecord): void {
    if (isProbe(record)) return;
    const uid = uidOf(record);
    const known = this.stored.get(uid);
    if (known !== undefined) {
      known.copies += 1;
      known.toldTo = undefined;
      return;
    }
    const way = wayOf(record);
    this.#judgeOrder(way, record);
    const atMs = this.#scheduler.nowMs;
    this.stored.set(uid, { record, text: JSON.stringify(record), way, atMs, copies: 1, toldTo: undefined });
  }

  #judgeOrder(way: string, record: LogRecord): void {
    const newest = this.#newest.get(way) ?? Number.NEGATIVE_INFINITY;
    // Where the backend refuses old records, the newest of a batch is sent before the others.
    const mayStepBackS = way.endsWith('/live') || this.#refusesOld ? HOUR_S : 0;
    if (record.timestamp < newest - mayStepBackS) {
      this.#trace.violation('order', `${uidOf(record)} steps back ${newest - record.timestamp} s in ${way}`);
    }
    this.#newest.set(way, Math.max(newest, record.timestamp));
  }

  #tell(life: Life, records: readonly LogRecord[]): void {
    for (const record of records) {
      const stored = this.stored.get(uidOf(record));
      if (stored !== undefined) stored.toldTo = life;
    }
  }
}

const ACKNOWLEDGED: Outcome = { kind: 'acknowledged' };

function retryable(message: string, unknown: boolean): Extract<Outcome, { kind: 'retryable' }> {
  return { kind: 'retryable', message, unknown, timedOut: false };
}

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'retryable', message: `no answer within ${timeoutMs / 1000} s`, unknown: true, timedOut: true };
}

function isProbe({ eventName }: LogRecord): boolean {
  return eventName === 'openai.collector.probe';
}

function uidOf({ attributes }: LogRecord): string {
  return String(attributes['log.record.uid']);
}

function wayOf({ resource }: LogRecord): string {
  return String(resource['service.instance.id']);
}

function hash(text: string): number {
  let value = 7;
  for (let at = 0; at < text.length; at += 1) value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value;
}
