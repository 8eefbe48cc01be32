import { EVENT_TYPES } from '../processor/event-types.ts';
import { closest } from '../suggest.ts';
import { type Fault, isNot } from './format.ts';

const KNOWN = Object.keys(EVENT_TYPES);

/** Letters. A new type of the API may be near a documented one, but hardly as near as a slip of the hand. */
const SLIP = 2;

/**
 * A slip of the hand in a documented type's name: it would never match. Any other name is allowed, since the API gets
 * new types without notice.
 */
export function misspelt(type: string): readonly Fault[] {
  const meant = Object.hasOwn(EVENT_TYPES, type) ? undefined : closest(type, KNOWN, SLIP);
  return meant === undefined ? [] : isNot(type, `is not an event type; did you mean ${meant}?`).faults;
}

/** What to say of types that are not documented, in case they were meant to be. */
export function undocumented(key: string, types: readonly string[]): readonly string[] {
  return types
    .filter(type => !Object.hasOwn(EVENT_TYPES, type))
    .map(type => {
      const meant = closest(type, KNOWN);
      const advice = meant === undefined ? '' : `; the nearest is ${meant}`;
      return `${key}[${JSON.stringify(type)}]: no event type of this name is documented${advice}`;
    });
}
