/** A way of losing, doubling or lying, planted into a copy of the sources by replacing text. */
export interface PlantedBug {
  readonly name: string;
  /** What it imitates: the promise, the fault or the habit of another collector. */
  readonly imitates: string;
  /** Below the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** Which test finds it, where it is not the simulation: a real disk or a real connection is needed. */
  readonly finder?: CrashFinder;
}

/** Power cuts, or answers that lie. */
export type CrashFinder = 'power' | 'answers';
