import type { Interval } from '../coverage/intervals.ts';
import type { Session } from './connection.ts';
import { forgottenBefore, uncover } from './feed-state.ts';
import { takeExcluded } from './ledger.ts';
import { findName } from './names.ts';

/** Forgets excluded events of some types, uncovers their hours and returns these, ascending and merged. */
export function readmitTypes(session: Session, organization: number, types: readonly string[]): Interval[] {
  // What is open where ids are forgotten would be sent again.
  const floor = forgottenBefore(session, organization);
  const hours = types.flatMap(type => {
    const id = findName(session, 'event_type', type);
    return id === undefined ? [] : takeExcluded(session, organization, id, floor);
  });
  const merged = merge(hours);
  uncover(session, organization, merged);
  return merged;
}

function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of intervals.toSorted((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else merged.push({ from, to });
  }
  return merged;
}
