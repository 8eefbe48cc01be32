import { CONFIRMED, grain, settled, trialWaitMs, whole } from './rate-step.ts';

/** What is known of one route's silent limit, in requests a minute. */
export interface RateEstimate {
  /** Known to be allowed; undefined while no limit was met. */
  readonly sure: number | undefined;
  /** More than that, being tried. */
  readonly trial: number | undefined;
  /** Whether the trial grows with each answer: what was refused was not refused often enough to be believed. */
  readonly growing: boolean;
  /** Requests that were answered since `trialAtMs`. */
  readonly passed: number;
  readonly trialAtMs: number;
  /** The lowest rate that was refused and is not disproved. */
  readonly ceiling: number | undefined;
  /** Refusals in a row close to the ceiling: the first few confirm it, the others make the next trial rarer. */
  readonly failures: number;
  readonly nextTrialAtMs: number;
  readonly refusedAtMs: number;
  /** After growth was refused and until the next answer: what the minute before allowed at most. */
  readonly atMost: number | undefined;
  /** Time between requests before any limit was met. */
  readonly rampMs: number;
}

const MINUTE_MS = 60_000;

/** Starts with four requests a second. */
export const unknownRate: RateEstimate = {
  sure: undefined,
  trial: undefined,
  growing: false,
  passed: 0,
  trialAtMs: 0,
  ceiling: undefined,
  failures: 0,
  nextTrialAtMs: 0,
  refusedAtMs: Number.NEGATIVE_INFINITY,
  atMost: undefined,
  rampMs: 250,
};

const withoutLimit: RateEstimate = { ...unknownRate, rampMs: 0 };

/** Each answer shortens the first pace by so much: after 10 answers, 1 s of pauses in all, only the API sets the pace. */
const RAMP = 0.7;
const NO_RAMP_MS = 10;
/** Growth with each answer that was waited for: from 8 a minute without bounds after some 25 answers, within 1 min. */
const GROWTH = 1.25;
/** A limit is forgotten when growth came to so much and was not refused in more than one of the API's minutes. */
const NO_LIMIT = 1_200;
const NO_LIMIT_MS = 75_000;
/** A trial proves something when in all this time about that many requests were answered, not only allowed. */
const TRIAL_MS = 2.5 * MINUTE_MS;
const TRIAL_REQUESTS = 5;
const MOST_TRIAL = 2;

/** The estimate after a restart that still knew `sure` and how often more had failed. */
export function restoredRate(
  kept: { readonly sure: number; readonly ceiling: number | undefined; readonly failures: number },
  nowMs: number,
): RateEstimate {
  return { ...unknownRate, ...kept, nextTrialAtMs: nowMs + trialWaitMs(kept.failures) };
}

/** The rate at which requests go. */
export function rateInForce({ sure, trial }: RateEstimate): number | undefined {
  return trial ?? sure;
}

/** The API answered a request. `pressed`: more was wanted than the estimate gave. */
export function answered(rate: RateEstimate, pressed: boolean, nowMs: number): RateEstimate {
  const { sure, trial } = rate;
  if (sure === undefined) return { ...rate, rampMs: rate.rampMs < NO_RAMP_MS ? 0 : rate.rampMs * RAMP };
  if (trial !== undefined && !rate.growing) return trying(rate, sure, trial, nowMs);
  if (trial !== undefined && trial >= NO_LIMIT && nowMs >= rate.trialAtMs + NO_LIMIT_MS) return withoutLimit;
  if (!pressed || nowMs < rate.nextTrialAtMs) return rate;
  if (trial !== undefined) return grown(rate, sure, trial * GROWTH, nowMs);
  if (sure < growthTop(rate)) return grown({ ...rate, trialAtMs: nowMs }, sure, sure * GROWTH, nowMs);
  return { ...rate, trial: whole(sure + grain(sure)), growing: false, passed: 0, trialAtMs: nowMs };
}

/** Grows to what was refused repeatedly, or else until no limit is left. */
function grown(rate: RateEstimate, sure: number, trial: number, nowMs: number): RateEstimate {
  const top = growthTop(rate);
  if (trial < top) return { ...rate, trial: Math.min(trial, Math.max(NO_LIMIT, sure * MOST_TRIAL)), growing: true };
  return { ...settled(rate, top), nextTrialAtMs: nowMs + trialWaitMs(rate.failures) };
}

/** The highest rate that is not close to what was refused often enough. */
function growthTop({ ceiling, failures }: RateEstimate): number {
  if (ceiling === undefined || failures < CONFIRMED) return Number.POSITIVE_INFINITY;
  return whole(ceiling - grain(ceiling));
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

/** When what was refused before is allowed now, the limit rose: by how much growth will tell. */
function passedTrial(rate: RateEstimate, trial: number, nowMs: number): RateEstimate {
  if (rate.ceiling !== undefined && trial < rate.ceiling) {
    return { ...settled(rate, trial), nextTrialAtMs: nowMs + trialWaitMs(rate.failures) };
  }
  const failures = Math.min(rate.failures, CONFIRMED - 1);
  return { ...settled(rate, trial), ceiling: undefined, failures, nextTrialAtMs: nowMs };
}
