import type { LogRecord } from '../record.ts';
import { type BatchLimits, batches, halves, type Range } from './batches.ts';
import type { Delivery, Exporter, Outcome, Verdict } from './exporter.ts';
import { Lane, type LaneOptions, type Retryable } from './lane.ts';
import { probeFor } from './probe.ts';
import { Strikes } from './strikes.ts';

export interface DeliveryOptions extends LaneOptions {
  readonly limits: BatchLimits;
  /** Bytes of a request with one record. The sum over a batch must not be below its true size. */
  readonly sizeOf: (record: LogRecord) => number;
  readonly probe?: (record: LogRecord) => LogRecord;
}

/** 429, 500 and 503 are also what Loki says, for ever, to a batch that is too large for it. */
const PERHAPS_TOO_LARGE: readonly (number | undefined)[] = [429, 500, 503];
const FAILURES_BEFORE_HALVING = 3;
/** Half a batch that failed is under the same suspicion. */
const FAILURES_OF_A_HALF = 1;

/** Within an hour a stream may step back: what Loki grants by default. */
const STEP_BACK_SECONDS = 3_600;

/** One delivery at a time and backend lane. Never throws but for the signal; never logs: `onEvent` hears all. */
export function createDelivery(exporter: Exporter, options: DeliveryOptions): Delivery {
  const lane = new Lane(exporter, options);
  return {
    deliver: (records, signal) => new Run(lane, options, records, signal).deliver(),
  };
}

/** A part of the batch and what befell it so far. */
interface Part extends Range {
  readonly failures: number;
}

/** One batch on its way to its verdicts. */
class Run {
  readonly #lane: Lane;
  readonly #options: DeliveryOptions;
  readonly #records: readonly LogRecord[];
  readonly #signal: AbortSignal;
  readonly #verdicts: (Verdict | undefined)[];
  /** What is still to be sent, in order. */
  readonly #parts: Part[];
  /** The newest record that was refused as too old by itself, and what the backend said: all older ones are too. */
  #tooOld: { readonly timestamp: number; readonly message: string } | undefined;

  constructor(lane: Lane, options: DeliveryOptions, records: readonly LogRecord[], signal: AbortSignal) {
    this.#lane = lane;
    this.#options = options;
    this.#records = records;
    this.#signal = signal;
    this.#verdicts = records.map(() => undefined);
    this.#parts = batches(records.map(options.sizeOf), options.limits).map(range => ({ ...range, failures: 0 }));
  }

  async deliver(): Promise<readonly Verdict[]> {
    this.#signal.throwIfAborted();
    for (let part = this.#parts.shift(); part !== undefined; part = this.#parts.shift()) {
      if (!this.#isKnownTooOld(part)) await this.#settle(part);
    }
    return this.#verdicts.map(verdict => {
      if (verdict === undefined) throw new Error('a record was left without a verdict');
      return verdict;
    });
  }

  /** Sends one part until all of it has its verdict or is cut into smaller parts. */
  async #settle(part: Part): Promise<void> {
    const [first] = this.#recordsOf(part);
    if (first !== undefined && part.to - part.from === 1) return this.#settleAlone(part, first);
    for (let failures = part.failures; ; ) {
      const outcome = await this.#lane.attempt(this.#recordsOf(part), this.#signal);
      switch (outcome.kind) {
        case 'acknowledged':
        case 'partial':
          return this.#accept(part, outcome);
        case 'refused':
        case 'too_new':
          this.#lane.progress();
          return this.#halve(part, outcome.message, 0);
        case 'too_old':
          this.#lane.progress();
          return this.#halveByAge(part, outcome.message);
        case 'misconfigured':
          await this.#lane.hold(outcome.message, this.#signal);
          break;
        case 'retryable': {
          await this.#lane.backOff(outcome, part.to - part.from, this.#signal);
          if (outcome.timedOut && outcome.unknown) return this.#halve(part, outcome.message, failures);
          if (!PERHAPS_TOO_LARGE.includes(outcome.status)) break;
          failures += 1;
          if (failures >= FAILURES_BEFORE_HALVING) return this.#halve(part, outcome.message, FAILURES_OF_A_HALF);
        }
      }
    }
  }

  /** The same for a single record. Only what a probe speaks for is held against it. */
  async #settleAlone(part: Part, record: LogRecord): Promise<void> {
    const strikes = new Strikes();
    let isVouchedFor = false;
    for (;;) {
      const outcome = await this.#lane.attempt([record], this.#signal);
      switch (outcome.kind) {
        case 'acknowledged':
        case 'partial':
          return this.#accept(part, outcome);
        case 'too_old':
        case 'too_new':
          return this.#setAside(part, outcome);
        case 'refused': {
          // What was refused before a probe passed may have been refused by a way that was repaired in between.
          if (isVouchedFor) return this.#park(part, 'refused', outcome.message);
          const probe = await this.#probe(record);
          isVouchedFor = probe.kind === 'acknowledged';
          if (isVouchedFor) break;
          if (isUntimely(probe)) return this.#setAside(part, probe);
          strikes.forget();
          await this.#lane.hold(`${outcome.message} (a probe is refused too)`, this.#signal);
          break;
        }
        case 'misconfigured':
          isVouchedFor = false;
          strikes.forget();
          await this.#lane.hold(outcome.message, this.#signal);
          break;
        case 'retryable': {
          await this.#lane.backOff(outcome, 1, this.#signal, strikes.waitMs);
          if (!PERHAPS_TOO_LARGE.includes(outcome.status)) {
            strikes.forget();
            break;
          }
          const probe = await this.#lane.attempt([this.#probeOf(record)], this.#signal);
          if (isUntimely(probe)) return this.#setAside(part, probe);
          if (probe.kind !== 'acknowledged') strikes.forget();
          else if (strikes.add()) return this.#park(part, 'undeliverable', outcome.message);
          if (probe.kind === 'retryable') await this.#lane.backOff(probe, 1, this.#signal);
        }
      }
    }
  }

  /** A probe's answer, once there is one that decides. */
  async #probe(record: LogRecord): Promise<Exclude<Outcome, Retryable>> {
    for (;;) {
      const outcome = await this.#lane.attempt([this.#probeOf(record)], this.#signal);
      if (outcome.kind !== 'retryable') return outcome;
      await this.#lane.backOff(outcome, 1, this.#signal);
    }
  }

  #accept(
    part: Part,
    outcome: Extract<Outcome, { kind: 'acknowledged' | 'partial' }> & { readonly tookMs: number },
  ): void {
    const records = part.to - part.from;
    if (outcome.kind === 'partial') {
      const said = outcome.message === '' ? '' : `: ${outcome.message}`;
      this.#park(part, 'partial_success', `unknown: ${outcome.rejected} of ${records}${said}`, false);
      return;
    }
    this.#lane.progress();
    const atMs = this.#options.clock.monotonicMs();
    this.#options.onEvent({ kind: 'acknowledged', records, tookMs: outcome.tookMs, atMs });
    this.#decide(part, { fate: 'acknowledged' });
  }

  #park(part: Part, reason: string, message: string, certain = true): void {
    this.#lane.progress();
    this.#options.onEvent({ kind: 'parked', reason, message, records: part.to - part.from });
    this.#decide(part, { fate: 'parked', reason, message, certain });
  }

  #setAside(part: Part, { kind, message }: Untimely): void {
    this.#lane.progress();
    const newest = Math.max(...this.#recordsOf(part).map(record => record.timestamp));
    const isNewestOfThese = this.#tooOld === undefined || newest > this.#tooOld.timestamp;
    if (kind === 'too_old' && isNewestOfThese) this.#tooOld = { timestamp: newest, message };
    this.#options.onEvent({ kind: 'aside', message, records: part.to - part.from });
    this.#decide(part, { fate: 'aside', message });
  }

  #isKnownTooOld(part: Part): boolean {
    const known = this.#tooOld;
    if (known === undefined || this.#recordsOf(part).some(record => record.timestamp > known.timestamp)) return false;
    this.#setAside(part, { kind: 'too_old', message: known.message });
    return true;
  }

  #halve(part: Part, message: string, failures: number): void {
    this.#options.onEvent({ kind: 'halved', message, records: part.to - part.from });
    this.#parts.unshift(...halves(part).map(half => ({ ...half, failures })));
  }

  /**
   * When the newest record of a part is too old by itself, all are, at the price of one request. It is sent first only
   * where no stream is hurt by that: the records lie close together. Otherwise by halves, the order kept.
   */
  #halveByAge(part: Part, message: string): void {
    const times = this.#recordsOf(part).map(record => record.timestamp);
    if (!isCloseAscending(times)) {
      this.#halve(part, message, 0);
      return;
    }
    this.#options.onEvent({ kind: 'halved', message, records: part.to - part.from });
    const newest = { from: part.to - 1, to: part.to };
    const others = halves({ from: part.from, to: newest.from }).filter(half => half.to > half.from);
    this.#parts.unshift(...[newest, ...others].map(range => ({ ...range, failures: 0 })));
  }

  #decide(part: Part, verdict: Verdict): void {
    this.#verdicts.fill(verdict, part.from, part.to);
  }

  #recordsOf(part: Part): readonly LogRecord[] {
    return this.#records.slice(part.from, part.to);
  }

  #probeOf(record: LogRecord): LogRecord {
    return (this.#options.probe ?? probeFor)(record);
  }
}

type Untimely = Extract<Outcome, { kind: 'too_old' | 'too_new' }>;

function isUntimely(outcome: Outcome): outcome is Untimely {
  return outcome.kind === 'too_old' || outcome.kind === 'too_new';
}

function isCloseAscending(times: readonly number[]): boolean {
  const isAscending = times.every((time, index) => time >= (times[index - 1] ?? time));
  return isAscending && (times.at(-1) ?? 0) - (times[0] ?? 0) < STEP_BACK_SECONDS;
}
