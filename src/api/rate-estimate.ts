/** What is known of one route's silent limit, in requests a minute. */
export interface RateEstimate {
  /** Known to be allowed; undefined while no limit was met. */
  readonly sure: number | undefined;
  /** More than that, being tried. */
  readonly trial: number | undefined;
  /** Requests that were answered since `trialAtMs`. */
  readonly passed: number;
  readonly trialAtMs: number;
  /** The lowest rate that was refused and is not disproved. */
  readonly ceiling: number | undefined;
  /** By how much the next trial goes up when no ceiling is known. */
  readonly step: number;
  /** Refusals in a row close to the ceiling: each makes the next trial rarer. */
  readonly failures: number;
  readonly nextTrialAtMs: number;
  readonly refusedAtMs: number;
  /** Time between requests before any limit was met. */
  readonly rampMs: number;
}

const MINUTE_MS = 60_000;

/** Starts with one request a second. */
export const unknownRate: RateEstimate = {
  sure: undefined,
  trial: undefined,
  passed: 0,
  trialAtMs: 0,
  ceiling: undefined,
  step: 0,
  failures: 0,
  nextTrialAtMs: 0,
  refusedAtMs: Number.NEGATIVE_INFINITY,
  rampMs: 1_000,
};

/** Each answer shortens the first pace by so much: after some 30 answers, 5 s of pauses in all, only the API sets the pace. */
const RAMP = 0.8;
/** A refusal before anything was answered says little: the real API was seen to allow 7 to 10. */
const FIRST_GUESS = 5;
const LEAST = 0.5;
const FIRST_STEP = 0.25;
const SMALL_STEP = 0.05;
const SMALL_RATE = 4;
/** A trial proves something when in all this time about that many requests were answered, not only allowed. */
const TRIAL_MS = 2.5 * MINUTE_MS;
const TRIAL_REQUESTS = 5;
const MOST_TRIAL = 2;
const SOON_MS = 60_000;
/** Until the minute of a refusal is over, further ones may have the same reason. */
const AFTERMATH_MS = 60_000;
/** A trial at the ceiling that fails costs a refusal or two: at 10 a minute, one in 50 requests at first, one in 300 later. */
const FIRST_TRIAL_MS = 10 * 60_000;
const LAST_TRIAL_MS = 30 * 60_000;

/** The estimate after a restart that still knew `sure` and how often more had failed. */
export function restoredRate(
  kept: { readonly sure: number; readonly ceiling: number | undefined; readonly failures: number },
  nowMs: number,
): RateEstimate {
  const nextTrialAtMs = nowMs + trialWaitMs(kept.failures);
  return { ...unknownRate, ...kept, step: grain(kept.sure), nextTrialAtMs };
}

/** The rate at which others than live go. */
export function rateInForce({ sure, trial }: RateEstimate): number | undefined {
  return trial ?? sure;
}

/** The API answered a request. `pressed`: more was wanted than the estimate gave. */
export function answered(rate: RateEstimate, pressed: boolean, nowMs: number): RateEstimate {
  if (rate.sure === undefined) return { ...rate, rampMs: rate.rampMs < 1 ? 0 : rate.rampMs * RAMP };
  if (rate.trial !== undefined) return trying(rate, rate.sure, rate.trial, nowMs);
  if (!pressed || nowMs < rate.nextTrialAtMs) return rate;
  return { ...rate, trial: target(rate, rate.sure), passed: 0, trialAtMs: nowMs };
}

function trying(rate: RateEstimate, sure: number, trial: number, nowMs: number): RateEstimate {
  const passed = rate.passed + 1;
  const triedMs = nowMs - rate.trialAtMs;
  if (triedMs < TRIAL_MS || passed < TRIAL_REQUESTS) return { ...rate, passed };
  const reached = (passed * MINUTE_MS) / triedMs;
  if (reached >= (sure + trial) / 2) return passedTrial(rate, trial, nowMs);
  // The tails' polls lie so that less was sent than was allowed: allow more, until it is sent or refused.
  const higher = whole(Math.min(trial + grain(trial), sure * MOST_TRIAL));
  return { ...rate, sure: Math.max(sure, whole(reached)), trial: higher, passed: 0, trialAtMs: nowMs };
}

function passedTrial(rate: RateEstimate, trial: number, nowMs: number): RateEstimate {
  const higher = { ...rate, sure: trial, trial: undefined, step: rate.step * 2, nextTrialAtMs: nowMs };
  if (rate.ceiling === undefined || trial >= rate.ceiling) return { ...higher, ceiling: undefined };
  return { ...higher, nextTrialAtMs: nowMs + (isNear(trial, rate.ceiling) ? trialWaitMs(rate.failures) : 0) };
}

function target({ ceiling, step }: RateEstimate, sure: number): number {
  if (ceiling === undefined) return whole(sure + Math.max(step, grain(sure)));
  return whole(isNear(sure, ceiling) ? sure + grain(sure) : (sure + ceiling) / 2);
}

/** The API refused a request; `succeeded` were answered in the minute before. */
export function refused(rate: RateEstimate, succeeded: number, nowMs: number): RateEstimate {
  if (rate.sure === undefined) {
    const sure = Math.max(succeeded, FIRST_GUESS);
    return { ...rate, sure, step: sure * FIRST_STEP, nextTrialAtMs: nowMs + SOON_MS, refusedAtMs: nowMs };
  }
  const again = nowMs - rate.refusedAtMs < AFTERMATH_MS;
  const ceiling = again ? (rate.ceiling ?? rate.sure) : (rate.trial ?? rate.sure);
  const least = rate.trial === undefined ? 0.5 : 0.9;
  const most = rate.trial ?? (again ? rate.sure : rate.sure - grain(rate.sure));
  const sure = Math.max(LEAST, whole(clamp(measured(rate, succeeded, nowMs), rate.sure * least, most)));
  const near = isNear(sure, ceiling);
  const failures = near && !again ? rate.failures + 1 : rate.failures;
  return {
    ...rate,
    sure,
    ceiling,
    trial: undefined,
    passed: 0,
    step: grain(sure),
    failures,
    nextTrialAtMs: nowMs + (near ? trialWaitMs(failures) : SOON_MS),
    refusedAtMs: nowMs,
  };
}

/** What the API allowed: in the trial when that ran for a while, else in the last minute. */
function measured({ trial, trialAtMs, passed }: RateEstimate, succeeded: number, nowMs: number): number {
  const triedMs = nowMs - trialAtMs;
  return trial === undefined || triedMs < MINUTE_MS ? succeeded : (passed * MINUTE_MS) / triedMs;
}

function isNear(rate: number, ceiling: number): boolean {
  return ceiling - rate <= 1.01 * grain(rate);
}

/** The smallest step that is worth a trial. */
function grain(rate: number): number {
  return rate < SMALL_RATE ? rate / 4 : Math.max(1, rate * SMALL_STEP);
}

/** Limits are whole numbers, and a window that is not a minute fits the tails' polls worse. */
function whole(rate: number): number {
  return rate < SMALL_RATE ? rate : Math.round(rate);
}

function trialWaitMs(failures: number): number {
  return Math.min(LAST_TRIAL_MS, FIRST_TRIAL_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
