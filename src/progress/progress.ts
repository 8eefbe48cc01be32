/** Where long work says how far it is, whoever looks. */
export interface Progress {
  /** `done`: what was done of it before anybody looked. */
  begin(work: Work, done?: number): Task;
}

/** Something that takes long. */
export interface Work {
  /**
   * `history`: a gap is filled. `inventory`: everything that exists is read. `verify`: a span is read again. `replay`:
   * parked records are sent again. `query`: what a query needs is read.
   */
  readonly kind: 'history' | 'inventory' | 'verify' | 'replay' | 'query';
  readonly organization: string;
  readonly stream?: string;
  /** What is counted; `seconds` are those of event time. */
  readonly unit: 'seconds' | 'requests' | 'records';
}

/** How far it is. */
export interface Reach {
  readonly done: number;
  /** Not less than `done`; may grow while more is found. */
  readonly total: number;
  /** The least time that the rest takes by the limits that were learned, in milliseconds; asked whenever somebody looks. */
  readonly leastMs?: () => number;
  /** More for the log. */
  readonly facts?: Readonly<Record<string, string | number | undefined>>;
}

export interface Task {
  /** So far it is now. */
  reached(reach: Reach): void;
  /** It is over, well or not. May be called again. */
  end(): void;
}

/** Where nobody looks. */
export const UNSEEN: Progress = { begin: () => ({ reached: () => undefined, end: () => undefined }) };
