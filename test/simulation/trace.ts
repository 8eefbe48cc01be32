import { createHash } from 'node:crypto';
import type { Scheduler } from './scheduler.ts';

/** A promise of the collector that a history showed broken. */
export interface Violation {
  readonly judge: string;
  readonly message: string;
  readonly atMs: number;
}

/** What happened, as a hash by which two runs are compared, and what was wrong with it. */
export class Trace {
  readonly violations: Violation[] = [];
  readonly #hash = createHash('sha256');
  readonly #scheduler: Scheduler;
  readonly #write: ((line: string) => void) | undefined;

  constructor(scheduler: Scheduler, write?: (line: string) => void) {
    this.#scheduler = scheduler;
    this.#write = write;
  }

  note(what: string): void {
    const line = `${(this.#scheduler.nowMs / 1000).toFixed(3)} ${what}`;
    this.#hash.update(`${line}\n`);
    this.#write?.(line);
  }

  /** Only the first ones of a judge are of interest. */
  violation(judge: string, message: string): void {
    if (this.violations.filter(known => known.judge === judge).length >= 3) return;
    this.violations.push({ judge, message, atMs: this.#scheduler.nowMs });
    this.#write?.(`VIOLATION ${judge}: ${message}`);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
