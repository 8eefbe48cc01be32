/** What is known of one route's silent limit, in requests a minute. */
export interface RateEstimate {
  /** Known to be allowed; undefined while no limit was met. */
  readonly sure: number | undefined;
  /** More than that, being tried. */
  readonly trial: number | undefined;
  /** Requests of the trial that were answered while more were wanted. */
  readonly passed: number;
  /** The lowest rate that was refused and is not disproved. */
  readonly ceiling: number | undefined;
  /** By how much the next trial goes up when no ceiling is known. */
  readonly step: number;
  /** Refusals in a row close to the ceiling: each makes the next trial rarer. */
  readonly failures: number;
  readonly nextTrialAtMs: number;
  /** Time between requests before any limit was met. */
  readonly rampMs: number;
}

/** Starts with one request a second. */
export const unknownRate: RateEstimate = {
  sure: undefined,
  trial: undefined,
  passed: 0,
  ceiling: undefined,
  step: 0,
  failures: 0,
  nextTrialAtMs: 0,
  rampMs: 1_000,
};

/** Each answer shortens the first pace by so much: after some 30 answers, 5 s of pauses in all, only the API sets the pace. */
const RAMP = 0.8;
/** A refusal before anything was answered says little: the real API was seen to allow 7 to 10. */
const FIRST_GUESS = 5;
const LEAST = 0.5;
const FIRST_STEP = 0.25;
const SMALL_STEP = 0.05;
/** Below this part of the ceiling there is room to climb at once. */
const NEAR_CEILING = 0.94;
/** Minutes' worth of requests that a trial must pass. */
const TRIAL_MINUTES = 1.5;
const SOON_MS = 60_000;
/** A trial at the ceiling that fails costs a refusal or two: at 10 a minute, one in 50 requests at first, one in 300 later. */
const FIRST_TRIAL_MS = 5 * 60_000;
const LAST_TRIAL_MS = 30 * 60_000;

/** The estimate after a restart that still knew `sure` and how often more had failed. */
export function restoredRate(
  kept: { readonly sure: number; readonly ceiling: number | undefined; readonly failures: number },
  nowMs: number,
): RateEstimate {
  const nextTrialAtMs = nowMs + trialWaitMs(kept.failures);
  return { ...unknownRate, ...kept, step: kept.sure * SMALL_STEP, nextTrialAtMs };
}

/** The rate at which others than live go. */
export function rateInForce({ sure, trial }: RateEstimate): number | undefined {
  return trial ?? sure;
}

/** The API answered a request. `pressed`: more was wanted than the estimate gave. */
export function answered(rate: RateEstimate, pressed: boolean, nowMs: number): RateEstimate {
  if (rate.sure === undefined) return { ...rate, rampMs: rate.rampMs < 1 ? 0 : rate.rampMs * RAMP };
  if (!pressed) return rate;
  if (rate.trial !== undefined) return passing(rate, rate.trial, nowMs);
  return nowMs < rate.nextTrialAtMs ? rate : { ...rate, trial: target(rate, rate.sure), passed: 0 };
}

function passing(rate: RateEstimate, trial: number, nowMs: number): RateEstimate {
  const passed = rate.passed + 1;
  if (passed < trial * TRIAL_MINUTES) return { ...rate, passed };
  const higher = { ...rate, sure: trial, trial: undefined, passed: 0, step: rate.step * 2, nextTrialAtMs: nowMs };
  if (rate.ceiling === undefined || trial >= rate.ceiling) return { ...higher, ceiling: undefined };
  return { ...higher, nextTrialAtMs: nowMs + (isNear(trial, rate.ceiling) ? trialWaitMs(rate.failures) : 0) };
}

function target({ ceiling, step }: RateEstimate, sure: number): number {
  if (ceiling === undefined) return sure + Math.max(step, sure * SMALL_STEP);
  return isNear(sure, ceiling) ? sure * (1 + SMALL_STEP) : (sure + ceiling) / 2;
}

/** The API refused a request; `succeeded` were answered in the minute before. */
export function refused(rate: RateEstimate, succeeded: number, nowMs: number): RateEstimate {
  if (rate.sure === undefined) {
    const sure = Math.max(succeeded, FIRST_GUESS);
    return { ...rate, sure, step: sure * FIRST_STEP, nextTrialAtMs: nowMs + SOON_MS };
  }
  const ceiling = rate.trial ?? rate.sure;
  const [least, most] = rate.trial === undefined ? [0.5, 1 - SMALL_STEP] : [0.9, 1];
  const sure = Math.max(LEAST, clamp(succeeded, rate.sure * least, rate.sure * most));
  const near = isNear(sure, ceiling);
  const failures = near ? rate.failures + 1 : rate.failures;
  return {
    ...rate,
    sure,
    ceiling,
    trial: undefined,
    passed: 0,
    step: sure * SMALL_STEP,
    failures,
    nextTrialAtMs: nowMs + (near ? trialWaitMs(failures) : SOON_MS),
  };
}

function isNear(rate: number, ceiling: number): boolean {
  return rate >= ceiling * NEAR_CEILING;
}

function trialWaitMs(failures: number): number {
  return Math.min(LAST_TRIAL_MS, FIRST_TRIAL_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
