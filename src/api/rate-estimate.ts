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
/** A refusal before anything was answered says little: the real API was seen to allow 7 to 10. */
const FIRST_GUESS = 8;
/** Gives two tails a poll a minute each, of the half that is theirs. Less is believed only after repeated refusals. */
const FLOOR = 4;
const LEAST = 0.5;
const SMALL_STEP = 0.05;
const SMALL_RATE = 4;
/** So many refusals at one level are a limit, and no whim of the API. */
const CONFIRMED = 3;
/** Levels of refusals that differ by less are one: a minute of ours may lie across two of the API's. */
const SAME_LEVEL = 1.5;
/** Growth with each answer that was waited for: from 8 a minute without bounds after some 25 answers, within 1 min. */
const GROWTH = 1.25;
/** A limit is forgotten when growth came to so much and was not refused in more than one of the API's minutes. */
const NO_LIMIT = 1_200;
const NO_LIMIT_MS = 75_000;
/** A trial proves something when in all this time about that many requests were answered, not only allowed. */
const TRIAL_MS = 2.5 * MINUTE_MS;
const TRIAL_REQUESTS = 5;
const MOST_TRIAL = 2;
const SOON_MS = 60_000;
/** Until the minute of a refusal is over, further ones may have the same reason. */
const AFTERMATH_MS = 60_000;
/** A trial at the ceiling that fails costs a refusal or two: at 10 a minute, one in 30 requests at first, one in 300 later. */
const FIRST_TRIAL_MS = 3 * 60_000;
const LAST_TRIAL_MS = 30 * 60_000;

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

function settled(rate: RateEstimate, sure: number): RateEstimate {
  return { ...rate, sure, trial: undefined, growing: false, passed: 0 };
}

/** The API refused a request after it had answered others; `succeeded` were answered in the minute before. */
export function refused(rate: RateEstimate, succeeded: number, nowMs: number): RateEstimate {
  const { sure, trial, growing } = rate;
  if (sure === undefined) return firstRefused(rate, succeeded, nowMs);
  if (trial !== undefined && growing) return growthRefused(rate, sure, clamp(succeeded, sure, trial), nowMs);
  const again = nowMs - rate.refusedAtMs < AFTERMATH_MS;
  const ceiling = again ? (rate.ceiling ?? sure) : (trial ?? sure);
  const lower = lowered(rate, sure, succeeded, again, nowMs);
  const near = isNear(lower, ceiling);
  const failures = near && !again ? rate.failures + 1 : rate.failures;
  const nextTrialAtMs = nowMs + (near ? trialWaitMs(failures) : SOON_MS);
  const refusedAtMs = again ? rate.refusedAtMs : nowMs;
  return { ...settled(rate, lower), ceiling, failures, nextTrialAtMs, refusedAtMs, atMost: undefined };
}

/** Our minute may lie across two of the API's, each with its own requests: half of what it allowed is certain. */
function growthRefused(rate: RateEstimate, sure: number, allowed: number, nowMs: number): RateEstimate {
  const certain = { ...settled(rate, whole(Math.max(sure, allowed / 2))), atMost: allowed };
  return { ...certain, nextTrialAtMs: nowMs + SOON_MS, refusedAtMs: nowMs };
}

/**
 * The first answer after a refusal: it shows where the API's minute begins, and so which `succeeded` were in the one
 * that ended with the refusal.
 */
export function resumed(rate: RateEstimate, succeeded: number, nowMs: number): RateEstimate {
  const { sure, atMost } = rate;
  if (sure === undefined || atMost === undefined) return rate;
  const allowed = whole(clamp(succeeded, sure, Math.max(sure, atMost)));
  const level = allowed + grain(allowed);
  const known = rate.ceiling ?? level;
  const sameLevel = level <= known * SAME_LEVEL && known <= level * SAME_LEVEL;
  const failures = sameLevel ? rate.failures + 1 : 1;
  const nextTrialAtMs = nowMs + trialWaitMs(failures);
  return { ...rate, sure: allowed, ceiling: level, failures, atMost: undefined, nextTrialAtMs };
}

/** Refusals without an answer between them have one reason: they say that it lasts, and nothing about the rate. */
export function refusedStill(rate: RateEstimate, nowMs: number): RateEstimate {
  return { ...rate, nextTrialAtMs: Math.max(rate.nextTrialAtMs, nowMs + SOON_MS) };
}

function firstRefused(rate: RateEstimate, succeeded: number, nowMs: number): RateEstimate {
  const sure = Math.max(succeeded, FIRST_GUESS);
  const failures = succeeded < FIRST_GUESS ? 0 : 1;
  return { ...rate, sure, ceiling: sure + grain(sure), failures, nextTrialAtMs: nowMs + SOON_MS, refusedAtMs: nowMs };
}

/** What the API allowed, within reason of what was known before. */
function lowered(rate: RateEstimate, sure: number, succeeded: number, again: boolean, nowMs: number): number {
  const least = rate.trial === undefined ? 0.5 : 0.9;
  const most = rate.trial ?? (again ? sure : sure - grain(sure));
  const allowed = whole(clamp(measured(rate, succeeded, nowMs), sure * least, most));
  const believed = sure < FLOOR || (sure === FLOOR && rate.failures >= CONFIRMED) ? LEAST : FLOOR;
  return Math.max(believed, allowed);
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
  if (failures < CONFIRMED) return SOON_MS;
  return Math.min(LAST_TRIAL_MS, FIRST_TRIAL_MS * 2 ** Math.min(failures - CONFIRMED, 10));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
