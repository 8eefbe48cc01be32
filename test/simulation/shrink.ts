import type { History } from './history.ts';
import { simulate } from './simulation.ts';
import type { Violation } from './trace.ts';

/** Leaves out, one after another, what happens in a history, as long as one of the same judges still complains. */
export async function shrink(history: History, violations: readonly Violation[]): Promise<History> {
  const judges = new Set(violations.map(({ judge }) => judge));
  let shortest = history;
  for (const happening of history.happenings) {
    const shorter = { ...shortest, happenings: shortest.happenings.filter(other => other !== happening) };
    const result = await simulate(shorter);
    if (result.violations.some(({ judge }) => judges.has(judge))) shortest = shorter;
  }
  return shortest;
}
