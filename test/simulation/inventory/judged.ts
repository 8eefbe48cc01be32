import type { FaultAt, History } from './history.ts';
import { playReadings, type Result } from './two-readings.ts';

export const SEED = '1';

/** The history without anything that goes wrong, by which the others are judged; it must be right itself. */
export async function playCalm(during: History['during']): Promise<Result> {
  const calm = await playReadings({ seed: SEED, during });
  if (calm.violations.length > 0) throw new Error(JSON.stringify(calm.violations));
  return calm;
}

/** What was wrong in histories in which one thing goes wrong, at one place after the other; a text each. */
export async function playEach(
  during: History['during'],
  calm: Result,
  places: readonly number[],
  fault?: Pick<FaultAt, 'what' | 'times'>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const at of places) {
    const history = { seed: SEED, during, ...(fault === undefined ? { killAt: at } : { fault: { at, ...fault } }) };
    const { violations } = await playReadings(history, calm);
    const [first] = violations;
    if (first !== undefined) wrong.push(`${first.judge}: ${first.message}; ${replay(history)}`);
  }
  return wrong;
}

/** So many places, each `step` after the one before. */
export function places(count: number, step: number, from = 1): readonly number[] {
  return Array.from({ length: Math.max(0, Math.ceil((count - from + 1) / step)) }, (_, i) => from + i * step);
}

function replay(history: History): string {
  return `npm run simulate:inventory -- '${JSON.stringify(history)}'`;
}
