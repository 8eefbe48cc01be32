import type { RateEstimate } from './rate-estimate.ts';

/** So many refusals at one level are a limit, and no whim of the API. */
export const CONFIRMED = 3;
/** After a refusal that may have been a whim, so long nothing is tried: the API's minute has to be over. */
export const SOON_MS = 60_000;
/** A trial at the ceiling that fails costs a refusal or two: at 10 a minute, one in 30 requests at first, one in 300 later. */
const FIRST_TRIAL_MS = 3 * 60_000;
const LAST_TRIAL_MS = 30 * 60_000;
const SMALL_STEP = 0.05;
const SMALL_RATE = 4;

/** The estimate with this rate as the sure one, and nothing being tried. */
export function settled(rate: RateEstimate, sure: number): RateEstimate {
  return { ...rate, sure, trial: undefined, growing: false, passed: 0 };
}

/** Whether only a trial of its own can tell the two apart. */
export function isNear(rate: number, ceiling: number): boolean {
  return ceiling - rate <= 1.01 * grain(rate);
}

/** The smallest step that is worth a trial. */
export function grain(rate: number): number {
  return rate < SMALL_RATE ? rate / 4 : Math.max(1, rate * SMALL_STEP);
}

/** Limits are whole numbers, and a window that is not a minute fits the tails' polls worse. */
export function whole(rate: number): number {
  return rate < SMALL_RATE ? rate : Math.round(rate);
}

/** How long to leave a level alone that was refused so often. */
export function trialWaitMs(failures: number): number {
  if (failures < CONFIRMED) return SOON_MS;
  return Math.min(LAST_TRIAL_MS, FIRST_TRIAL_MS * 2 ** Math.min(failures - CONFIRMED, 10));
}
