import type { RateEstimate } from './rate-estimate.ts';
import { CONFIRMED, grain, isNear, SOON_MS, settled, trialWaitMs, whole } from './rate-step.ts';

const MINUTE_MS = 60_000;
/** A refusal before anything was answered says little: the real API was seen to allow 7 to 10. */
const FIRST_GUESS = 8;
/** Gives two tails a poll a minute each, of the half that is theirs. Less is believed only after repeated refusals. */
const FLOOR = 4;
const LEAST = 0.5;
/** Levels of refusals that differ by less are one: a minute of ours may lie across two of the API's. */
const SAME_LEVEL = 1.5;
/** Until the minute of a refusal is over, further ones may have the same reason. */
const AFTERMATH_MS = 60_000;

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

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
