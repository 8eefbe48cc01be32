import { createDice, type Dice } from '../../src/emulator/random.ts';
import type { Answer } from '../../src/exporter/answer.ts';
import { classify } from '../../src/exporter/classify.ts';
import type { Outcome } from '../../src/exporter/exporter.ts';
import type { OtlpExporter } from '../../src/exporter/otlp.ts';
import type { LogRecord } from '../../src/record.ts';
import type { Configuration, History, Trouble } from './history.ts';
import type { Life } from './life.ts';
import { answerOf, partialAnswer, success } from './otlp-answer.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { Trace } from './trace.ts';

/** What the backend knows of one uid. */
export interface Stored {
  readonly record: LogRecord;
  readonly way: string;
  /** Simulated milliseconds. */
  readonly atMs: number;
  copies: number;
  /** The process that was told of the last copy; undefined while nobody was. */
  toldTo: Life | undefined;
}

/** What happens to one attempt. */
interface Reception {
  /** How many of the records are kept, from the first on; absent: all. */
  readonly stores?: number;
  /** Later than the way takes. */
  readonly delayMs?: number;
  readonly said: Answer | Failure;
}

/** What the exporter makes of a connection that brings no answer. */
type Failure = { readonly failure: string } & ({ readonly unknown: boolean } | { readonly misconfigured: true });

const NO_ANSWER: Failure = { failure: 'socket hang up', unknown: true };
const MOST_RECORDS = 100;
const HOUR_S = 3600;
/** Ids are kept for a week at least, by the collector's clock: that jumps by a day. */
const REMEMBERED_MS = 5 * 24 * HOUR_S * 1000;
/** As OTLP, Grafana Loki and an OpenTelemetry Collector before it say it. */
const REFUSALS = [
  { status: 400, text: 'line too long' },
  { status: 413, text: 'too large' },
  { status: 422, text: 'unprocessable' },
  { status: 500, text: 'Exporting failed: HTTP Status Code 400: line too long' },
] as const;
type Refusal = (typeof REFUSALS)[number];

/** A backend that keeps everything, misbehaves as told, and judges what it is sent: order, repetitions, batches. */
export class SimulatedBackend {
  readonly stored = new Map<string, Stored>();
  readonly #history: History;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #nowS: () => number;
  readonly #disk: SimulatedDisk;
  readonly #dice: Dice;
  readonly #troubles = new Map<Trouble, number>();
  readonly #newest = new Map<string, number>();
  readonly #underWay = new Map<string, number>();
  readonly refusesOld: boolean;
  /** Uids that were refused for something that they are, and not for what stands beside them. */
  readonly faulted = new Set<string>();
  /** Uids of the inventory in batches that were taken in part. */
  readonly #takenInPart = new Set<string>();
  /** The newest time of a batch that was called too old: what is no newer may be set aside, and is then observed anew. */
  #calledOldS = Number.NEGATIVE_INFINITY;
  calm = false;
  /** Hears of each record that it did not have before. */
  onStored: ((record: LogRecord) => void) | undefined;

  constructor(history: History, scheduler: Scheduler, trace: Trace, nowS: () => number, disk: SimulatedDisk) {
    this.#history = history;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#nowS = nowS;
    this.#disk = disk;
    this.#dice = createDice(`${history.seed} backend`);
    this.refusesOld = history.happenings.some(each => each.kind === 'backend' && each.trouble.kind === 'too_old');
  }

  trouble(trouble: Trouble, forMs: number): void {
    this.#troubles.set(trouble, this.#scheduler.nowMs + forMs);
  }

  /** Whether the backend refuses this event for good. */
  isPoison(uid: string): boolean {
    const { poison } = this.#history;
    return poison > 0 && hash(uid) % poison === 0;
  }

  exporterFor(life: Life, { protocol }: Configuration): OtlpExporter {
    return {
      export: (records, { timeoutMs, signal }) => this.#attempt(life, protocol, records, timeoutMs, signal),
      sizeOf: ({ body }) => 400 + JSON.stringify(body ?? '').length,
      shutdown: async () => {},
    };
  }

  #attempt(
    life: Life,
    protocol: Configuration['protocol'],
    records: readonly LogRecord[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    return life.call<Outcome>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (!life.survives('before export')) return;
      const done = this.#begin(life, records);
      const oneWayMs = 1 + this.#dice.next() * 20;
      const jobs = [
        life.later(timeoutMs, () => end(() => resolve(timedOut(timeoutMs)))),
        life.later(oneWayMs, () => {
          const { said, delayMs = 0 } = this.#handle(life, protocol, records, timeoutMs);
          const answer = () => {
            if (!life.survives('after export')) return;
            if (isAcknowledgement(said)) this.#tell(life, records);
            end(() => resolve(this.#outcome(said, protocol)));
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
    const lane = `${life.number} ${way.split('/')[0]} ${way.includes('/live') ? 'live' : 'rest'}`;
    const underWay = this.#underWay.get(lane) ?? 0;
    if (underWay > 0) this.#trace.violation('batch', `two attempts at a time of ${lane}`);
    this.#underWay.set(lane, underWay + 1);
    return () => this.#underWay.set(lane, (this.#underWay.get(lane) ?? 1) - 1);
  }

  #judgeRepetition(life: Life, record: LogRecord): void {
    const uid = uidOf(record);
    if (this.#disk.isSettled(uid)) this.#trace.violation('duplicates', `${uid} was sent again though it has its fate`);
    const stored = this.stored.get(uid);
    if (stored === undefined) return;
    // Of a batch that was taken in part nobody knows which part: what is parked of it may be sent again by a person.
    const isUncertain = this.#disk.uncertain.has(uid) || this.#takenInPart.has(uid);
    // Where both streams list an event, one that is read again after weeks meets what the other brought and is forgotten.
    const isForgotten =
      this.#history.api.tenantInBoth && record.observedAtMs - stored.record.observedAtMs > REMEMBERED_MS;
    const mayDouble = (wayOf(record).includes('/replay/') && isUncertain) || isForgotten;
    if (stored.toldTo === life && !mayDouble)
      this.#trace.violation('duplicates', `${uid} was sent again after its acknowledgement`);
    const text = record.timestamp <= this.#calledOldS ? textOfEvent : JSON.stringify;
    const [first, again] = [text(stored.record), text(record)];
    if (first !== again && !mayDouble) {
      this.#trace.violation('identical', `${uid} differs from its first copy:\n${first}\n${again}`);
    }
  }

  #handle(
    life: Life,
    protocol: Configuration['protocol'],
    records: readonly LogRecord[],
    timeoutMs: number,
  ): Reception {
    const reception = this.#receive(records, timeoutMs, protocol);
    const kept = reception.stores === undefined ? records : records.slice(0, reception.stores);
    const [first] = records as [LogRecord];
    const said = 'status' in reception.said ? reception.said.status : reception.said.failure;
    this.#trace.note(
      `#${life.number} export ${records.length} ${wayOf(first)} ${uidOf(first)} ${said} kept ${kept.length}`,
    );
    for (const record of kept) this.#store(record);
    return reception;
  }

  /** What the collector makes of what it hears. */
  #outcome(said: Reception['said'], protocol: Configuration['protocol']): Outcome {
    if ('misconfigured' in said) return { kind: 'misconfigured', message: said.failure };
    if ('failure' in said) return { kind: 'retryable', message: said.failure, unknown: said.unknown, timedOut: false };
    return classify(said, { protocol, redact: text => text, nowMs: this.#scheduler.nowMs });
  }

  #receive(records: readonly LogRecord[], timeoutMs: number, protocol: Configuration['protocol']): Reception {
    const isPoisoned = records.some(record => !isProbe(record) && this.isPoison(uidOf(record)));
    const refusal = this.#refusal(records);
    // What is refused for good is so in any trouble, as far as an answer says anything.
    const insist = ({ said }: Reception) => (isAcknowledgement(said) ? refusal : said);
    for (const trouble of this.#active()) {
      const reception = this.#suffer(trouble, records, timeoutMs, protocol);
      if (reception !== undefined) return isPoisoned ? { ...reception, stores: 0, said: insist(reception) } : reception;
    }
    return isPoisoned ? { stores: 0, said: refusal } : { said: success(protocol) };
  }

  /** Every answer that says that some of it will never be taken: which one depends on the poison. */
  #refusal(records: readonly LogRecord[]): Answer {
    const poison = records.find(record => this.isPoison(uidOf(record)));
    for (const record of records) if (this.isPoison(uidOf(record))) this.faulted.add(uidOf(record));
    const { status, text } = REFUSALS[hash(poison === undefined ? '' : uidOf(poison)) % REFUSALS.length] as Refusal;
    return answerOf(status, text);
  }

  /** Undefined when the trouble passes this attempt by. */
  #suffer(
    trouble: Trouble,
    records: readonly LogRecord[],
    timeoutMs: number,
    protocol: Configuration['protocol'],
  ): Reception | undefined {
    if ('share' in trouble && !this.#dice.chance(trouble.share)) return undefined;
    switch (trouble.kind) {
      case 'gone':
        return { stores: 0, said: { failure: 'connect ECONNREFUSED', unknown: false } };
      case 'tls':
        return { stores: 0, said: { failure: 'self-signed certificate', misconfigured: true } };
      case 'misconfigured':
        return { stores: 0, said: answerOf(trouble.status, trouble.text) };
      case 'lost':
        return { said: NO_ANSWER };
      case 'worthless': {
        if (trouble.how === 'cut') {
          const stores = this.#dice.chance(0.5) ? records.length : 0;
          return { stores, said: { ...success(protocol), complete: false } };
        }
        // Nobody can read whether it says that some was rejected.
        if (trouble.how === 'oversized') {
          const stores = this.#dice.integer(0, records.length);
          return { stores, said: { ...success(protocol), oversized: true } };
        }
        if (trouble.how === 'early') return { stores: 0, said: { ...success(protocol), early: true } };
        return { stores: 0, said: answerOf(200, '<html>sign in</html>') };
      }
      case 'slow': {
        const delayMs = timeoutMs * this.#dice.next() * 3;
        // A machine that slept may hear it all the same.
        if (!trouble.stores && delayMs > timeoutMs) return { stores: 0, said: NO_ANSWER, delayMs };
        return { said: success(protocol), delayMs };
      }
      case 'status': {
        const { status, retryAfterS } = trouble;
        const stores = status !== 429 && status !== 503 && this.#dice.chance(0.5) ? records.length : 0;
        return { stores, said: answerOf(status, 'try again', retryAfterS) };
      }
      case 'partial': {
        if (records.every(isProbe)) return undefined;
        const rejected = this.#dice.integer(1, records.length);
        const ofInventory = records.filter(({ resource }) => resource['service.name'] === 'openai-inventory');
        for (const record of ofInventory) this.#takenInPart.add(uidOf(record));
        return { stores: records.length - rejected, said: partialAnswer(protocol, rejected, 'some were bad') };
      }
      case 'stubborn': {
        const isStubborn = (record: LogRecord) => !isProbe(record) && hash(`${uidOf(record)}!`) % trouble.oneOf === 0;
        for (const record of records.filter(isStubborn)) this.faulted.add(uidOf(record));
        return records.some(isStubborn) ? { stores: 0, said: answerOf(trouble.status, 'try again') } : undefined;
      }
      case 'too_large': {
        if (records.length <= trouble.records) return undefined;
        return { stores: 0, said: answerOf(trouble.status, 'too large') };
      }
      case 'too_old': {
        const oldest = this.#nowS() - trouble.olderThanS;
        if (!records.some(record => record.timestamp < oldest)) return undefined;
        this.#calledOldS = Math.max(this.#calledOldS, ...records.map(({ timestamp }) => timestamp));
        return { stores: 0, said: answerOf(trouble.status, trouble.text) };
      }
    }
  }

  /** What refuses everything comes first: no other trouble lets something through that it refuses. */
  #active(): readonly Trouble[] {
    if (this.calm) return [];
    const active = [...this.#troubles].filter(([, untilMs]) => untilMs > this.#scheduler.nowMs);
    const isFirst = ({ kind }: Trouble) => Number(kind === 'misconfigured');
    return active.map(([trouble]) => trouble).sort((a, b) => isFirst(b) - isFirst(a));
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
    this.stored.set(uid, { record, way, atMs, copies: 1, toldTo: undefined });
    this.onStored?.(record);
  }

  #judgeOrder(way: string, record: LogRecord): void {
    const newest = this.#newest.get(way) ?? Number.NEGATIVE_INFINITY;
    // Where the backend refuses old records, the newest of a batch is sent before the others; and what waits for it to
    // take the others is tried again hourly.
    const isOfEvents = record.resource['service.name'] === 'openai-audit';
    const mostS = this.refusesOld && !isOfEvents ? Number.POSITIVE_INFINITY : HOUR_S;
    const mayStepBackS = way.endsWith('/live') || this.refusesOld ? mostS : 0;
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

/** Whether the backend says that it has all, or that it has some and wants nothing again. */
function isAcknowledgement(said: Reception['said']): boolean {
  if (!('status' in said) || said.status !== 200 || said.contentType === 'text/html') return false;
  return said.complete && !said.early && !said.oversized;
}

function timedOut(timeoutMs: number): Outcome {
  return { kind: 'retryable', message: `no answer within ${timeoutMs / 1000} s`, unknown: true, timedOut: true };
}

/** What is equal even when it was observed anew. */
function textOfEvent({ timestamp, eventName, body }: LogRecord): string {
  return JSON.stringify({ timestamp, eventName, body });
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
