import type { Fault } from '../../../src/emulator/fault.ts';

/** Two readings of everything, a day apart, and what goes wrong in one of them. */
export interface History {
  readonly seed: string;
  /** Whether it goes wrong in the first reading, or in the one after a day on which much changed. */
  readonly during: 'first' | 'later';
  readonly fault?: FaultAt;
  /** The process dies at its effect of this number, counted from 1, and starts again. */
  readonly killAt?: number;
}

/** Befalls the request of this number, counted from 1, and the next ones for the same list. */
export interface FaultAt {
  readonly at: number;
  readonly what: Fault;
  readonly times: number;
}
